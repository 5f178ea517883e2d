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
        {row.unique_name !== null && <Sid>{row.sid}</Sid>}
      </div>
    ),
  },
  { key: "version", name: "Version", cell: (row) => row.app_version || "–" },
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
        {row.layers}
        {row.encrypted && (
          <span className="lock" title="Layers are encrypted">
            <Icon name="lock" />
            <span className="unseen">, encrypted</span>
          </span>
        )}
      </span>
    ),
  },
  { key: "signer", name: "Signer", cell: (row) => <span className="mono">{row.signer_id}</span> },
  {
    key: "created",
    name: "Created",
    sort: (a, b) => a.date_created.localeCompare(b.date_created),
    cell: (row) => <Ago date={row.date_created} />,
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
        <Link href={`/iot/microvisor/devices?app=${row.sid}`}>{deviceCount(row.targeted)}</Link>
      ),
  },
  {
    key: "running",
    name: "Runs on",
    numeric: true,
    sort: (a, b) => a.running - b.running,
    cell: (row) => (row.running === 0 ? <span className="quiet-text">–</span> : deviceCount(row.running)),
  },
];

function deviceCount(count: number): string {
  return count === 1 ? "1 device" : `${count} devices`;
}

function useRows(search: string, order: Order): { all: Row[]; rows: Row[] } {
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
        (row.unique_name ?? "").toLowerCase().includes(wanted) ||
        row.app_version.toLowerCase().includes(wanted) ||
        row.signer_id.includes(wanted),
    );
    const compare = COLUMNS.find(({ key }) => key === order.key)?.sort;
    // The list comes newest first; sorting is stable and keeps that among equals.
    if (compare && order.key !== "created") rows.sort(compare);
    if (order.key === "created" ? !order.descending : order.descending) rows.reverse();
    return { all, rows };
  }, [apps.data, counts.data, search, order]);
}

export default function AppListPage() {
  const apps = useApps();
  const mayUpload = useMay("deploy");
  const [search, setSearch] = useState("");
  const [order, setOrder] = useState<Order>({ key: "created", descending: true });
  const [page, setPage] = useState(0);
  const [uploading, setUploading] = useState(false);
  const { all, rows } = useRows(search, order);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_SIZE));
  const here = Math.min(page, pages - 1);
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
            A bundle holds your application, cut into layers and signed. Create one with strata bundle create
            and upload it here.
          </p>
        </Empty>
      )}
      {all.length > 0 && (
        <>
          <div className="tools">
            <SearchField
              label="Search by name, SID, version or signer"
              value={search}
              onChange={(value) => {
                setSearch(value);
                setPage(0);
              }}
            />
          </div>
          {rows.length === 0 ? (
            <Empty title="Nothing matches the search" />
          ) : (
            <Table
              label="Microvisor Application Bundles"
              columns={COLUMNS}
              rows={shown}
              rowKey={(row) => row.sid}
              order={order}
              onOrder={setOrder}
            />
          )}
          <Pager
            summary={rows.length === 0 ? "0 of 0" : `${first + 1}–${first + shown.length} of ${rows.length}`}
            onPrevious={here > 0 ? () => setPage(here - 1) : null}
            onNext={here < pages - 1 ? () => setPage(here + 1) : null}
          />
        </>
      )}
      <UploadPanel open={uploading} onClose={() => setUploading(false)} />
    </>
  );
}
