// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Link, useParams } from "wouter";
import { type App, type Device, Refusal } from "../api/client";
import type { Manifest } from "../api/manifest";
import { useApp, useApps, useCounts, useDevices, useManifest, useOtherRunners } from "../api/queries";
import { Loading, ReadFailure } from "../components/feedback";
import { Choice } from "../components/fields";
import { FlashMap } from "../components/flash-map";
import { Icon } from "../components/icon";
import { MICROVISOR, PageHead } from "../components/layout";
import { useMay } from "../components/session";
import { Ago, bytesText, nameOf, shown, Sid, spanText, UpdateStatus } from "../components/values";
import { DeleteAppPanel } from "./delete-app-panel";

function Facts({ app, manifest }: { app: App; manifest: Manifest | undefined }) {
  const trial = manifest?.trial;
  return (
    <dl className="facts card">
      <div>
        <dt>SID</dt>
        <dd>
          <Sid copy>{app.sid}</Sid>
        </dd>
      </div>
      <div>
        <dt>Unique Name</dt>
        <dd>{app.unique_name ? shown(app.unique_name) : <span className="quiet-text">none</span>}</dd>
      </div>
      <div>
        <dt>Version</dt>
        <dd>{app.app_version || "–"}</dd>
      </div>
      <div>
        <dt>Hardware</dt>
        <dd>{app.hardware_type || "not named"}</dd>
      </div>
      <div>
        <dt>Created</dt>
        <dd>
          <Ago date={app.date_created} />
        </dd>
      </div>
      <div>
        <dt>Size</dt>
        <dd>
          {bytesText(app.size)} in {app.layers} {app.layers === 1 ? "layer" : "layers"}
          {app.encrypted ? ", encrypted" : ""}
        </dd>
      </div>
      <div>
        <dt>Signer</dt>
        <dd className="mono">{app.signer_id}</dd>
      </div>
      <div>
        <dt>Manifest</dt>
        <dd className="mono break">{app.hash}</dd>
      </div>
      {manifest && (
        <>
          <div>
            <dt>Debugging</dt>
            <dd>{manifest.debuggable ? "allowed to the holder of its debug key" : "not allowed"}</dd>
          </div>
          <div>
            <dt>Rollback protection</dt>
            <dd>
              {manifest.securityCounter === 0 ? "none (counter 0)" : `counter ${manifest.securityCounter}`}
            </dd>
          </div>
          <div>
            <dt>Politeness</dt>
            <dd>
              {manifest.politenessSec
                ? `lets the next update wait at most ${spanText(manifest.politenessSec)}`
                : "lets no update wait"}
            </dd>
          </div>
          <div>
            <dt>Check-in</dt>
            <dd>{manifest.checkInSec ? `asks every ${spanText(manifest.checkInSec)}` : "stays connected"}</dd>
          </div>
          <div>
            <dt>Proves itself by</dt>
            <dd>
              {trial
                ? `${trial.readyRequired ? "saying that it is ready within" : "running for"} ${trial.windowSec} s, ${trial.crashesAllowed} crashes allowed`
                : "running for 30 s"}
            </dd>
          </div>
        </>
      )}
    </dl>
  );
}

function Layers({ app, manifest }: { app: App; manifest: Manifest }) {
  const apps = useApps();
  const all = apps.data ?? [];
  const others = all.filter((other) => other.sid !== app.sid);
  // The version before it, which the list has behind it, is what most devices come from.
  const before = all[all.findIndex((other) => other.sid === app.sid) + 1] ?? others.at(-1);
  const [picked, setPicked] = useState<string | null>(null);
  const with_ = picked ?? before?.sid ?? "";
  const compared = useManifest(with_ === "" ? undefined : with_);
  return (
    <section className="card" aria-labelledby="layers">
      <div className="card-head">
        <h2 id="layers">Layers in flash</h2>
        {others.length > 0 && (
          <Choice
            label="Compare with"
            value={with_}
            options={[
              ["", "nothing"],
              ...others.map((other): [string, string] => [other.sid, nameOf(other)]),
            ]}
            onChange={setPicked}
          />
        )}
      </div>
      <FlashMap manifest={manifest} compared={with_ === "" ? undefined : compared.data} />
    </section>
  );
}

const MOST_OTHERS = 20;

function DeviceLinks({ devices }: { devices: Device[] }) {
  return (
    <ul className="device-list">
      {devices.map((device) => (
        <li key={device.sid}>
          <Link href={`/iot/microvisor/devices/${device.sid}`}>{nameOf(device)}</Link>
          <UpdateStatus device={device} />
        </li>
      ))}
    </ul>
  );
}

function Users({ app }: { app: App }) {
  const devices = useDevices({ App: app.sid, PageSize: 10 });
  const counts = useCounts();
  const list = devices.data?.devices ?? [];
  const use = counts.data?.apps.find(({ app_sid }) => app_sid === app.sid);
  const running = use?.running ?? 0;
  // Those that have it as target and confirmed it run it; more of them have another target.
  const others = useOtherRunners(app.sid, running > (use?.up_to_date ?? 0));
  return (
    <section className="card" aria-labelledby="users">
      <div className="card-head">
        <h2 id="users">Devices with it as target</h2>
        <span className="quiet-text">
          {running === 1 ? "runs on 1 device" : `runs on ${running.toLocaleString("en")} devices`}
        </span>
        {devices.data?.meta.next_page_url && (
          <Link href={`/iot/microvisor/devices?app=${app.sid}`}>All of them</Link>
        )}
      </div>
      <ReadFailure query={devices} />
      {devices.isSuccess && list.length === 0 && <p className="quiet-text">None.</p>}
      <DeviceLinks devices={list} />
      {others.length > 0 && (
        <>
          <h3 className="list-head">Running it, with another target</h3>
          <DeviceLinks devices={others.slice(0, MOST_OTHERS)} />
          {others.length > MOST_OTHERS && <p className="hint">and more</p>}
        </>
      )}
    </section>
  );
}

/** Someone deleted it while it was looked at. */
const isGone = (error: unknown) => error instanceof Refusal && error.status === 404;

export default function AppPage() {
  const { sid = "" } = useParams();
  const app = useApp(sid);
  const manifest = useManifest(app.data?.sid);
  const mayDelete = useMay("deploy");
  const [deleting, setDeleting] = useState(false);
  const crumbs = [...MICROVISOR, { to: "/iot/microvisor/apps", text: "Application Bundles" }];
  return (
    <>
      <PageHead
        crumbs={[...crumbs, { text: app.data ? nameOf(app.data) : sid }]}
        title={app.data ? nameOf(app.data) : "Application bundle"}
      >
        {mayDelete && app.data && (
          <button type="button" className="button danger" onClick={() => setDeleting(true)}>
            <Icon name="trash" /> Delete this Application Bundle
          </button>
        )}
      </PageHead>
      {app.isPending && <Loading />}
      <ReadFailure query={app}>
        <Link href="/iot/microvisor/apps" className="button">
          All application bundles
        </Link>
      </ReadFailure>
      {app.data && !isGone(app.error) && (
        <>
          <Facts app={app.data} manifest={manifest.data} />
          <ReadFailure query={manifest} />
          {manifest.data && <Layers app={app.data} manifest={manifest.data} />}
          <Users app={app.data} />
          <DeleteAppPanel app={app.data} open={deleting} onClose={() => setDeleting(false)} />
        </>
      )}
    </>
  );
}
