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
import { type KeyboardEvent, useDeferredValue, useMemo, useRef } from "react";
import type { App } from "../api/client";
import { Ago, nameOf } from "./values";

const MOST_SHOWN = 100;

interface AppChoiceProps {
  apps: App[];
  chosen: App | null;
  onChoose: (app: App | null) => void;
}

/** What the words mean, best first. A whole name, typed or chosen before: it, then all others to choose from. */
function matching(apps: App[], typed: string): App[] {
  const words = typed.toLowerCase();
  const exact = apps
    .filter((app) => nameOf(app).toLowerCase() === words)
    .sort((a, b) => Number(nameOf(b) === typed) - Number(nameOf(a) === typed));
  if (exact.length > 0) return [...exact, ...apps.filter((app) => !exact.includes(app))];
  return apps.filter((app) => app.sid.includes(words) || nameOf(app).toLowerCase().includes(words));
}

/** Keys that choose among the options. */
const MOVING = ["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp"];

export function AppChoice({ apps, chosen, onChoose }: AppChoiceProps) {
  const moved = useRef(false);
  const store = useComboboxStore({
    defaultValue: chosen ? nameOf(chosen) : "",
    setValue: (value) => {
      moved.current = false;
      // Words typed over a choice take it back.
      onChoose(apps.find((app) => nameOf(app) === value || app.sid === value) ?? null);
    },
  });
  const typed = useDeferredValue(store.useState("value")).trim();
  const matches = useMemo(() => matching(apps, typed), [apps, typed]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (MOVING.includes(event.key)) moved.current = true;
    const { open, value } = store.getState();
    if (event.key !== "Enter" || !open || moved.current || value.trim() === "") return;
    // The list is drawn a moment after the typing: its first option may still be one from before.
    event.preventDefault();
    const first = matching(apps, value.trim())[0];
    if (first === undefined) return;
    store.setValue(nameOf(first));
    onChoose(first);
    store.hide();
  };
  return (
    <ComboboxProvider store={store}>
      <div className="field">
        <ComboboxLabel>Application Bundle</ComboboxLabel>
        <Combobox
          className="input"
          placeholder="Search by unique name or SID"
          showOnClick
          autoSelect
          onKeyDownCapture={onKeyDown}
        />
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
          {matches.length === 0 && (
            <div className="popover-none">
              {apps.length === 0
                ? "There is no application bundle yet: upload one first"
                : "No application bundle matches"}
            </div>
          )}
          {matches.length > MOST_SHOWN && (
            <div className="popover-none">Type to narrow {matches.length} down</div>
          )}
        </ComboboxPopover>
      </div>
    </ComboboxProvider>
  );
}
