// SPDX-License-Identifier: Apache-2.0
import type { Device } from "../api/client";
import type { SettingKind } from "../api/settings";
import { Icon } from "../components/icon";
import { SettingsTable } from "../components/settings-table";

function Settings({
  kind,
  title,
  noun,
  device,
}: Record<"title" | "noun" | "device", string> & { kind: SettingKind }) {
  return (
    <section className="card" aria-labelledby={`device-${kind}`}>
      <SettingsTable
        place={{ kind, device }}
        head={(add) => (
          <div className="card-head">
            <h2 id={`device-${kind}`}>{title}</h2>
            {add && (
              <button type="button" className="button" onClick={add}>
                <Icon name="plus" /> Add a {noun}
              </button>
            )}
          </div>
        )}
      />
    </section>
  );
}

/** What only this device can read. */
export function DeviceSettings({ device }: { device: Device }) {
  return (
    <div className="columns">
      <Settings kind="configs" title="Configs of this device" noun="config" device={device.sid} />
      <Settings kind="secrets" title="Secrets of this device" noun="secret" device={device.sid} />
    </div>
  );
}
