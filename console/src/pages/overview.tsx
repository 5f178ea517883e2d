// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import type { DeviceCounts } from "../api/client";
import { useAccount, useCounts, useDevices, useHistory } from "../api/queries";
import { Empty, Failure, Loading } from "../components/feedback";
import { HistoryPlot } from "../components/history-plot";
import { PageHead } from "../components/layout";
import { Ago, bytesText, nameOf } from "../components/values";

const DEVICES = "/iot/microvisor/devices";

function Numbers({ counts }: { counts: DeviceCounts }) {
  const tiles = [
    { name: "Devices", count: counts.devices, to: DEVICES, look: "" },
    { name: "Up to date", count: counts.up_to_date, to: `${DEVICES}?state=up-to-date`, look: "good" },
    { name: "Pending", count: counts.pending, to: `${DEVICES}?state=pending`, look: "busy" },
    { name: "Error", count: counts.error, to: `${DEVICES}?state=error`, look: "bad" },
  ];
  return (
    <ul className="tiles">
      {tiles.map(({ name, count, to, look }) => (
        <li key={name}>
          <Link href={to} className={`tile ${look}`}>
            <span className="tile-count">{count.toLocaleString("en")}</span>
            <span className="tile-name">{name}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** How many devices each app is the target of, and in which state they are. */
function Fleet({ counts }: { counts: DeviceCounts }) {
  const apps = counts.apps
    .filter((app) => app.app_sid !== null && app.devices + app.running > 0)
    .slice(0, 12);
  const most = Math.max(1, ...apps.map((app) => app.devices));
  return (
    <section className="card" aria-labelledby="fleet">
      <h2 id="fleet">Fleet by target app</h2>
      {apps.length === 0 && <p className="quiet-text">No device has a target app yet.</p>}
      <ul className="bars">
        {apps.map((app) => (
          <li key={app.app_sid}>
            <Link href={`/iot/microvisor/apps/${app.app_sid}`} className="bar-name">
              {app.unique_name ?? app.app_sid}
            </Link>
            <span className="bar" aria-hidden="true">
              <i className="good" style={{ width: `${(app.up_to_date / most) * 100}%` }} />
              <i className="busy" style={{ width: `${(app.pending / most) * 100}%` }} />
              <i className="bad" style={{ width: `${(app.error / most) * 100}%` }} />
            </span>
            <span className="bar-count">
              {app.devices} {app.devices === 1 ? "device" : "devices"}, runs on {app.running}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function InFlight() {
  const pending = useDevices({ State: "pending", PageSize: 8 });
  const list = pending.data?.devices ?? [];
  return (
    <section className="card" aria-labelledby="in-flight">
      <h2 id="in-flight">Updates in flight</h2>
      {pending.isError && <Failure error={pending.error} retry={() => void pending.refetch()} />}
      {pending.isSuccess && list.length === 0 && <p className="quiet-text">None.</p>}
      <ul className="device-list">
        {list.map((device) => (
          <li key={device.sid}>
            <Link href={`${DEVICES}/${device.sid}`}>{nameOf(device)}</Link>
            <span className="quiet-text">
              {device.app.update_state?.replaceAll("-", " ") ?? "not heard yet"}
              {device.app.bytes_total > 0 &&
                `, ${Math.floor((device.app.bytes_staged / device.app.bytes_total) * 100)} %`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Failures() {
  const failed = useDevices({ State: "error", PageSize: 8 });
  const list = failed.data?.devices ?? [];
  return (
    <section className="card" aria-labelledby="failures">
      <h2 id="failures">Failures and what to do</h2>
      {failed.isError && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      {failed.isSuccess && list.length === 0 && <p className="quiet-text">None.</p>}
      <ul className="failures">
        {list.map((device) => (
          <li key={device.sid}>
            <Link href={`${DEVICES}/${device.sid}`}>{nameOf(device)}</Link>{" "}
            <span className="badge bad">{device.app.update_error_code}</span>{" "}
            <span className="quiet-text">
              <Ago date={device.app.date_reported ?? device.app.date_targeted} />
            </span>
            <p>{device.app.update_error}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Meter({
  name,
  used,
  limit,
  text,
}: {
  name: string;
  used: number;
  limit: number | null;
  text: (n: number) => string;
}) {
  return (
    <div className="meter">
      <div className="meter-head">
        <span>{name}</span>
        <span>
          {text(used)}
          {limit !== null && <span className="quiet-text"> of {text(limit)}</span>}
        </span>
      </div>
      {limit !== null && <progress value={used} max={limit} aria-label={name} />}
    </div>
  );
}

function Storage() {
  const account = useAccount();
  return (
    <section className="card" aria-labelledby="storage">
      <h2 id="storage">Storage</h2>
      {account.isPending && <Loading />}
      {account.isError && <Failure error={account.error} retry={() => void account.refetch()} />}
      {account.data && (
        <>
          <Meter
            name="Application bundles"
            used={account.data.usage.apps}
            limit={account.data.usage.apps_limit}
            text={(count) => count.toLocaleString("en")}
          />
          <Meter
            name="Layers"
            used={account.data.usage.bytes}
            limit={account.data.usage.bytes_limit}
            text={bytesText}
          />
        </>
      )}
    </section>
  );
}

function History() {
  const history = useHistory(24);
  return (
    <section className="card" aria-labelledby="history">
      <h2 id="history">Last 24 hours</h2>
      {history.isPending && <Loading />}
      {history.isError && <Failure error={history.error} retry={() => void history.refetch()} />}
      {history.data && <HistoryPlot history={history.data} />}
    </section>
  );
}

export default function OverviewPage() {
  const counts = useCounts();
  return (
    <>
      <PageHead crumbs={[]} title="Overview" />
      {counts.isPending && <Loading />}
      {counts.isError && <Failure error={counts.error} retry={() => void counts.refetch()} />}
      {counts.data && counts.data.devices === 0 && (
        <Empty title="No device yet">
          <p>
            Make one with strata devices provision, upload a bundle under{" "}
            <Link href="/iot/microvisor/apps">Application Bundles</Link> and target it.
          </p>
        </Empty>
      )}
      {counts.data && counts.data.devices > 0 && (
        <>
          <Numbers counts={counts.data} />
          <div className="columns">
            <History />
            <Fleet counts={counts.data} />
            <InFlight />
            <Failures />
          </div>
        </>
      )}
      <Storage />
    </>
  );
}
