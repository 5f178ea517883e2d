// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Link } from "wouter";
import { type App, type Device, pageToken } from "../api/client";
import { failureWords } from "../api/errors";
import { type DeviceFilter, useApps, useDevices } from "../api/queries";
import { Empty, Loading, ReadFailure } from "../components/feedback";
import { Choice, SearchField } from "../components/fields";
import { Icon } from "../components/icon";
import { MICROVISOR, PageHead } from "../components/layout";
import { useMay } from "../components/session";
import { type Column, Pager, Table } from "../components/table";
import { type UrlFilters, useTypedFilter, useUrlFilters } from "../components/url-filters";
import { Ago, nameOf, shown, Sid, UpdateStatus } from "../components/values";
import { SelectionBar, useSelection } from "./device-selection";
import { TargetPanel } from "./target-panel";

const PAGE_SIZE = 50;
const STATES: [string, string][] = [
  ["", "Any state"],
  ["up-to-date", "Up to date"],
  ["pending", "Pending"],
  ["error", "Error"],
];
const SILENT: [string, string][] = [
  ["", "Any time"],
  ["1", "1 hour or longer"],
  ["24", "1 day or longer"],
  ["168", "1 week or longer"],
];

/** To the whole minute, so that the same question stays the same question for a while. */
function hoursAgo(hours: string): string {
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  return new Date(minute - Number(hours) * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
}

function queryOf({ get }: UrlFilters): DeviceFilter & { SilentSince?: string } {
  const state = get("state");
  return {
    PageSize: PAGE_SIZE,
    ...(state === "up-to-date" || state === "pending" || state === "error" ? { State: state } : {}),
    ...(get("app") ? { App: get("app") } : {}),
    ...(get("name") ? { Name: get("name") } : {}),
    ...(get("tag") ? { Tag: get("tag") } : {}),
    // A page belongs to its filters as they were: to the minute when its list was begun.
    ...(get("silent") ? { SilentSince: (get("page") && get("since")) || hoursAgo(get("silent")) } : {}),
    ...(get("page") ? { PageToken: get("page") } : {}),
  };
}

function AppName({ sid, apps }: { sid: string | null; apps: Map<string, App> }) {
  if (sid === null) return <span className="quiet-text">–</span>;
  const app = apps.get(sid);
  const name = app && nameOf(app) !== sid ? nameOf(app) : `${sid.slice(0, 10)}…`;
  return (
    <Link href={`/iot/microvisor/apps/${sid}`} className="cut" title={name}>
      {name}
    </Link>
  );
}

function Why({ code }: { code: number }) {
  const { name, what, next } = failureWords(code);
  return (
    <span className="quiet-text why" title={`${what}. ${next}`}>
      {code} {name}
    </span>
  );
}

function progressText({ app }: Device): string {
  const state = app.update_state?.replaceAll("-", " ") ?? "";
  if (app.bytes_total === 0) return state;
  return `${state}, ${Math.floor((app.bytes_staged / app.bytes_total) * 100)} %`;
}

function columns(apps: Map<string, App>, onTag: (tag: string) => void): Column<Device>[] {
  return [
    {
      key: "name",
      name: "Device",
      cell: (device) => (
        <div className="stack">
          <Link href={`/iot/microvisor/devices/${device.sid}`} className="row-link">
            {nameOf(device)}
          </Link>
          {nameOf(device) !== device.sid && <Sid>{device.sid}</Sid>}
        </div>
      ),
    },
    {
      key: "status",
      name: "Update",
      cell: (device) => (
        <div className="stack">
          <UpdateStatus device={device} />
          {device.app.update_status === "pending" && device.app.update_state && (
            <span className="quiet-text">{progressText(device)}</span>
          )}
          {device.app.update_status === "error" && <Why code={device.app.update_error_code} />}
        </div>
      ),
    },
    {
      key: "target",
      name: "Target app",
      cell: (device) => <AppName sid={device.app.target_sid} apps={apps} />,
    },
    {
      key: "current",
      name: "Current app",
      cell: (device) => <AppName sid={device.app.reported_sid} apps={apps} />,
    },
    {
      key: "tags",
      name: "Hardware, tags",
      cell: (device) => (
        <div className="stack">
          <span className="quiet-text hardware">{device.hardware_type}</span>
          <span className="tags">
            {device.tags.map((tag) => (
              <button
                key={tag}
                type="button"
                className="tag"
                title={`Only devices with ${tag}`}
                onClick={() => onTag(tag)}
              >
                {shown(tag)}
              </button>
            ))}
          </span>
        </div>
      ),
    },
    {
      key: "seen",
      name: "Last seen",
      cell: (device) => <Ago date={device.date_last_seen} short />,
    },
  ];
}

function Filters({ filters, apps }: { filters: UrlFilters; apps: App[] }) {
  const { get, set } = filters;
  const [name, setName] = useTypedFilter(filters, "name");
  return (
    <div className="tools">
      <SearchField label="Unique name begins with" value={name} onChange={setName} />
      <Choice label="State" value={get("state")} options={STATES} onChange={(state) => set({ state })} />
      <Choice
        label="Target app"
        value={get("app")}
        options={[["", "Any app"], ...apps.map((app): [string, string] => [app.sid, nameOf(app)])]}
        onChange={(app) => set({ app })}
      />
      <Choice
        label="Silent for"
        value={get("silent")}
        options={SILENT}
        onChange={(silent) => set({ silent })}
      />
      {get("tag") !== "" && (
        <button
          type="button"
          className="tag chosen"
          onClick={() => set({ tag: "" })}
          aria-label={`Tag ${get("tag")}: show all`}
        >
          {shown(get("tag"))} <Icon name="close" />
        </button>
      )}
    </div>
  );
}

export default function DeviceListPage() {
  const filters = useUrlFilters();
  const { get, set } = filters;
  const apps = useApps();
  const filter = queryOf(filters);
  const devices = useDevices(filter);
  const mayDeploy = useMay("deploy");
  const [deploying, setDeploying] = useState(false);
  const rows = devices.data?.devices ?? [];
  const selection = useSelection(rows);
  const bySid = new Map(apps.data?.map((app) => [app.sid, app]));
  const meta = devices.data?.meta;
  const previous = pageToken(meta?.previous_page_url ?? null);
  const next = pageToken(meta?.next_page_url ?? null);
  const filtered = ["state", "app", "name", "tag", "silent", "page"].some((name) => get(name) !== "");
  const turn = (page: string | null) =>
    page === null ? null : () => set({ page, since: filter.SilentSince ?? "" });
  const showAll = filtered && (
    <button type="button" className="button" onClick={filters.clear}>
      Show all devices
    </button>
  );
  const table = columns(bySid, (tag) => set({ tag }));
  return (
    <>
      <PageHead crumbs={[...MICROVISOR, { text: "Devices" }]} title="Microvisor Devices" />
      <Filters filters={filters} apps={apps.data ?? []} />
      {mayDeploy && rows.length > 0 && (
        <SelectionBar
          selection={selection}
          filter={filter}
          more={previous !== null || next !== null}
          onDeploy={() => setDeploying(true)}
        />
      )}
      {devices.isPending && <Loading />}
      <ReadFailure query={devices}>{showAll}</ReadFailure>
      {devices.isSuccess && rows.length === 0 && (
        <Empty title={filtered ? "No device matches these filters" : "No device yet"}>
          {showAll || (
            <p>
              Provision one with <code className="mono">strata devices provision</code>; it appears here at
              once.
            </p>
          )}
        </Empty>
      )}
      {rows.length > 0 && (
        <Table
          label="Microvisor Devices"
          columns={mayDeploy ? [selection.column, ...table] : table}
          rows={rows}
          rowKey={(device) => device.sid}
        />
      )}
      {(rows.length > 0 || previous !== null) && (
        <Pager summary={`${rows.length} on this page`} onPrevious={turn(previous)} onNext={turn(next)} />
      )}
      <TargetPanel
        devices={selection.chosen}
        open={deploying}
        onClose={(left) => {
          setDeploying(false);
          selection.choose(left);
        }}
      />
    </>
  );
}
