// SPDX-License-Identifier: Apache-2.0
// The steps of an update, as the product text tells them, and where the device says it is; or where it failed.
import type { Device } from "../api/client";
import { failureWords } from "../api/errors";
import { bytesText } from "./values";

type DeviceApp = Device["app"];
type State = NonNullable<DeviceApp["update_state"]>;

interface Step {
  name: string;
  states: State[];
  /** What the device was doing when it failed there; docs/spec/errors.md "Operations". */
  operations: string[];
}

const STEPS: Step[] = [
  { name: "Told", states: ["idle"], operations: ["FetchDesired"] },
  {
    name: "Manifest",
    states: ["fetching-manifest", "checking-manifest"],
    operations: ["FetchManifest", "CheckManifest"],
  },
  { name: "Download", states: ["fetching-layers"], operations: ["FetchLayer", "SealLayer"] },
  { name: "Staged", states: ["staged", "verifying-staged"], operations: ["VerifyStaged", "Decrypt"] },
  { name: "Install", states: ["applying"], operations: ["Apply"] },
  { name: "Start", states: ["starting", "confirming", "reverting"], operations: ["StartApp", "Confirm"] },
  { name: "Confirmed", states: ["confirmed"], operations: [] },
];
const SILENT = 603;

function stateStep({ update_state }: DeviceApp): number {
  return STEPS.findIndex(({ states }) => update_state !== null && states.includes(update_state));
}

/** Where it failed: -1 when the device did not say. One that fell silent did so where it was last heard. */
function failedStep(app: DeviceApp): number {
  if (app.update_error_code === SILENT) return Math.max(0, stateStep(app));
  const { operation } = failureWords(app.update_error_code, app.update_error);
  return operation === null ? -1 : STEPS.findIndex(({ operations }) => operations.includes(operation));
}

function stepOf(app: DeviceApp): number {
  if (app.update_status === "up-to-date") return STEPS.length - 1;
  if (app.update_status === "error") return failedStep(app);
  return app.update_state === null ? 0 : stateStep(app);
}

function look(index: number, here: number, app: DeviceApp): "done" | "here" | "failed" | "" {
  if (index < here || app.update_status === "up-to-date") return "done";
  if (index > here) return "";
  return app.update_status === "error" ? "failed" : "here";
}

export function UpdateProgress({ app }: { app: DeviceApp }) {
  const here = stepOf(app);
  return (
    <div className="progress">
      <ol className="steps" aria-label="Steps of the update">
        {STEPS.map(({ name }, index) => {
          const looks = look(index, here, app);
          return (
            <li key={name} className={looks} aria-current={looks === "here" ? "step" : undefined}>
              {name}
              {looks === "failed" && <span className="step-word">: failed here</span>}
            </li>
          );
        })}
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
