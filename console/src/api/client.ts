// SPDX-License-Identifier: Apache-2.0
// The REST API, typed by api/openapi.yaml. A refusal becomes a thrown Refusal; a session that has ended is announced.
import type { components, paths } from "@schema";
import createClient from "openapi-fetch";

type Schemas = components["schemas"];
export type App = Schemas["App"];
export type CreatedApp = Schemas["CreatedApp"];
export type Device = Schemas["Device"];
export type DeviceCounts = Schemas["DeviceCounts"];
export type DeviceHistory = Schemas["DeviceHistory"];
export type ApiKey = Schemas["ApiKey"];
export type CreatedApiKey = Schemas["CreatedApiKey"];
export type Account = Schemas["Account"];
export type AuditEntry = Schemas["AuditEntry"];
export type StrataEvent = Schemas["Event"];
export type Update = Schemas["Update"];
export type LogLine = Schemas["LogLine"];
export type Webhook = Schemas["Webhook"];
export type CreatedWebhook = Schemas["CreatedWebhook"];
export type DeadLetter = Schemas["DeadLetter"];
export type Meta = Schemas["Meta"];

/** What no page of another origin can send (docs/spec/console.md). */
export const OWN_PAGE = { "Strata-Console": "1" };

/** The cloud said no, or (status 0) did not answer. `code` is one of docs/spec/rest.md#errors. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly retryAfterSec: number = 0,
  ) {
    super(message);
  }
}

const sessionEnd = new EventTarget();

export function onSessionEnd(listener: () => void): () => void {
  sessionEnd.addEventListener("end", listener);
  return () => sessionEnd.removeEventListener("end", listener);
}

export function refusalOf(status: number, body: unknown, retryAfter: string | null): Refusal {
  const { code, message } = (body ?? {}) as { code?: unknown; message?: unknown };
  if (status === 401) sessionEnd.dispatchEvent(new Event("end"));
  return new Refusal(
    status,
    typeof code === "number" ? code : 0,
    typeof message === "string" ? message : `the server answered ${status}`,
    Number(retryAfter ?? 0) || 0,
  );
}

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  headers: { ...OWN_PAGE, "Content-Type": "application/x-www-form-urlencoded" },
  // Looked up at each call, so that tests can stand in.
  fetch: (request) => fetch(request),
});

/** The answer's body, or a thrown Refusal. */
export async function take<T>(
  call: Promise<{ data?: T | undefined; error?: unknown; response: Response }>,
): Promise<T> {
  let answer;
  try {
    answer = await call;
  } catch {
    throw new Refusal(0, 0, "the cloud does not answer");
  }
  const { data, error, response } = answer;
  if (!response.ok) throw refusalOf(response.status, error, response.headers.get("Retry-After"));
  return data as T;
}

/** The token in `next_page_url` or `previous_page_url`. */
export function pageToken(url: string | null): string | null {
  return url === null ? null : new URL(url).searchParams.get("PageToken");
}

/** Follows a list to its end; for lists that the cloud itself bounds. */
export async function takeAll<T>(
  fetchPage: (token: string | undefined) => Promise<{ items: T[]; meta: Meta }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items, meta } = await fetchPage(token);
    all.push(...items);
    token = pageToken(meta.next_page_url) ?? undefined;
  } while (token !== undefined);
  return all;
}

/** Form fields without those that are not given. */
export function form<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
