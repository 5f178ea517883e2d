// SPDX-License-Identifier: Apache-2.0
// The searchable popup menu of devices: the cloud looks for what unique names begin with, since there may be very many.
import {
  Combobox,
  ComboboxItem,
  ComboboxLabel,
  ComboboxPopover,
  ComboboxProvider,
  useComboboxStore,
} from "@ariakit/react";
import { useDeferredValue, useEffect } from "react";
import type { Device } from "../api/client";
import { useDevices } from "../api/queries";
import { nameOf } from "./values";

const MOST_SHOWN = 50;
const SID = /^UV[0-9a-f]{32}$/;

interface DeviceChoiceProps {
  /** The device that is chosen; "": none. */
  sid: string;
  /** Its name, once it is known. */
  name: string;
  /** A SID, or "" when the field was emptied. */
  onChoose: (sid: string) => void;
}

export function DeviceChoice({ sid, name, onChoose }: DeviceChoiceProps) {
  const store = useComboboxStore({
    defaultValue: name,
    setValue: (value) => {
      const words = value.trim();
      if (words === "" || SID.test(words)) onChoose(words);
    },
  });
  // Chosen elsewhere, by a link or the back button.
  useEffect(() => store.setValue(name), [store, sid, name]);
  const typed = useDeferredValue(store.useState("value")).trim();
  const prefix = typed === name || SID.test(typed) ? "" : typed;
  const found = useDevices({ PageSize: MOST_SHOWN, ...(prefix === "" ? {} : { Name: prefix }) });
  const devices: Device[] = found.data?.devices ?? [];
  return (
    <ComboboxProvider store={store}>
      <div className="choice device-choice">
        <ComboboxLabel>Device</ComboboxLabel>
        <div>
          <Combobox className="input" placeholder="All: unique name or SID" showOnClick />
          <ComboboxPopover className="popover" sameWidth gutter={4} portal={false} aria-label="Devices">
            {devices.map((device) => (
              <ComboboxItem
                key={device.sid}
                value={nameOf(device)}
                className="popover-item"
                onClick={() => onChoose(device.sid)}
              >
                <span>{nameOf(device)}</span>
                {nameOf(device) !== device.sid && <span className="popover-detail mono">{device.sid}</span>}
              </ComboboxItem>
            ))}
            {found.isSuccess && devices.length === 0 && (
              <div className="popover-none">No unique name begins so; a whole SID works too</div>
            )}
            {found.data?.meta.next_page_url && <div className="popover-none">Type to narrow them down</div>}
          </ComboboxPopover>
        </div>
      </div>
    </ComboboxProvider>
  );
}
