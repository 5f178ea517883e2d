// SPDX-License-Identifier: Apache-2.0
// Loading, failing, having nothing to show.
import type { ReactNode } from "react";
import { Refusal } from "../api/client";
import { problemOf } from "../api/problems";
import { Icon } from "./icon";

export function Loading() {
  return (
    <div className="loading" role="status">
      <span className="spinner" /> Loading…
    </div>
  );
}

/** What went wrong and what to do, where it went wrong. */
export function ProblemNote({ error }: { error: unknown }) {
  const { title, next, detail } = problemOf(error);
  return (
    <div className="note bad" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{title}</strong>
        <p>{next}</p>
        {detail !== undefined && <p className="fine">{detail}</p>}
      </div>
    </div>
  );
}

/** In place of a page or a part of one that could not be read. */
export function Failure({
  error,
  retry,
  children,
}: {
  error: unknown;
  retry: () => void;
  children?: ReactNode;
}) {
  return (
    <div className="failure">
      <ProblemNote error={error} />
      <div className="actions">
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
        {children}
      </div>
    </div>
  );
}

interface Reading {
  isError: boolean;
  error: unknown;
  data: unknown;
  refetch: () => unknown;
}

/** Why something could not be read; `children`: other ways on. What was read before stays: that the cloud is away is told beside the navigation. */
export function ReadFailure({ query, children }: { query: Reading; children?: ReactNode }) {
  const away = query.error instanceof Refusal && (query.error.status === 0 || query.error.status >= 500);
  if (!query.isError || (away && query.data !== undefined)) return null;
  return (
    <Failure error={query.error} retry={() => void query.refetch()}>
      {children}
    </Failure>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}
