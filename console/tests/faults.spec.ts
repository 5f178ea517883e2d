// SPDX-License-Identifier: Apache-2.0
// What goes wrong while somebody looks: the cloud dies during an upload, a device fails.
import { api, bed, control, expect, navigate, picture, signIn, test } from "./bed";

const UPLOAD_BYTES_PER_SEC = 2 * 1024 * 1024;

test("a cloud that dies during an upload leaves nothing and takes it at the next try", async ({ page }) => {
  await signIn(page);
  await navigate(page, "Application Bundles");
  await expect(page.getByRole("link", { name: "kept-v1" })).toBeVisible();
  const before = (await api("/v1/Apps?PageSize=1000")).apps.length;
  await page.getByRole("button", { name: "Upload Application Bundle" }).click();
  const panel = page.getByRole("dialog", { name: "Upload Application Bundle" });
  const choosing = page.waitForEvent("filechooser");
  await panel.getByRole("button", { name: "Browse" }).click();
  await (await choosing).setFiles(bed.files.large);
  await panel.getByLabel("Unique Name").fill("survivor");
  const line = await page.context().newCDPSession(page);
  const speed = (uploadThroughput: number) =>
    line.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    });
  await speed(UPLOAD_BYTES_PER_SEC);
  await panel.getByRole("button", { name: "Upload Application Bundle" }).click();
  await expect(panel.getByText(/^[1-9]\d? % sent$/)).toBeVisible();
  await page.keyboard.press("Escape");
  await page.mouse.click(10, 10);
  await expect(panel.getByText(/^[1-9]\d? % sent$/)).toBeVisible();
  await control("cloud/kill");
  await expect(panel.getByRole("alert")).toContainText("The cloud does not answer");
  await expect(panel.getByRole("alert")).toContainText("the connection broke before the upload was done");
  await picture(page, "upload-broken");
  await speed(-1);

  await control("cloud/start");
  const { apps } = await api("/v1/Apps?PageSize=1000");
  expect(apps).toHaveLength(before);
  await panel.getByRole("button", { name: "Try again" }).click();
  await expect(panel).toBeHidden({ timeout: 60_000 });
  await expect(page.getByRole("link", { name: "survivor" })).toHaveCount(1);
  expect((await api("/v1/Apps?PageSize=1000")).apps).toHaveLength(before + 1);
  await api("/v1/Apps/survivor", null, "DELETE");
  await expect(page.getByRole("link", { name: "survivor" })).toHaveCount(0);
});

test("a device that fails says so at once, and why", async ({ page }) => {
  await signIn(page);
  await navigate(page, "Devices");
  await page.getByRole("link", { name: "broken-board" }).click();
  const failures = page.getByRole("table", { name: "Updates" }).getByRole("row", { name: /Failed/ });
  await expect(failures.first()).toBeVisible();
  const before = await failures.count();
  await page.getByRole("button", { name: "Change Application Bundle Target" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByRole("combobox", { name: "Application Bundle" }).fill("sealed");
  await panel.getByRole("option", { name: "sealed" }).click();
  await panel.getByRole("button", { name: "Target this Application Bundle" }).click();
  await expect(panel).toBeHidden();
  const update = page.getByRole("region", { name: "Application bundle" });
  await expect(update.getByText("Pending", { exact: true })).toBeVisible();
  await control("device/broken-board/start");
  await expect(update.getByText("206 DecryptionKeyMissing")).toBeVisible({ timeout: 60_000 });
  await expect(update.locator(".steps .failed")).toHaveText("Manifest: failed here");
  await expect(failures).toHaveCount(before + 1);
  await control("device/broken-board/stop");
  await navigate(page, "Overview");
  const failed = page.getByRole("region", { name: "Failures and what to do" });
  await expect(failed.getByRole("listitem").filter({ hasText: "broken-board" })).toContainText(
    "The device does not hold the key its layers are encrypted with. Provision the device with that layer key",
  );
});

test("a page whose file is gone says so, and the rest goes on", async ({ page }) => {
  await page.route(/\/assets\/webhooks-.*\.js$/, (route) => route.abort());
  await signIn(page);
  await navigate(page, "Webhooks");
  await expect(page.getByRole("alert")).toContainText("This page could not be fetched");
  await picture(page, "page-lost");
  await navigate(page, "Devices");
  await expect(page.getByRole("link", { name: "story-board" })).toBeVisible();
  await navigate(page, "Webhooks");
  await page.unroute(/\/assets\/webhooks-.*\.js$/);
  await page.getByRole("button", { name: "Load again" }).click();
  await expect(page.getByRole("heading", { name: "Webhooks" })).toBeVisible();
});

test("a bundle that nobody knows anything of is not called deleted", async ({ page }) => {
  await signIn(page);
  await page.route("**/v1/Apps?*", (route) => route.abort());
  await page.goto("/console/?by=app");
  const plot = page.getByRole("region", { name: "Fleet over time" });
  await expect(plot.getByRole("listitem").filter({ hasText: "…" }).first()).toBeVisible();
  await expect(plot).not.toContainText("deleted");
  await navigate(page, "Devices");
  await page.getByRole("link", { name: "broken-board" }).click();
  const updates = page.getByRole("table", { name: "Updates" });
  await expect(updates.getByRole("link", { name: "sealed" }).first()).toBeVisible();
  await expect(updates).not.toContainText("deleted");
});
