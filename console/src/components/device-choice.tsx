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
import { useDeferredValue } from "react";
import type { Device } from "../api/client";
import { useDevices } from "../api/queries";
import { nameOf } from "./values";

const MOST_SHOWN = 50;
const SID = /^UV[0-9a-f]{32}$/;

interface DeviceChoiceProps {
  /** What stands in the field at first. */
  initial: string;
  /** A SID, or "" when the field was emptied. */
  onChoose: (sid: string) => void;
}

export function DeviceChoice({ initial, onChoose }: DeviceChoiceProps) {
  const store = useComboboxStore({
    defaultValue: initial,
    setValue: (value) => {
      const words = value.trim();
      if (words === "" || SID.test(words)) onChoose(words);
    },
  });
  const typed = useDeferredValue(store.useState("value")).trim();
  const prefix = typed === initial || SID.test(typed) ? "" : typed;
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
                {device.unique_name !== null && <span className="popover-detail mono">{device.sid}</span>}
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
