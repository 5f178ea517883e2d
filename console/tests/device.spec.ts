// SPDX-License-Identifier: Apache-2.0
// A device's page: its log as it comes, its history, its end; and what the whole account did.
import type { Page } from "@playwright/test";
import { api, bed, control, expect, navigate, picture, signIn, test } from "./bed";

const failedStep = (page: Page) => page.getByRole("list", { name: "Steps of the update" }).locator(".failed");

async function openDevice(page: Page, name: string) {
  await navigate(page, "Devices");
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

test("the log comes as it is written, is held, narrowed and ended", async ({ page }) => {
  await api(`/v1/Devices/${bed.device}`, { TargetApp: "kept-v1" });
  await signIn(page);
  await openDevice(page, "story-board");
  await expect(page.getByRole("region", { name: "Application bundle" }).getByText("Up to date")).toBeVisible({
    timeout: 90_000,
  });
  const log = page.getByRole("region", { name: "Application log" });
  await log.getByRole("button", { name: "Start logging" }).click();
  await expect(log.getByText("Logging is on, ends in 24 hours")).toBeVisible();
  const lines = log.locator(".log-line");
  await page.getByRole("button", { name: "Restart app" }).click();
  await expect(lines.filter({ hasText: "blink" }).first()).toBeVisible({ timeout: 60_000 });
  const count = await lines.count();
  await expect.poll(() => lines.count(), { timeout: 60_000 }).toBeGreaterThan(count);
  await picture(page, "device-log");

  // Where lines take more room than one row the newest one is in sight too.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.reload();
  // Enough that the log has been scrolled off its beginning twice.
  await expect.poll(() => lines.count(), { timeout: 90_000 }).toBeGreaterThan(30);
  await page.getByRole("log").scrollIntoViewIfNeeded();
  for (let more = 1; more <= 3; more += 1) {
    const before = await lines.last().textContent();
    await expect(lines.last()).not.toHaveText(before!);
    const fromEnd = await page
      .getByRole("log")
      .evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
    expect(fromEnd).toBeLessThan(2);
  }
  await picture(page, "device-log-phone");
  await page.setViewportSize({ width: 1280, height: 860 });

  await log.getByRole("button", { name: "Pause" }).click();
  const held = await lines.count();
  await expect(log.getByText(/Paused, \d+ new/)).toBeVisible({ timeout: 60_000 });
  expect(await lines.count()).toBe(held);
  await log.getByRole("button", { name: "Resume" }).click();
  await expect.poll(() => lines.count()).toBeGreaterThan(held);

  await log.getByLabel("Lines that contain").fill("no line says this");
  await expect(log.getByText("No line contains that.")).toBeVisible();
  await log.getByLabel("Lines that contain").fill("BLINK");
  await expect(lines.first()).toBeVisible();
  await log.getByRole("button", { name: "Stop logging" }).click();
  await expect(log.getByText("Logging is off")).toBeVisible();

  // The same log stands under Logs, found by the device's name.
  await navigate(page, "Logs");
  await page.getByRole("combobox", { name: "Device" }).fill("story");
  await page.getByRole("option", { name: "story-board" }).click();
  await expect(
    page.getByRole("region", { name: "Application log" }).locator(".log-line").first(),
  ).toBeVisible();
  await picture(page, "logs-device");
});

test("history says how each update ended, by which receipt, and what to do", async ({ page }) => {
  await signIn(page);
  await openDevice(page, "broken-board");
  const row = page.getByRole("table", { name: "Updates" }).getByRole("row", { name: "sealed" });
  await expect(row).toContainText("Failed");
  await expect(row).toContainText("206 DecryptionKeyMissing");
  await expect(row).toContainText("says failed");
  await expect(row).toContainText("Provision the device with that layer key");
  const update = page.getByRole("region", { name: "Application bundle" });
  await expect(update.getByRole("status")).toContainText("The device does not hold the key");
  await expect(update.getByRole("status")).toContainText("What to do:");
  await expect(failedStep(page)).toHaveText("Manifest: failed here");
});

test("an app that crashes is taken back, and the step says where", async ({ page }) => {
  await signIn(page);
  await openDevice(page, "story-board");
  const update = page.getByRole("region", { name: "Application bundle" });
  await expect(update.getByText("Up to date")).toBeVisible();
  await api(`/v1/Devices/${bed.device}`, { TargetApp: "crashes" });
  await expect(update.getByText("501 AppCrashed")).toBeVisible({ timeout: 90_000 });
  await expect(failedStep(page)).toHaveText("Start: failed here");
  await expect(update).toContainText("the device went back to the app before");
  await expect(update.getByRole("link", { name: "kept-v1" })).toBeVisible();
  // The last receipt said that it failed; nothing claims that the old app was confirmed then.
  await expect(update).not.toContainText("confirmed");
  await picture(page, "device-reverted");
  // The bundle that it went back to knows who runs it, and can't be deleted from under it.
  await update.getByRole("link", { name: "kept-v1" }).click();
  await expect(page.getByRole("heading", { name: "Running it, with another target" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Devices with it as target" })).toContainText("story-board");
  await page.getByRole("button", { name: "Delete this Application Bundle" }).click();
  await expect(page.getByRole("dialog")).toContainText("story-board still runs it");
  await page.keyboard.press("Escape");
  await page.goBack();
  await api(`/v1/Devices/${bed.device}`, { TargetApp: "kept-v1" });
  await expect(update.getByText("Up to date")).toBeVisible({ timeout: 90_000 });
});

test("a removed device is gone for everyone who looks at it", async ({ page, wall }) => {
  await signIn(wall);
  await openDevice(wall, "doomed-board");
  await signIn(page);
  await openDevice(page, "doomed-board");
  await page.getByRole("button", { name: "Remove this Device" }).click();
  const panel = page.getByRole("dialog", { name: "Remove a Device" });
  await expect(panel).toContainText("refuses doomed-board, for good");
  await picture(page, "remove-device");
  await panel.getByRole("button", { name: "Cancel" }).click();
  await expect(panel).toBeHidden();
  await page.getByRole("button", { name: "Remove this Device" }).click();
  await panel.getByRole("button", { name: "Remove this Device" }).click();
  await expect(page.getByRole("heading", { name: "Microvisor Devices" })).toBeVisible();
  await expect(page.getByRole("link", { name: "story-board" })).toBeVisible();
  await expect(page.getByRole("table").getByRole("link", { name: "doomed-board" })).toHaveCount(0);
  await expect(wall.getByText("It is not there any more")).toBeVisible();
  await wall.getByRole("main").getByRole("link", { name: "All devices" }).click();
  await expect(wall.getByRole("heading", { name: "Microvisor Devices" })).toBeVisible();
});

test("what the account does shows under Logs as it happens", async ({ page }) => {
  await signIn(page);
  await navigate(page, "Logs");
  const table = page.getByRole("table", { name: "Events" });
  await expect(table.getByRole("row", { name: /Bundle uploaded kept-v1/ })).toBeVisible();
  await expect(table.getByRole("row", { name: /Failed broken-board 206/ })).toBeVisible();
  const before = await table.getByRole("row", { name: /Targeted fleet-2/ }).count();
  await page.getByRole("button", { name: "Pause" }).click();
  await api("/v1/Devices/fleet-2", { TargetApp: "kept-v2" });
  await api("/v1/Devices/fleet-2", { TargetApp: "kept-v1" });
  await page.waitForTimeout(1_000);
  await expect(table.getByRole("row", { name: /Targeted fleet-2/ })).toHaveCount(before);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(table.getByRole("row", { name: /Targeted fleet-2/ })).toHaveCount(before + 2);
  await page.getByLabel("Show").selectOption("Failed");
  await expect(table.getByRole("row", { name: /Targeted/ })).toHaveCount(0);
  await expect(table.getByRole("row", { name: /broken-board/ })).toBeVisible();
});

test("webhooks are made, tried, looked after and deleted", async ({ page }) => {
  await signIn(page);
  await navigate(page, "Webhooks");
  await page.getByRole("button", { name: "Create a webhook" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByLabel("URL").fill("ftp://hooks.example.com/");
  await panel.getByRole("button", { name: "Create this webhook" }).click();
  await expect(panel.getByRole("alert")).toContainText("Url");
  await panel.getByLabel("URL").fill(bed.hook);
  await panel.getByLabel("Name").fill("pager");
  await panel.getByRole("button", { name: "Create this webhook" }).click();
  await expect(panel).toContainText("It is not shown again");
  await expect(panel.locator("dd .mono").nth(1)).toHaveText(/^[0-9a-f]{32}$/);
  await panel.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("cell", { name: bed.hook })).toBeVisible();
  await page.getByRole("button", { name: "Send a test to pager" }).click();
  await expect(page.getByText("A test is on its way to pager")).toBeVisible();
  await expect.poll(() => control("hook/received")).toMatch(/\d/);

  await page.getByRole("button", { name: "Dead letters of pager" }).click();
  await expect(panel).toContainText("everything was delivered");
  await page.keyboard.press("Escape");
  // Ten attempts take a day; two messages are put where they would be then.
  const { webhooks } = await api("/v1/Webhooks");
  const event = async (type: string) =>
    (await api(`/v1/Events?Device=broken-board&Type=${type}&PageSize=1`)).events[0].id as number;
  const failed = await event("deployment.failed");
  await control(`hook/bury/${webhooks[0].sid}/${failed}/${await event("deployment.pending")}`);
  await page.getByRole("button", { name: "Dead letters of pager" }).click();
  const letters = panel.getByRole("listitem");
  await expect(letters).toHaveCount(2);
  await expect(panel).toContainText("The last answer was 503: Service Unavailable");
  await picture(page, "dead-letters");
  await letters.filter({ hasText: "Failed" }).getByRole("button", { name: "Send again" }).click();
  await expect(page.getByText("1 message is on the way again")).toBeVisible();
  await expect(letters).toHaveCount(1);
  await expect(letters).toContainText("Targeted");
  await expect.poll(() => control("hook/received")).toContain(`"${failed}"`);
  await panel.getByRole("button", { name: "Send all of them again" }).click();
  await expect(panel).toContainText("everything was delivered");
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Delete pager" }).click();
  await panel.getByRole("button", { name: "Delete this webhook" }).click();
  await expect(page.getByText("No webhook yet")).toBeVisible();
});
