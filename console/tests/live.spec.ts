// SPDX-License-Identifier: Apache-2.0
// What happens shows without a reload, in every browser, also when the cloud was away meanwhile.
import type { Page, Request } from "@playwright/test";
import { api, bed, control, expect, navigate, picture, signIn, test } from "./bed";

const STREAM = "**/v1/Events/Stream";

const state = (page: Page) => page.getByRole("complementary").locator(".live");

async function openDevice(page: Page, name: string) {
  await navigate(page, "Devices");
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

test("two browsers see the same at once", async ({ page, wall }) => {
  await signIn(page);
  await signIn(wall);
  await expect(state(wall)).toHaveText("Live");
  await openDevice(wall, "fleet-0");
  await openDevice(page, "fleet-0");

  await page.getByRole("button", { name: "Name and tags" }).click();
  await page.getByRole("dialog").getByLabel("Unique Name").fill("fleet-zero");
  await page.getByRole("button", { name: "Save" }).click();
  // Before the next poll, which comes once a minute: the stream said so.
  await expect(wall.getByRole("heading", { name: "fleet-zero", level: 1 })).toBeVisible();

  await navigate(wall, "Devices");
  await page.getByRole("button", { name: "Name and tags" }).click();
  await page.getByRole("dialog").getByLabel("Unique Name").fill("fleet-0");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(wall.getByRole("table").getByRole("link", { name: "fleet-0" })).toBeVisible();
});

test("progress is drawn as it is told, without asking the cloud", async ({ page }) => {
  const device = await api(`/v1/Devices/${bed.pending}`);
  const event = {
    id: 1,
    type: "deployment.progress",
    timestamp: "2026-01-31T12:34:56.000000Z",
    account_sid: bed.sid,
    device_sid: device.sid,
    app_sid: device.app.target_sid,
    unique_name: device.unique_name,
    deployment_id: device.app.deployment_id,
    error_code: 0,
    error: null,
    update_state: "fetching-layers",
    bytes_staged: 65_536,
    bytes_total: 262_144,
  };
  const foreign = { ...event, id: 2, deployment_id: "0".repeat(32), update_state: "applying" };
  let told = false;
  await page.route(STREAM, (route) =>
    told
      ? route.fulfill({
          contentType: "text/event-stream",
          body: `retry: 2000\nid: 0\n\nid: 1\ndata: ${JSON.stringify(event)}\n\nid: 2\ndata: ${JSON.stringify(foreign)}\n\n`,
        })
      : route.abort(),
  );
  await signIn(page);
  await expect(state(page)).toHaveText("Not live: connecting again…");
  await openDevice(page, device.unique_name);
  await expect(page.getByText("has not said anything about this update yet")).toBeVisible();
  // From here on nothing but the stream says anything.
  await page.route("**/v1/Devices/**", (route) => route.abort());
  told = true;
  await expect(page.getByText("64.0 KiB of 256 KiB")).toBeVisible();
  await expect(page.getByText("The device says: fetching layers.")).toBeVisible();
});

test("a cloud that was away is missed, found again and caught up with", async ({ page }) => {
  await signIn(page);
  await expect(state(page)).toHaveText("Live");
  const rest = page.waitForResponse(/\/api-keys-.*\.js$/);
  await openDevice(page, "fleet-1");
  await rest;
  await control("cloud/stop");
  await expect(state(page)).toHaveText("Not live: connecting again…");
  await expect(page.getByText("Not live: the cloud does not answer")).toBeVisible();
  await picture(page, "not-live");
  // Pages that were not opened yet are there all the same.
  await navigate(page, "API keys");
  await expect(page.getByRole("heading", { name: "API keys" })).toBeVisible();
  await page.goBack();
  const again = page.waitForRequest(
    (request: Request) => request.url().includes("/v1/Events/Stream") && "last-event-id" in request.headers(),
  );
  await control("cloud/start");
  await api(`/v1/Devices/fleet-1`, { Tags: "fleet,seen again" });
  expect(Number((await again).headers()["last-event-id"])).toBeGreaterThan(0);
  await expect(state(page)).toHaveText("Live");
  await expect(page.getByText("Not live: the cloud does not answer")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "seen again" })).toBeVisible();
  await api(`/v1/Devices/fleet-1`, { Tags: "fleet" });
  await expect(page.getByRole("link", { name: "seen again" })).toHaveCount(0);
});

test("whose key was deleted is signed out without doing anything", async ({ page }) => {
  const key = await api("/v1/ApiKeys", { Scopes: "read", FriendlyName: "wall" });
  await signIn(page, key.sid, key.secret);
  await expect(state(page)).toHaveText("Live");
  await api(`/v1/ApiKeys/${key.sid}`, null, "DELETE");
  await expect(page.getByRole("heading", { name: "Sign in to the console" })).toBeVisible();
});

test("one page too many says so and reads again by itself", async ({ page }) => {
  await page.route(STREAM, (route) =>
    route.fulfill({
      status: 429,
      headers: { "Retry-After": "1" },
      json: { code: 20429, message: "too many" },
    }),
  );
  await signIn(page);
  await expect(state(page)).toHaveText("Not live: too many pages follow");
  await expect(page.getByText("the cloud does not answer")).toHaveCount(0);
  await openDevice(page, "fleet-1");
  await api("/v1/Devices/fleet-1", { Tags: "fleet,late" });
  await expect(page.getByRole("link", { name: "late" })).toBeVisible();
  await api("/v1/Devices/fleet-1", { Tags: "fleet" });
  await page.unroute(STREAM);
  await expect(state(page)).toHaveText("Live");
});
