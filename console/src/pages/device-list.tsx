// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "react";
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
import { useUrlFilters } from "../components/url-filters";
import { Ago, nameOf, Sid, UpdateStatus } from "../components/values";
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

function queryOf(get: (name: string) => string): DeviceFilter & { SilentSince?: string } {
  const state = get("state");
  return {
    PageSize: PAGE_SIZE,
    ...(state === "up-to-date" || state === "pending" || state === "error" ? { State: state } : {}),
    ...(get("app") ? { App: get("app") } : {}),
    ...(get("name") ? { Name: get("name") } : {}),
    ...(get("tag") ? { Tag: get("tag") } : {}),
    ...(get("silent") ? { SilentSince: hoursAgo(get("silent")) } : {}),
    ...(get("page") ? { PageToken: get("page") } : {}),
  };
}

function AppName({ sid, apps }: { sid: string | null; apps: Map<string, App> }) {
  if (sid === null) return <span className="quiet-text">–</span>;
  const app = apps.get(sid);
  return <Link href={`/iot/microvisor/apps/${sid}`}>{app?.unique_name ?? `${sid.slice(0, 10)}…`}</Link>;
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
          {device.unique_name !== null && <Sid>{device.sid}</Sid>}
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
      name: "Tags",
      cell: (device) => (
        <span className="tags">
          {device.tags.map((tag) => (
            <button
              key={tag}
              type="button"
              className="tag"
              title={`Only devices with ${tag}`}
              onClick={() => onTag(tag)}
            >
              {tag}
            </button>
          ))}
        </span>
      ),
    },
    {
      key: "hardware",
      name: "Hardware",
      cell: (device) => <span className="nowrap">{device.hardware_type}</span>,
    },
    { key: "seen", name: "Last seen", cell: (device) => <Ago date={device.date_last_seen} /> },
  ];
}

function Filters({
  get,
  set,
  apps,
}: {
  get: (name: string) => string;
  set: (changes: Record<string, string>) => void;
  apps: App[];
}) {
  const [name, setName] = useState(get("name"));
  useEffect(() => {
    const timer = window.setTimeout(() => {
      if (name !== get("name")) set({ name });
    }, 250);
    return () => window.clearTimeout(timer);
  });
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
          {get("tag")} <Icon name="close" />
        </button>
      )}
    </div>
  );
}

export default function DeviceListPage() {
  const { get, set } = useUrlFilters();
  const apps = useApps();
  const filter = queryOf(get);
  const devices = useDevices(filter);
  const mayDeploy = useMay("deploy");
  const [deploying, setDeploying] = useState(false);
  const shown = devices.data?.devices ?? [];
  const selection = useSelection(shown);
  const bySid = new Map(apps.data?.map((app) => [app.sid, app]));
  const meta = devices.data?.meta;
  const previous = pageToken(meta?.previous_page_url ?? null);
  const next = pageToken(meta?.next_page_url ?? null);
  const filtered = ["state", "app", "name", "tag", "silent", "page"].some((name) => get(name) !== "");
  const table = columns(bySid, (tag) => set({ tag }));
  return (
    <>
      <PageHead crumbs={[...MICROVISOR, { text: "Devices" }]} title="Microvisor Devices" />
      <Filters get={get} set={set} apps={apps.data ?? []} />
      {mayDeploy && shown.length > 0 && (
        <SelectionBar
          selection={selection}
          filter={filter}
          more={previous !== null || next !== null}
          onDeploy={() => setDeploying(true)}
        />
      )}
      {devices.isPending && <Loading />}
      <ReadFailure query={devices} />
      {devices.isSuccess && shown.length === 0 && (
        <Empty title={filtered ? "No device meets these filters" : "No device yet"}>
          {!filtered && <p>Make one with strata devices provision; it appears here at once.</p>}
        </Empty>
      )}
      {shown.length > 0 && (
        <Table
          label="Microvisor Devices"
          columns={mayDeploy ? [selection.column, ...table] : table}
          rows={shown}
          rowKey={(device) => device.sid}
        />
      )}
      {(shown.length > 0 || previous !== null) && (
        <Pager
          summary={`${shown.length} on this page`}
          onPrevious={previous === null ? null : () => set({ page: previous })}
          onNext={next === null ? null : () => set({ page: next })}
        />
      )}
      <TargetPanel
        devices={selection.chosen}
        open={deploying}
        onClose={() => {
          setDeploying(false);
          selection.clear();
        }}
      />
    </>
  );
}
