// SPDX-License-Identifier: Apache-2.0
// The log of one device, and whether it sends one at all.
import type { Device } from "../api/client";
import { Empty } from "../components/feedback";
import { Icon } from "../components/icon";
import { LogView } from "../components/log-view";
import { useMay } from "../components/session";
import { useToast } from "../components/toast";
import { Ago } from "../components/values";
import { useDeviceChange } from "./device-change";

function LoggingSwitch({ device }: { device: Device }) {
  const change = useDeviceChange(device);
  const toast = useToast();
  const { enabled } = device.logging;
  const set = () =>
    change.mutate(
      { LoggingEnabled: !enabled },
      { onSuccess: () => toast(enabled ? "Logging is off" : "Logging is on for 24 hours") },
    );
  return (
    <button type="button" className="button" disabled={change.isPending} onClick={set} aria-pressed={enabled}>
      <Icon name="log" /> {enabled ? "Stop logging" : "Start logging"}
    </button>
  );
}

export function DeviceLog({ device }: { device: Device }) {
  const mayChange = useMay("deploy");
  const { enabled, date_expires } = device.logging;
  return (
    <section className="card" aria-labelledby="device-log">
      <div className="card-head">
        <h2 id="device-log">Application log</h2>
        <span className="actions">
          <span className="quiet-text">
            {enabled ? (
              <>
                Logging is on, ends <Ago date={date_expires} />
              </>
            ) : (
              "Logging is off"
            )}
          </span>
          {mayChange && <LoggingSwitch device={device} />}
        </span>
      </div>
      <LogView
        sid={device.sid}
        nothing={
          <Empty title="No line yet">
            <p>
              {enabled
                ? "The device sends its log with its next request."
                : "A device sends its log only while logging is on."}
            </p>
          </Empty>
        }
      />
    </section>
  );
}
