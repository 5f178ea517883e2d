// SPDX-License-Identifier: Apache-2.0
// The audit log: who changed what, from where, what it was before and after. Filters and the page stand in the URL.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type FormEvent, Fragment } from "react";
import { Link } from "wouter";
import { api, type AuditEntry, pageToken, take } from "../api/client";
import { REFRESH_MS } from "../api/queries";
import { Empty, Loading, ReadFailure } from "../components/feedback";
import { Field } from "../components/fields";
import { PageHead } from "../components/layout";
import { useMay } from "../components/session";
import { type Column, Pager, Table } from "../components/table";
import { type UrlFilters, useUrlFilters } from "../components/url-filters";
import { shown as shownText, TIME_ZONE, When } from "../components/values";

const PAGE_SIZE = 50;

type View = NonNullable<AuditEntry["before"]>;

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** What differs; all of it for what was made or deleted. */
export function changes(
  before: AuditEntry["before"],
  after: AuditEntry["after"],
): [string, string | null, string | null][] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})] as (keyof View)[]);
  return [...names]
    .map((name): [string, string | null, string | null] => [
      name.replaceAll("_", " "),
      before?.[name] === undefined ? null : text(before[name]),
      after?.[name] === undefined ? null : text(after[name]),
    ])
    .filter(([, was, is]) => was !== is);
}

function Change({ entry }: { entry: AuditEntry }) {
  const all = changes(entry.before, entry.after);
  if (all.length === 0) return null;
  return (
    <details>
      <summary>
        {entry.before && entry.after
          ? all.map(([name]) => name).join(", ")
          : all.length === 1
            ? "1 value"
            : `${all.length} values`}
      </summary>
      <dl className="change">
        {all.map(([name, was, is]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd className="mono break">
              {was !== null && <del>{was}</del>} {is !== null && <ins>{is}</ins>}
            </dd>
          </Fragment>
        ))}
      </dl>
    </details>
  );
}

const PAGES: Record<string, string> = { UV: "devices", KA: "apps" };

/** Leads to the device or bundle, unless this is its end. */
function Resource({ entry: { action, resource } }: { entry: AuditEntry }) {
  const sid = /^(UV|KA)[0-9a-f]{32}/.exec(resource);
  if (sid === null || action === "app.delete" || action === "device.remove")
    return <span className="mono break">{shownText(resource) || "–"}</span>;
  return (
    <span className="mono break">
      <Link href={`/iot/microvisor/${PAGES[sid[1]!]}/${sid[0]}`}>{sid[0]}</Link>
      {shownText(resource.slice(sid[0].length))}
    </span>
  );
}

const COLUMNS: Column<AuditEntry>[] = [
  { key: "date", name: `When (${TIME_ZONE})`, cell: (entry) => <When date={entry.date} /> },
  { key: "action", name: "Action", cell: (entry) => <strong className="nowrap">{entry.action}</strong> },
  {
    key: "resource",
    name: "Resource",
    cell: (entry) => <Resource entry={entry} />,
  },
  {
    key: "actor",
    name: "Who and from where",
    cell: (entry) => (
      <div className="stack">
        <span className="mono narrow" title={entry.actor}>
          {entry.actor}
        </span>
        <span className="quiet-text">{entry.address ?? "on the cloud's machine"}</span>
      </div>
    ),
  },
  { key: "change", name: "Change", cell: (entry) => <Change entry={entry} /> },
];

function Filters({ get, set }: UrlFilters) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const value = (name: string) => String(fields.get(name)).trim();
    set({ action: value("action"), resource: value("resource"), actor: value("actor") });
  };
  return (
    <form className="tools filter-form" onSubmit={submit}>
      <Field label="Action" name="action" defaultValue={get("action")} placeholder="app.delete" />
      <Field label="Resource" name="resource" defaultValue={get("resource")} placeholder="SID or key" />
      <Field label="Who" name="actor" defaultValue={get("actor")} placeholder="AC…, SK… or local:0" />
      <button type="submit" className="button">
        Show
      </button>
    </form>
  );
}

function Log() {
  const filters = useUrlFilters();
  const { get, set, clear } = filters;
  const query = {
    PageSize: PAGE_SIZE,
    ...(get("action") ? { Action: get("action") } : {}),
    ...(get("resource") ? { Resource: get("resource") } : {}),
    ...(get("actor") ? { Actor: get("actor") } : {}),
    ...(get("page") ? { PageToken: get("page") } : {}),
  };
  const log = useQuery({
    queryKey: ["audit", query],
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
    queryFn: () => take(api.GET("/v1/AuditLog", { params: { query } })),
  });
  const shown = log.data?.audit_log ?? [];
  const showAll = (
    <button type="button" className="button" onClick={clear}>
      Show all changes
    </button>
  );
  const previous = pageToken(log.data?.meta.previous_page_url ?? null);
  const next = pageToken(log.data?.meta.next_page_url ?? null);
  return (
    <>
      <Filters key={`${get("action")} ${get("resource")} ${get("actor")}`} {...filters} />
      {log.isPending && <Loading />}
      <ReadFailure query={log}>{showAll}</ReadFailure>
      {log.isSuccess && shown.length === 0 && (
        <Empty title="No change matches these filters">{showAll}</Empty>
      )}
      {shown.length > 0 && (
        <Table label="Audit log" columns={COLUMNS} rows={shown} rowKey={(entry) => String(entry.sequence)} />
      )}
      {(shown.length > 0 || previous !== null) && (
        <Pager
          summary={`${shown.length} on this page`}
          onPrevious={previous === null ? null : () => set({ page: previous })}
          onNext={next === null ? null : () => set({ page: next })}
        />
      )}
    </>
  );
}

export default function AuditPage() {
  const admin = useMay();
  return (
    <>
      <PageHead crumbs={[]} title="Audit" />
      <p className="about">
        Every change of this account, chained so that none can be taken out unnoticed. Prove it with{" "}
        <code className="mono">strata audit verify</code>.
      </p>
      {admin ? (
        <Log />
      ) : (
        <Empty title="Only an administrator sees the audit log">
          <p>Sign in with the auth token or with a key of scope admin.</p>
        </Empty>
      )}
    </>
  );
}
