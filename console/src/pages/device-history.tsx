// SPDX-License-Identifier: Apache-2.0
// What a device was given, how each ended and which receipt it signed.
import { useState } from "react";
import { Link } from "wouter";
import { pageToken, type Update } from "../api/client";
import { useApps, useUpdates } from "../api/queries";
import { FailureCode, FailureLine } from "../components/failure";
import { Loading, ReadFailure } from "../components/feedback";
import { type Column, Pager, Table } from "../components/table";
import { Ago, Duration, nameOf } from "../components/values";

const OUTCOMES: Record<Update["outcome"], { look: string; text: string; receipt: string }> = {
  pending: { look: "busy", text: "Pending", receipt: "not yet" },
  confirmed: { look: "good", text: "Confirmed", receipt: "says confirmed" },
  failed: { look: "bad", text: "Failed", receipt: "says failed" },
  reverted: { look: "bad", text: "Reverted", receipt: "says reverted" },
  silent: { look: "bad", text: "Silent", receipt: "none; one that comes still counts" },
  replaced: { look: "none", text: "Replaced", receipt: "none: given another target first" },
};

/** `known`: bundles that are still there; null while nobody knows. */
function columns(known: Set<string> | null): Column<Update>[] {
  return [
    {
      key: "app",
      name: "Bundle",
      cell: ({ app_sid, app_unique_name }) =>
        known === null || known.has(app_sid) ? (
          <Link href={`/iot/microvisor/apps/${app_sid}`}>
            {nameOf({ sid: app_sid, unique_name: app_unique_name })}
          </Link>
        ) : (
          <span className="break">
            {nameOf({ sid: app_sid, unique_name: app_unique_name })}{" "}
            <span className="quiet-text">deleted</span>
          </span>
        ),
    },
    {
      key: "outcome",
      name: "Outcome",
      cell: ({ outcome, error_code, error }) => (
        <div className="stack">
          <span className="tags">
            <span className={`badge ${OUTCOMES[outcome].look}`}>{OUTCOMES[outcome].text}</span>
            {error_code !== 0 && <FailureCode code={error_code} />}
          </span>
          {error_code !== 0 && <FailureLine code={error_code} told={error} />}
        </div>
      ),
    },
    {
      key: "receipt",
      name: "Signed receipt",
      cell: ({ outcome }) => <span className="nowrap">{OUTCOMES[outcome].receipt}</span>,
    },
    { key: "targeted", name: "Targeted", cell: ({ date_targeted }) => <Ago date={date_targeted} /> },
    {
      key: "took",
      name: "Took",
      numeric: true,
      cell: ({ date_targeted, date_ended }) => <Duration from={date_targeted} to={date_ended} />,
    },
  ];
}

export function DeviceHistory({ sid }: { sid: string }) {
  const [token, setToken] = useState<string | null>(null);
  const apps = useApps();
  const updates = useUpdates(sid, token);
  const list = updates.data?.updates ?? [];
  const previous = pageToken(updates.data?.meta.previous_page_url ?? null);
  const next = pageToken(updates.data?.meta.next_page_url ?? null);
  return (
    <section className="card" aria-labelledby="device-history">
      <h2 id="device-history">Updates and receipts</h2>
      {updates.isPending && <Loading />}
      <ReadFailure query={updates} />
      {updates.isSuccess && list.length === 0 && (
        <p className="quiet-text">It was never given a target app.</p>
      )}
      {list.length > 0 && (
        <Table
          label="Updates"
          rows={list}
          rowKey={(update) => update.deployment_id}
          columns={columns(apps.data ? new Set(apps.data.map((app) => app.sid)) : null)}
        />
      )}
      {(previous !== null || next !== null) && (
        <Pager
          summary={`${list.length} on this page; the newest 100 are kept`}
          onPrevious={previous === null ? null : () => setToken(previous)}
          onNext={next === null ? null : () => setToken(next)}
        />
      )}
    </section>
  );
}
