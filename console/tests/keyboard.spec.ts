// SPDX-License-Identifier: Apache-2.0
// The product page's whole story without a mouse: sign in, upload, deploy, be refused a deletion, deploy another, delete.
import type { Locator, Page } from "@playwright/test";
import { bed, expect, signIn, test } from "./bed";

/** Presses `key` until the focus is there, as somebody without a mouse does. */
async function reach(page: Page, what: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expect(what).toBeVisible();
  for (let press = 0; press < 80; press += 1) {
    if (await what.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${what} is not reached by ${key}`);
}

async function press(page: Page, what: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await reach(page, what, key);
  await page.keyboard.press("Enter");
}

const place = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true });

async function openApp(page: Page, name: string) {
  await press(page, place(page, "Application Bundles"), "Shift+Tab");
  await press(page, page.getByRole("table").getByRole("link", { name, exact: true }));
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

async function target(page: Page, app: string) {
  await press(page, place(page, "Devices"), "Shift+Tab");
  await press(page, page.getByRole("table").getByRole("link", { name: "story-board" }));
  await press(page, page.getByRole("button", { name: "Change Application Bundle Target" }));
  const panel = page.getByRole("dialog", { name: "Target a Microvisor Application Bundle" });
  await reach(page, panel.getByRole("combobox", { name: "Application Bundle" }));
  await page.keyboard.type(app);
  // What was typed, not what is newest, is what Enter takes, before the list is drawn anew too.
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("combobox", { name: "Application Bundle" })).toHaveValue(app);
  await press(page, panel.getByRole("button", { name: "Target this Application Bundle" }));
  await expect(panel).toBeHidden();
  const update = page.getByRole("region", { name: "Application bundle" });
  await expect(update.getByRole("link", { name: app })).toHaveCount(2, { timeout: 90_000 });
  await expect(update.getByText("Up to date")).toBeVisible();
}

test("the whole story by keyboard", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByLabel("Account SID or API key SID")).toBeFocused();
  await page.keyboard.type(bed.sid);
  await page.keyboard.press("Tab");
  await page.keyboard.type(bed.token);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();

  await press(page, place(page, "Application Bundles"));
  await press(page, page.getByRole("button", { name: "Upload Application Bundle" }));
  const panel = page.getByRole("dialog", { name: "Upload Application Bundle" });
  const choosing = page.waitForEvent("filechooser");
  await press(page, panel.getByRole("button", { name: "Browse" }));
  await (await choosing).setFiles(bed.files.v2);
  await reach(page, panel.getByLabel("Unique Name"));
  await page.keyboard.type("typed-v2");
  await page.keyboard.press("Enter");
  await expect(panel).toBeHidden();
  await expect(page.getByRole("table").getByRole("link", { name: "typed-v2" })).toBeVisible();

  await target(page, "typed-v2");
  await openApp(page, "typed-v2");
  await press(page, page.getByRole("button", { name: "Delete this Application Bundle" }));
  const deletion = page.getByRole("dialog", { name: "Delete an Application Bundle" });
  await expect(deletion.getByRole("link", { name: "story-board" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(deletion).toBeHidden();

  await target(page, "kept-v1");
  await openApp(page, "typed-v2");
  await press(page, page.getByRole("button", { name: "Delete this Application Bundle" }));
  await expect(deletion).toContainText("typed-v2 goes for good");
  await press(page, deletion.getByRole("button", { name: "Delete this Application Bundle" }));
  await expect(page.getByRole("heading", { name: "Microvisor Application Bundles" })).toBeVisible();
  await expect(page.getByRole("link", { name: "typed-v2" })).toHaveCount(0);
});

test("arrows choose among what was found", async ({ page }) => {
  await signIn(page);
  await page.goto(`/console/iot/microvisor/devices/${bed.device}`);
  await page.getByRole("button", { name: "Change Application Bundle Target" }).click();
  const choice = page.getByRole("dialog").getByRole("combobox", { name: "Application Bundle" });
  await choice.fill("kept-");
  await expect(page.getByRole("dialog").getByRole("option")).toHaveText([/^kept-v2/, /^kept-v1/]);
  await choice.press("ArrowDown");
  await choice.press("Enter");
  await expect(choice).toHaveValue("kept-v1");
  await choice.fill("nothing is called this");
  await choice.press("Enter");
  await expect(
    page.getByRole("dialog").getByRole("button", { name: "Target this Application Bundle" }),
  ).toBeDisabled();
});
