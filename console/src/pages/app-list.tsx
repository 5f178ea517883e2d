// SPDX-License-Identifier: Apache-2.0
import { useMemo, useState } from "react";
import { Link } from "wouter";
import type { App } from "../api/client";
import { useApps, useCounts } from "../api/queries";
import { Empty, Loading, ReadFailure } from "../components/feedback";
import { SearchField } from "../components/fields";
import { Icon } from "../components/icon";
import { MICROVISOR, PageHead } from "../components/layout";
import { useMay } from "../components/session";
import { type Column, type Order, Pager, Table } from "../components/table";
import { useTypedFilter, useUrlFilters } from "../components/url-filters";
import { Ago, bytesText, nameOf, Sid } from "../components/values";
import { UploadPanel } from "./upload-panel";

const PAGE_SIZE = 25;

interface Row extends App {
  targeted: number;
  running: number;
}

const COLUMNS: Column<Row>[] = [
  {
    key: "name",
    name: "Application bundle",
    sort: (a, b) => nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true }),
    cell: (row) => (
      <div className="stack">
        <Link href={`/iot/microvisor/apps/${row.sid}`} className="row-link">
          {nameOf(row)}
        </Link>
        {nameOf(row) !== row.sid && <Sid>{row.sid}</Sid>}
      </div>
    ),
  },
  {
    key: "version",
    name: "Version",
    cell: (row) => row.app_version || <span className="quiet-text">–</span>,
  },
  {
    key: "size",
    name: "Size",
    numeric: true,
    sort: (a, b) => a.size - b.size,
    cell: (row) => <span className="nowrap">{bytesText(row.size)}</span>,
  },
  {
    key: "layers",
    name: "Layers",
    numeric: true,
    sort: (a, b) => a.layers - b.layers,
    cell: (row) => (
      <span className="nowrap">
        {row.encrypted && (
          <span className="lock" title="Layers are encrypted">
            <Icon name="lock" />
            <span className="unseen">encrypted, </span>
          </span>
        )}
        {row.layers}
      </span>
    ),
  },
  { key: "signer", name: "Signer", cell: (row) => <span className="mono">{row.signer_id}</span> },
  {
    key: "created",
    name: "Created",
    sort: (a, b) => a.date_created.localeCompare(b.date_created),
    cell: (row) => <Ago date={row.date_created} short />,
  },
  {
    key: "targeted",
    name: "Target of",
    numeric: true,
    sort: (a, b) => a.targeted - b.targeted,
    cell: (row) =>
      row.targeted === 0 ? (
        <span className="quiet-text">–</span>
      ) : (
        <Link href={`/iot/microvisor/devices?app=${row.sid}`} className="nowrap">
          <DeviceCount count={row.targeted} />
        </Link>
      ),
  },
  {
    key: "running",
    name: "Runs on",
    numeric: true,
    sort: (a, b) => a.running - b.running,
    cell: (row) =>
      row.running === 0 ? (
        <span className="quiet-text">–</span>
      ) : (
        <span className="nowrap">
          <DeviceCount count={row.running} />
        </span>
      ),
  },
];

/** Where there is little room the number alone, for eyes. */
function DeviceCount({ count }: { count: number }) {
  return (
    <>
      {count.toLocaleString("en")}
      <span className="unit"> {count === 1 ? "device" : "devices"}</span>
    </>
  );
}

/** "size", "-size"; newest first when nothing is said. */
function orderOf(sort: string): Order {
  const key = sort.replace(/^-/, "");
  if (!COLUMNS.some((column) => column.key === key && column.sort))
    return { key: "created", descending: true };
  return { key, descending: sort.startsWith("-") };
}

function useRows(search: string, sort: string, descending: boolean): { all: Row[]; rows: Row[] } {
  const apps = useApps();
  const counts = useCounts();
  return useMemo(() => {
    const uses = new Map(counts.data?.apps.map((each) => [each.app_sid, each]));
    const all = (apps.data ?? []).map((app) => ({
      ...app,
      targeted: uses.get(app.sid)?.devices ?? 0,
      running: uses.get(app.sid)?.running ?? 0,
    }));
    const wanted = search.trim().toLowerCase();
    const rows = all.filter(
      (row) =>
        row.sid.includes(wanted) ||
        nameOf(row).toLowerCase().includes(wanted) ||
        row.app_version.toLowerCase().includes(wanted) ||
        row.signer_id.includes(wanted),
    );
    const compare = COLUMNS.find(({ key }) => key === sort)?.sort;
    // The list comes newest first; sorting is stable and keeps that among equals.
    if (compare && sort !== "created") rows.sort(compare);
    if (sort === "created" ? !descending : descending) rows.reverse();
    return { all, rows };
  }, [apps.data, counts.data, search, sort, descending]);
}

export default function AppListPage() {
  const apps = useApps();
  const mayUpload = useMay("deploy");
  const filters = useUrlFilters();
  const [search, setSearch] = useTypedFilter(filters, "search");
  const order = orderOf(filters.get("sort"));
  const [uploading, setUploading] = useState(false);
  const { all, rows } = useRows(search, order.key, order.descending);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_SIZE));
  const here = Math.min(Math.max(1, Math.floor(Number(filters.get("page"))) || 1), pages) - 1;
  const turn = (page: number) => filters.set({ page: page === 0 ? "" : String(page + 1) });
  const first = here * PAGE_SIZE;
  const shown = rows.slice(first, first + PAGE_SIZE);
  const uploadButton = mayUpload && (
    <button type="button" className="button primary" onClick={() => setUploading(true)}>
      <Icon name="upload" /> Upload Application Bundle
    </button>
  );
  return (
    <>
      <PageHead
        crumbs={[...MICROVISOR, { text: "Application Bundles" }]}
        title="Microvisor Application Bundles"
      >
        {uploadButton}
      </PageHead>
      {apps.isPending && <Loading />}
      <ReadFailure query={apps} />
      {apps.isSuccess && all.length === 0 && (
        <Empty title="No application bundle yet">
          <p>
            A bundle holds your application, cut into layers and signed. Create one with{" "}
            <code className="mono">strata bundle create</code> and upload it here.
          </p>
        </Empty>
      )}
      {all.length > 0 && (
        <>
          <div className="tools">
            <SearchField label="Search by name, SID, version or signer" value={search} onChange={setSearch} />
          </div>
          {rows.length === 0 ? (
            <Empty title="Nothing matches the search">
              <button type="button" className="button" onClick={filters.clear}>
                Show all application bundles
              </button>
            </Empty>
          ) : (
            <Table
              label="Microvisor Application Bundles"
              columns={COLUMNS}
              rows={shown}
              rowKey={(row) => row.sid}
              order={order}
              onOrder={({ key, descending }) => filters.set({ sort: `${descending ? "-" : ""}${key}` })}
            />
          )}
          <Pager
            summary={rows.length === 0 ? "0 of 0" : `${first + 1}–${first + shown.length} of ${rows.length}`}
            onPrevious={here > 0 ? () => turn(here - 1) : null}
            onNext={here < pages - 1 ? () => turn(here + 1) : null}
          />
        </>
      )}
      <UploadPanel open={uploading} onClose={() => setUploading(false)} />
    </>
  );
}
