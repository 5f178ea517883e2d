// SPDX-License-Identifier: Apache-2.0
// The searchable popup menu of application bundles.
import {
  Combobox,
  ComboboxItem,
  ComboboxLabel,
  ComboboxPopover,
  ComboboxProvider,
  useComboboxStore,
} from "@ariakit/react";
import { useDeferredValue, useMemo } from "react";
import type { App } from "../api/client";
import { Ago, nameOf } from "./values";

const MOST_SHOWN = 100;

interface AppChoiceProps {
  apps: App[];
  chosen: App | null;
  onChoose: (app: App | null) => void;
}

export function AppChoice({ apps, chosen, onChoose }: AppChoiceProps) {
  const store = useComboboxStore({
    defaultValue: chosen ? nameOf(chosen) : "",
    setValue: (value) => {
      // Words typed over a choice take it back.
      onChoose(apps.find((app) => nameOf(app) === value || app.sid === value) ?? null);
    },
  });
  const words = useDeferredValue(store.useState("value")).trim().toLowerCase();
  const matches = useMemo(() => {
    const exact = apps.some((app) => nameOf(app).toLowerCase() === words);
    return exact
      ? apps
      : apps.filter((app) => app.sid.includes(words) || nameOf(app).toLowerCase().includes(words));
  }, [apps, words]);
  return (
    <ComboboxProvider store={store}>
      <div className="field">
        <ComboboxLabel>Application Bundle</ComboboxLabel>
        <Combobox className="input" placeholder="Search by unique name or SID" showOnClick autoSelect />
        <ComboboxPopover
          className="popover"
          sameWidth
          gutter={4}
          portal={false}
          aria-label="Application Bundles"
        >
          {matches.slice(0, MOST_SHOWN).map((app) => (
            <ComboboxItem
              key={app.sid}
              value={nameOf(app)}
              className="popover-item"
              onClick={() => onChoose(app)}
            >
              <span>{nameOf(app)}</span>
              <span className="popover-detail">
                {nameOf(app) !== app.sid && <span className="mono">{app.sid}</span>}{" "}
                <Ago date={app.date_created} />
              </span>
            </ComboboxItem>
          ))}
          {matches.length === 0 && <div className="popover-none">No application bundle has these words</div>}
          {matches.length > MOST_SHOWN && (
            <div className="popover-none">Type to narrow {matches.length} down</div>
          )}
        </ComboboxPopover>
      </div>
    </ComboboxProvider>
  );
}
