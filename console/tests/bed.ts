// SPDX-License-Identifier: Apache-2.0
// What every test begins with: who signs in, a page that may not complain, pictures and the accessibility check.
import AxeBuilder from "@axe-core/playwright";
import { createReadStream } from "node:fs";
import { type APIRequestContext, expect, type Page, request, test as base } from "@playwright/test";

interface Bed {
  sid: string;
  token: string;
  readKey: { sid: string; secret: string };
  device: string;
  /** A device that is away and has a pending update. */
  pending: string;
  /** A receiver of webhooks. */
  hook: string;
  /** Steps behind the browser's back: see console_test.py. */
  control: string;
  files: Record<"v1" | "v2" | "unsigned" | "damaged" | "oversize" | "large", string>;
  pictures: string;
}

export const bed = JSON.parse(process.env.STRATA_CONSOLE_TEST ?? "{}") as Bed;

/** What the browser itself logs of a request that was refused or broke; tests look at what the page makes of it. */
const BROKEN_REQUEST = /^(Failed to load resource|TypeError: Failed to fetch dynamically imported module)/;

/** Collects what a page must never do: throw, break its content security policy, ask someone else for something. */
function watch(page: Page, complaints: string[]): void {
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => complaints.push(`a script opened a window: ${dialog.message()}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !BROKEN_REQUEST.test(message.text())) complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(process.env.STRATA_CONSOLE_URL!) && !request.url().startsWith("data:")) {
      complaints.push(`a request to someone else: ${request.url()}`);
    }
  });
}

/** `wall`: a page of another browser; both fail at their end when they did what no page may. */
export const test = base.extend<{ wall: Page }>({
  page: async ({ page }, use) => {
    const complaints: string[] = [];
    watch(page, complaints);
    await use(page);
    expect(complaints).toEqual([]);
  },
  wall: async ({ browser }, use) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const complaints: string[] = [];
    const page = await context.newPage();
    watch(page, complaints);
    await use(page);
    expect(complaints).toEqual([]);
    await context.close();
  },
});

export { expect };

/** The cloud is stopped and started, devices too, and more: console_test.py does it. */
export async function control(step: string): Promise<string> {
  const answer = await fetch(`${bed.control}/${step}`, { method: "POST" });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${step}: ${text}`);
  return text;
}

/** What somebody else does at the same time: GET, or POST of fields. */
export function api(
  path: string,
  fields: Record<string, string> | null = null,
  method = fields === null ? "GET" : "POST",
) {
  return ask(path, method, fields === null ? {} : { form: fields });
}

export function uploadApp(file: string, name: string) {
  return ask("/v1/Apps", "POST", { multipart: { File: createReadStream(file), UniqueName: name } });
}

async function ask(path: string, method: string, body: Parameters<APIRequestContext["fetch"]>[1]) {
  const context = await request.newContext({
    baseURL: process.env.STRATA_CONSOLE_URL!,
    ignoreHTTPSErrors: true,
    httpCredentials: { username: bed.sid, password: bed.token, send: "always" },
  });
  const answer = await context.fetch(path, { method, ...body });
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  const read = answer.status() === 204 ? null : await answer.json();
  await context.dispose();
  return read;
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

/** What is worth a picture is held against axe too. */
export async function picture(page: Page, name: string): Promise<void> {
  await expectAccessible(page);
  await page.screenshot({ path: `${bed.pictures}/${name}.png`, fullPage: true, animations: "disabled" });
}

/** Nothing is cut off or must be scrolled sideways, a moment after the window got its size: an open list follows its field. */
export async function expectFits(page: Page, name: string): Promise<void> {
  const wider = () =>
    page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll(".card, .table-frame, .panel")]
        .filter((box) => box.scrollWidth > box.clientWidth)
        .map((box) => box.className || "page"),
    );
  await expect.poll(wider, { message: `${name} fits` }).toEqual([]);
}

export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}
