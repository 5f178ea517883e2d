// SPDX-License-Identifier: Apache-2.0
// The steps of an update, as the product text tells them, and where the device says it is.
import type { Device } from "../api/client";
import { bytesText } from "./values";

type DeviceApp = Device["app"];
type State = NonNullable<DeviceApp["update_state"]>;

const STEPS: { name: string; states: State[] }[] = [
  { name: "Told", states: ["idle"] },
  { name: "Manifest", states: ["fetching-manifest", "checking-manifest"] },
  { name: "Download", states: ["fetching-layers"] },
  { name: "Staged", states: ["staged", "verifying-staged"] },
  { name: "Install", states: ["applying"] },
  { name: "Start", states: ["starting", "confirming"] },
  { name: "Confirmed", states: ["confirmed"] },
];

function stepOf(app: DeviceApp): number {
  if (app.update_status === "up-to-date") return STEPS.length - 1;
  return Math.max(
    0,
    STEPS.findIndex(({ states }) => app.update_state !== null && states.includes(app.update_state)),
  );
}

export function UpdateProgress({ app }: { app: DeviceApp }) {
  const here = stepOf(app);
  const failed = app.update_status === "error";
  const over = app.update_status === "up-to-date";
  return (
    <div className="progress">
      <ol className="steps" data-failed={failed}>
        {STEPS.map(({ name }, index) => (
          <li
            key={name}
            className={index < here || over ? "done" : index === here && !failed ? "here" : ""}
            aria-current={index === here && !over && !failed ? "step" : undefined}
          >
            {name}
          </li>
        ))}
      </ol>
      {app.update_status === "pending" && app.bytes_total > 0 && (
        <div className="sending">
          <progress value={app.bytes_staged} max={app.bytes_total} aria-label="Downloaded" />
          <span>
            {bytesText(app.bytes_staged)} of {bytesText(app.bytes_total)}
          </span>
        </div>
      )}
      {app.update_status === "pending" && (
        <p className="quiet-text" role="status">
          {app.update_state === null
            ? "The device has not said anything about this update yet."
            : `The device says: ${app.update_state.replaceAll("-", " ")}.`}
        </p>
      )}
    </div>
  );
}
