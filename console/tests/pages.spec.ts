// SPDX-License-Identifier: Apache-2.0
// Each page in both themes and on a phone: drawn, kept as a picture, held against axe; and everything by keyboard.
import type { Page } from "@playwright/test";
import { api, bed, expect, expectAccessible, expectFits, picture, signIn, test } from "./bed";

const PAGES: [string, string, RegExp][] = [
  ["overview", "/console/", /Overview/],
  ["apps", "/console/iot/microvisor/apps", /Microvisor Application Bundles/],
  ["devices", "/console/iot/microvisor/devices", /Microvisor Devices/],
  ["logs", "/console/logs", /Logs/],
  ["webhooks", "/console/settings/webhooks", /Webhooks/],
  ["audit", "/console/audit", /Audit/],
  ["configs", "/console/settings/configs", /Configs/],
  ["secrets", "/console/settings/secrets", /Secrets/],
  ["api-keys", "/console/settings/api-keys", /API keys/],
  ["not-found", "/console/nowhere", /There is no such page/],
];

async function settled(page: Page, heading: RegExp) {
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
  await expect(page.getByText("Loading…")).toHaveCount(0);
}

async function look(page: Page, name: string) {
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await picture(page, `${name}-${scheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await expectFits(page, name);
  await page.setViewportSize({ width: 1000, height: 860 });
  await expectFits(page, `${name} beside another window`);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectFits(page, `${name} on a phone`);
  await picture(page, `${name}-phone`);
  await page.setViewportSize({ width: 1280, height: 860 });
}

test("sign-in, and on a phone", async ({ page }) => {
  await page.goto("/console/");
  await settled(page, /Sign in/);
  await look(page, "sign-in");
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page);
  await page.getByRole("button", { name: "Menu" }).click();
  await expect(page.getByRole("link", { name: "Application Bundles" })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("link", { name: "Secrets" })).toBeHidden();
  await expect(page.getByRole("button", { name: "Menu" })).toBeFocused();
  await page.keyboard.press("Enter");
  // Who walks past its end is on the page again.
  await page.getByRole("button", { name: "Sign out" }).press("Tab");
  await expect(page.getByRole("link", { name: "Secrets" })).toBeHidden();
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("link", { name: "Application Bundles" }).click();
  await settled(page, /Microvisor Application Bundles/);
  await expect(page.getByRole("link", { name: "Secrets" })).toBeHidden();
  await expectAccessible(page);
});

test("every page", async ({ page }) => {
  await signIn(page);
  for (const [name, path, heading] of PAGES) {
    await page.goto(path);
    await settled(page, heading);
    await look(page, name);
  }
});

test("an application bundle, a device and the panels", async ({ page }) => {
  await signIn(page);
  await page.goto("/console/iot/microvisor/apps");
  await page.getByRole("link", { name: "kept-v2" }).click();
  await expect(page.getByRole("region", { name: "Layers in flash" })).toBeVisible();
  await expect(page.getByText("layer that both have")).toBeVisible();
  await expect(page.getByText("shared", { exact: true }).first()).toBeVisible();
  await look(page, "app");
  await page.goto("/console/iot/microvisor/devices");
  await page.getByRole("link", { name: "broken-board" }).click();
  await expect(page.getByText("The update failed")).toBeVisible();
  await look(page, "device-error");
  await page.getByRole("button", { name: "Change Application Bundle Target" }).click();
  await page.getByRole("combobox", { name: "Application Bundle" }).click();
  await expect(
    page.getByRole("listbox", { name: "Application Bundles" }).getByRole("option").first(),
  ).toBeVisible();
  await look(page, "target-panel");
  await page.keyboard.press("Escape");
  await page.goto("/console/iot/microvisor/apps");
  await page.getByRole("button", { name: "Upload Application Bundle" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await look(page, "upload-panel");
});

/** Panels that a button of a page opens. */
const PANELS: [string, string, string | RegExp][] = [
  ["edit-panel", "/console/iot/microvisor/devices/DEVICE", "Name and tags"],
  ["remove-panel", "/console/iot/microvisor/devices/DEVICE", "Remove this Device"],
  ["config-panel", "/console/settings/configs", "Add a config"],
  ["webhook-panel", "/console/settings/webhooks", "Create a webhook"],
  ["api-key-panel", "/console/settings/api-keys", "Create an API key"],
];

test("the other panels, a device and a list without anything", async ({ page }) => {
  await signIn(page);
  for (const [name, path, button] of PANELS) {
    await page.goto(path.replace("DEVICE", bed.device));
    await page.getByRole("button", { name: button }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await look(page, name);
  }
  await page.goto("/console/iot/microvisor/apps");
  await page.getByRole("link", { name: "sealed" }).click();
  await page.getByRole("button", { name: "Delete this Application Bundle" }).click();
  await expect(page.getByRole("dialog").getByRole("link", { name: "broken-board" })).toBeVisible();
  await look(page, "delete-panel");
  await page.goto(`/console/iot/microvisor/devices/${bed.device}`);
  await expect(page.getByRole("heading", { name: "Updates and receipts" })).toBeVisible();
  await look(page, "device");
  await page.route("**/v1/Apps?*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), apps: [] } });
  });
  await page.goto("/console/iot/microvisor/apps");
  await expect(page.getByText("No application bundle yet")).toBeVisible();
  await look(page, "apps-empty");
});

test("the plots with a week behind them", async ({ page }) => {
  const { apps } = await api("/v1/Apps");
  const sids: (string | null)[] = [...apps.map(({ sid }: { sid: string }) => sid), null];
  // What a cloud of a week would answer: one app comes, another goes; no server ran for some hours.
  await page.route("**/v1/DeviceHistory?*", async (route) => {
    const since = Date.parse(new URL(route.request().url()).searchParams.get("Since")!);
    const span = Date.now() - since;
    const hours: object[] = [];
    for (let at = since; at < Date.now(); at += 3_600_000) {
      const part = (at - since) / span;
      if (part > 0.4 && part < 0.47) continue;
      sids.forEach((app_sid, index) => {
        const devices = Math.round([8 * part, 8 * (1 - part), 2, 1][index]!);
        const pending = index === 0 ? Math.round(2 * part * (1 - part) * 4) : 0;
        const error = index === 2 ? 1 : 0;
        const date = new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
        hours.push({
          ...{ date, app_sid, devices, pending, error },
          up_to_date: Math.max(0, devices - pending - error),
        });
      });
    }
    await route.fulfill({ json: { hours, url: route.request().url() } });
  });
  await signIn(page);
  await look(page, "plot-day");
  await page.getByLabel("By", { exact: true }).selectOption("target app");
  await page.getByLabel("Over", { exact: true }).selectOption("7 days");
  await expect(page.getByRole("img", { name: /by target app over 168 hours/ })).toBeVisible();
  await page.getByText("The numbers").click();
  await look(page, "plot-week-by-app");
  // Where the system chooses the colours the legend still tells them apart.
  await page.emulateMedia({ forcedColors: "active" });
  const grounds = await page
    .locator(".plot .key")
    .evaluateAll((keys) => keys.map((key) => getComputedStyle(key).backgroundColor));
  expect(new Set(grounds).size).toBe(grounds.length);
  await picture(page, "plot-forced-colors");
});

test("by keyboard alone", async ({ page }) => {
  await signIn(page);
  await page.goto("/console/iot/microvisor/apps");
  await settled(page, /Microvisor Application Bundles/);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
  await page.keyboard.press("Enter");
  const upload = page.getByRole("button", { name: "Upload Application Bundle" });
  await page.keyboard.press("Tab");
  while (!(await upload.evaluate((button) => button === document.activeElement)))
    await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog");
  await expect(panel).toBeVisible();
  for (let press = 0; press < 12; press += 1) {
    await page.keyboard.press("Tab");
    // Past the panel's last field comes its first one again, with the browser's own bar between.
    expect(await page.evaluate(() => document.getElementById("root")!.contains(document.activeElement))).toBe(
      false,
    );
  }
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(upload).toBeFocused();
});
