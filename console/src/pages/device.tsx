// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Link, useParams } from "wouter";
import { type App, type Device, Refusal } from "../api/client";
import { useApps, useDevice } from "../api/queries";
import { FailureCode, FailureLine, FailureNote } from "../components/failure";
import { Loading, ProblemNote, ReadFailure } from "../components/feedback";
import { Icon } from "../components/icon";
import { MICROVISOR, PageHead } from "../components/layout";
import { useMay } from "../components/session";
import { useToast } from "../components/toast";
import { UpdateProgress } from "../components/update-progress";
import { Ago, nameOf, shown, Sid, UpdateStatus } from "../components/values";
import { useDeviceChange } from "./device-change";
import { DeviceHistory } from "./device-history";
import { DeviceLog } from "./device-log";
import { DeviceSettings } from "./device-settings";
import { EditDevicePanel } from "./edit-device-panel";
import { RemoveDevicePanel } from "./remove-device-panel";
import { TargetPanel } from "./target-panel";

function AppLink({ sid, apps }: { sid: string | null; apps: App[] | undefined }) {
  if (sid === null) return <span className="quiet-text">none</span>;
  const app = apps?.find((each) => each.sid === sid);
  return <Link href={`/iot/microvisor/apps/${sid}`}>{app ? nameOf(app) : sid}</Link>;
}

function Update({ device }: { device: Device }) {
  const apps = useApps();
  const { app } = device;
  return (
    <section className="card" aria-labelledby="update">
      <div className="card-head">
        <h2 id="update">Application bundle</h2>
        <UpdateStatus device={device} />
      </div>
      <dl className="facts">
        <div>
          <dt>Target app</dt>
          <dd>
            <AppLink sid={app.target_sid} apps={apps.data} />
            {app.date_targeted && (
              <span className="quiet-text">
                {" "}
                targeted <Ago date={app.date_targeted} />
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>Current app</dt>
          <dd>
            <AppLink sid={app.reported_sid} apps={apps.data} />
            {app.reported_sid !== null && app.date_reported && (
              <span className="quiet-text">
                {" "}
                {/* The last receipt may be of an update that failed. */}
                {app.update_status === "up-to-date" ? "confirmed" : "last receipt"}{" "}
                <Ago date={app.date_reported} />
              </span>
            )}
          </dd>
        </div>
      </dl>
      {app.target_sid !== null && <UpdateProgress app={app} />}
      {app.update_status === "error" && (
        <FailureNote title="The update failed" code={app.update_error_code} told={app.update_error} />
      )}
    </section>
  );
}

function Facts({ device }: { device: Device }) {
  return (
    <dl className="facts card">
      <div>
        <dt>SID</dt>
        <dd>
          <Sid copy>{device.sid}</Sid>
        </dd>
      </div>
      <div>
        <dt>Unique Name</dt>
        <dd>{device.unique_name ? shown(device.unique_name) : <span className="quiet-text">none</span>}</dd>
      </div>
      <div>
        <dt>Tags</dt>
        <dd className="tags">
          {device.tags.length === 0 && <span className="quiet-text">none</span>}
          {device.tags.map((tag) => (
            <Link key={tag} className="tag" href={`/iot/microvisor/devices?tag=${encodeURIComponent(tag)}`}>
              {shown(tag)}
            </Link>
          ))}
        </dd>
      </div>
      <div>
        <dt>Hardware</dt>
        <dd>
          {device.hardware_type}
          {device.development && <span className="badge none">development</span>}
        </dd>
      </div>
      <div>
        <dt>Last seen</dt>
        <dd>
          <Ago date={device.date_last_seen} />
        </dd>
      </div>
      <div>
        <dt>Created</dt>
        <dd>
          <Ago date={device.date_created} />
        </dd>
      </div>
      <div>
        <dt>Keys</dt>
        <dd>
          {device.keys_sequence === 0 ? "as provisioned" : `changed by message ${device.keys_sequence}`}
          {device.keys_error_code !== 0 && (
            <>
              <FailureCode code={device.keys_error_code} />
              <FailureLine code={device.keys_error_code} />
            </>
          )}
        </dd>
      </div>
    </dl>
  );
}

type PanelName = "target" | "edit" | "remove";

function Controls({ device, onOpen }: { device: Device; onOpen: (panel: PanelName) => void }) {
  const admin = useMay();
  const change = useDeviceChange(device);
  const toast = useToast();
  const restart = () =>
    change.mutate({ RestartApp: true }, { onSuccess: () => toast("The device will restart its app once") });
  return (
    <div className="controls">
      <button type="button" className="button primary" onClick={() => onOpen("target")}>
        <Icon name="target" /> Change Application Bundle Target
      </button>
      <button type="button" className="button" disabled={change.isPending} onClick={restart}>
        <Icon name="restart" /> Restart app
      </button>
      <button type="button" className="button" onClick={() => onOpen("edit")}>
        <Icon name="pencil" /> Name and tags
      </button>
      {admin && (
        <button type="button" className="button danger" onClick={() => onOpen("remove")}>
          <Icon name="trash" /> Remove this Device
        </button>
      )}
      {change.isError && <ProblemNote error={change.error} />}
    </div>
  );
}

/** Someone removed it while it was looked at. */
const isGone = (error: unknown) => error instanceof Refusal && error.status === 404;

export default function DevicePage() {
  const { sid = "" } = useParams();
  const device = useDevice(sid);
  const mayChange = useMay("deploy");
  const [open, setOpen] = useState<PanelName | null>(null);
  const close = () => setOpen(null);
  const name = device.data ? nameOf(device.data) : sid;
  return (
    <>
      <PageHead
        crumbs={[...MICROVISOR, { to: "/iot/microvisor/devices", text: "Devices" }, { text: name }]}
        title={name}
      />
      {device.isPending && <Loading />}
      <ReadFailure query={device}>
        <Link href="/iot/microvisor/devices" className="button">
          All devices
        </Link>
      </ReadFailure>
      {device.data && !isGone(device.error) && (
        <>
          {mayChange && <Controls device={device.data} onOpen={setOpen} />}
          <Update device={device.data} />
          <Facts device={device.data} />
          <DeviceLog key={device.data.sid} device={device.data} />
          <DeviceHistory key={device.data.sid} sid={device.data.sid} />
          <DeviceSettings device={device.data} />
          <TargetPanel devices={[device.data]} open={open === "target"} onClose={close} />
          <EditDevicePanel device={device.data} open={open === "edit"} onClose={close} />
          <RemoveDevicePanel device={device.data} open={open === "remove"} onClose={close} />
        </>
      )}
    </>
  );
}
