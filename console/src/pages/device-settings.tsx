// SPDX-License-Identifier: Apache-2.0
import type { Device } from "../api/client";
import { SettingsTable } from "../components/settings-table";

/** What only this device can read. */
export function DeviceSettings({ device }: { device: Device }) {
  return (
    <div className="columns">
      <section className="card" aria-labelledby="device-configs">
        <h2 id="device-configs">Configs of this device</h2>
        <SettingsTable place={{ kind: "configs", device: device.sid }} />
      </section>
      <section className="card" aria-labelledby="device-secrets">
        <h2 id="device-secrets">Secrets of this device</h2>
        <SettingsTable place={{ kind: "secrets", device: device.sid }} />
      </section>
    </div>
  );
}
