// SPDX-License-Identifier: Apache-2.0
// What every test begins with: who signs in, a page that may not complain, pictures and the accessibility check.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, request, test as base } from "@playwright/test";

interface Bed {
  sid: string;
  token: string;
  readKey: { sid: string; secret: string };
  device: string;
  /** A device that is away and has a pending update. */
  pending: string;
  /** Steps behind the browser's back: see console_test.py. */
  control: string;
  files: Record<"v1" | "v2" | "unsigned" | "damaged" | "oversize" | "large", string>;
  pictures: string;
}

export const bed = JSON.parse(process.env.STRATA_CONSOLE_TEST ?? "{}") as Bed;

/** Fails when the page throws, or breaks its own content security policy. */
export const test = base.extend({
  page: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // A refused request is logged by the browser; tests look at what the page makes of it.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        complaints.push(message.text());
      }
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(process.env.STRATA_CONSOLE_URL!) && !request.url().startsWith("data:")) {
        complaints.push(`a request to someone else: ${request.url()}`);
      }
    });
    await use(page);
    expect(complaints).toEqual([]);
  },
});

export { expect };

/** The cloud is stopped and started, devices too: console_test.py does it. */
export async function control(step: string): Promise<void> {
  const answer = await fetch(`${bed.control}/${step}`, { method: "POST" });
  if (!answer.ok) throw new Error(`${step}: ${await answer.text()}`);
}

/** What somebody else does at the same time: GET, or POST of fields. */
export async function api(
  path: string,
  fields: Record<string, string> | null = null,
  method = fields === null ? "GET" : "POST",
) {
  const context = await request.newContext({
    baseURL: process.env.STRATA_CONSOLE_URL!,
    ignoreHTTPSErrors: true,
    httpCredentials: { username: bed.sid, password: bed.token, send: "always" },
  });
  const answer = await context.fetch(path, { method, ...(fields === null ? {} : { form: fields }) });
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  const body = answer.status() === 204 ? null : await answer.json();
  await context.dispose();
  return body;
}

export async function signIn(page: Page, sid = bed.sid, secret = bed.token): Promise<void> {
  await page.goto("/");
  await page.getByLabel("Account SID or API key SID").fill(sid);
  await page.getByLabel("Auth token or secret").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
}

export async function navigate(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click();
}

export function picture(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: `${bed.pictures}/${name}.png`, fullPage: true, animations: "disabled" });
}

export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}
