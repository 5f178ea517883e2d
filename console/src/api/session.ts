// SPDX-License-Identifier: Apache-2.0
// Who is signed in: /console/session (docs/spec/console.md). The cookie is the browser's and the server's business.
import { OWN_PAGE, Refusal, refusalOf } from "./client";

export interface Session {
  account_sid: string;
  friendly_name: string;
  api_key_sid: string | null;
  scopes: string[];
  date_expires: string;
}

async function ask(method: string, fields?: Record<string, string>): Promise<Session | null> {
  let response: Response;
  try {
    response = await fetch("/console/session", {
      method,
      headers: OWN_PAGE,
      ...(fields === undefined ? {} : { body: new URLSearchParams(fields) }),
    });
  } catch {
    throw new Refusal(0, 0, "the cloud does not answer");
  }
  if (response.status === 204) return null;
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusalOf(response.status, body, response.headers.get("Retry-After"));
  return body as Session;
}

export const whoIsSignedIn = () => ask("GET");
export const signIn = (sid: string, secret: string) => ask("POST", { Sid: sid, Secret: secret });
export const signOut = () => ask("DELETE");

/** Whether the session may do what needs one of `scopes` (docs/spec/rest.md "API keys and scopes"). */
export function may(session: Session, ...scopes: string[]): boolean {
  return session.scopes.some((scope) => scope === "admin" || scopes.includes(scope));
}
