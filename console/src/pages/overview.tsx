// SPDX-License-Identifier: Apache-2.0
import { Link } from "wouter";
import type { App, Device, DeviceCounts } from "../api/client";
import { useAccount, useApps, useCounts, useDevices, useHistory } from "../api/queries";
import { FailureCode, FailureLine } from "../components/failure";
import { Empty, Loading, ReadFailure } from "../components/feedback";
import { Choice } from "../components/fields";
import { HistoryPlot, type PlotBy } from "../components/history-plot";
import { PageHead } from "../components/layout";
import { useUrlFilters } from "../components/url-filters";
import { Ago, bytesText, nameOf } from "../components/values";

const DEVICES = "/iot/microvisor/devices";

function Numbers({ counts }: { counts: DeviceCounts }) {
  // The API counts devices that were never given an app as up to date: nothing is pending. Here they are apart.
  const untargeted = counts.apps.find(({ app_sid }) => app_sid === null)?.devices ?? 0;
  const tiles = [
    { name: "Devices", count: counts.devices, to: DEVICES, look: "plain" },
    {
      name: "Up to date",
      count: counts.up_to_date - untargeted,
      to: `${DEVICES}?state=up-to-date`,
      look: "good",
    },
    { name: "Pending", count: counts.pending, to: `${DEVICES}?state=pending`, look: "busy" },
    { name: "Error", count: counts.error, to: `${DEVICES}?state=error`, look: "bad" },
    ...(untargeted > 0
      ? [{ name: "No target", count: untargeted, to: null, look: "none" }] // no list holds these alone
      : []),
  ];
  return (
    <ul className="tiles">
      {tiles.map(({ name, count, to, look }) => {
        const face = (
          <>
            <span className="tile-count">{count.toLocaleString("en")}</span>
            <span className="tile-name">{name}</span>
          </>
        );
        const looks = `tile ${count > 0 ? look : "none"}`;
        return (
          <li key={name}>
            {to === null ? (
              <div className={looks}>{face}</div>
            ) : (
              <Link href={to} className={looks}>
                {face}
              </Link>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Errors first: where there are many devices a few of them are at the edge of what can be seen. */
const BARS = [
  ["error", "bad"],
  ["pending", "busy"],
  ["up_to_date", "good"],
] as const;

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
            <Link
              href={`/iot/microvisor/apps/${app.app_sid}`}
              className="bar-name"
              title={nameOf({ sid: app.app_sid!, unique_name: app.unique_name })}
            >
              {nameOf({ sid: app.app_sid!, unique_name: app.unique_name })}
            </Link>
            <span className="bar" aria-hidden="true">
              {BARS.map(
                ([state, look]) =>
                  app[state] > 0 && (
                    <i key={state} className={look} style={{ width: `${(app[state] / most) * 100}%` }} />
                  ),
              )}
            </span>
            <span className="bar-count">
              {app.devices.toLocaleString("en")} {app.devices === 1 ? "device" : "devices"}, runs on{" "}
              {app.running.toLocaleString("en")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const SHOWN = 8;

/** Leads to the rest of a list that is cut short. */
function AllOf({ count, state }: { count: number; state: string }) {
  if (count <= SHOWN) return null;
  return <Link href={`${DEVICES}?state=${state}`}>All {count.toLocaleString("en")}</Link>;
}

function InFlight({ count }: { count: number }) {
  const pending = useDevices({ State: "pending", PageSize: SHOWN });
  const list = pending.data?.devices ?? [];
  return (
    <section className="card" aria-labelledby="in-flight">
      <div className="card-head">
        <h2 id="in-flight">Updates in flight</h2>
        <AllOf count={count} state="pending" />
      </div>
      <ReadFailure query={pending} />
      {pending.isSuccess && list.length === 0 && (
        <p className="quiet-text">None: no device has an update to do.</p>
      )}
      <ul className="device-list">
        {list.map((device) => (
          <li key={device.sid}>
            <Link href={`${DEVICES}/${device.sid}`}>{nameOf(device)}</Link>
            <span className="in-flight">
              <span className="quiet-text">
                {device.app.update_state?.replaceAll("-", " ") ?? "not heard yet"}
              </span>
              {device.app.bytes_total > 0 && (
                <progress
                  value={device.app.bytes_staged}
                  max={device.app.bytes_total}
                  aria-label={`Downloaded by ${nameOf(device)}`}
                />
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Of its receipt; of one that fell silent only when it began is known. */
function failedAt({ app }: Device): string | null {
  const dates = [app.date_reported, app.date_targeted].filter((date) => date !== null);
  return dates.sort().at(-1) ?? null;
}

function Failures({ count }: { count: number }) {
  const failed = useDevices({ State: "error", PageSize: SHOWN });
  const list = failed.data?.devices ?? [];
  return (
    <section className="card" aria-labelledby="failures">
      <div className="card-head">
        <h2 id="failures">Failures and what to do</h2>
        <AllOf count={count} state="error" />
      </div>
      <ReadFailure query={failed} />
      {failed.isSuccess && list.length === 0 && (
        <p className="quiet-text">None: the last update of every device worked.</p>
      )}
      <ul className="failures">
        {list.map((device) => (
          <li key={device.sid}>
            <Link href={`${DEVICES}/${device.sid}`}>{nameOf(device)}</Link>{" "}
            <FailureCode code={device.app.update_error_code} />{" "}
            <span className="quiet-text">
              <Ago date={failedAt(device)} />
            </span>
            <FailureLine code={device.app.update_error_code} told={device.app.update_error} />
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
      <h2 id="storage">Storage and quotas</h2>
      {account.isPending && <Loading />}
      <ReadFailure query={account} />
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

const SPANS: [string, string][] = [
  ["24", "24 hours"],
  ["168", "7 days"],
  ["744", "31 days"],
];
const PLOTS: [PlotBy, string][] = [
  ["state", "state"],
  ["app", "target app"],
];

function History({ counts }: { counts: DeviceCounts }) {
  const { get, set } = useUrlFilters();
  const hours = SPANS.some(([span]) => span === get("over")) ? get("over") : SPANS[0]![0];
  const by: PlotBy = get("by") === "app" ? "app" : "state";
  const history = useHistory(Number(hours));
  const apps = useApps();
  const nameAndVersion = (app: App) =>
    app.app_version ? `${nameOf(app)} (${app.app_version})` : nameOf(app);
  const names = apps.data ? new Map(apps.data.map((app) => [app.sid, nameAndVersion(app)])) : null;
  return (
    <section className="card wide-card" aria-labelledby="history">
      <div className="card-head">
        <h2 id="history">Fleet over time</h2>
        <span className="actions">
          <Choice label="By" value={by} options={PLOTS} onChange={(chosen) => set({ by: chosen })} />
          <Choice label="Over" value={hours} options={SPANS} onChange={(over) => set({ over })} />
        </span>
      </div>
      {history.isPending && <Loading />}
      <ReadFailure query={history} />
      {history.data && (
        <HistoryPlot history={history.data} counts={counts} by={by} hours={Number(hours)} names={names} />
      )}
    </section>
  );
}

export default function OverviewPage() {
  const counts = useCounts();
  return (
    <>
      <PageHead crumbs={[]} title="Overview" />
      {counts.isPending && <Loading />}
      <ReadFailure query={counts} />
      {counts.data && counts.data.devices === 0 && (
        <Empty title="No device yet">
          <p>
            Provision one with <code className="mono">strata devices provision</code>, upload a bundle under{" "}
            <Link href="/iot/microvisor/apps">Application Bundles</Link> and target it.
          </p>
        </Empty>
      )}
      {counts.data && counts.data.devices > 0 && (
        <>
          <Numbers counts={counts.data} />
          <History counts={counts.data} />
          <div className="columns">
            <Fleet counts={counts.data} />
            <Storage />
            <InFlight count={counts.data.pending} />
            <Failures count={counts.data.error} />
          </div>
        </>
      )}
      {counts.data?.devices === 0 && <Storage />}
    </>
  );
}
