// SPDX-License-Identifier: Apache-2.0
// The product page's Console chapters, by mouse: upload, deploy, delete.
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { api, bed, expect, navigate, picture, signIn, test } from "./bed";

async function openUpload(page: Page) {
  await navigate(page, "Application Bundles");
  await page.getByRole("button", { name: "Upload Application Bundle" }).click();
  const panel = page.getByRole("dialog", { name: "Upload Application Bundle" });
  await expect(panel).toBeVisible();
  return panel;
}

async function uploadBundle(page: Page, file: string, name: string) {
  const panel = await openUpload(page);
  const choosing = page.waitForEvent("filechooser");
  await panel.getByRole("button", { name: "Browse" }).click();
  await (await choosing).setFiles(file);
  await panel.getByLabel("Unique Name").fill(name);
  await panel.getByRole("button", { name: "Upload Application Bundle" }).click();
  return panel;
}

async function target(page: Page, app: string) {
  await page.getByRole("button", { name: "Change Application Bundle Target" }).click();
  const panel = page.getByRole("dialog", { name: "Target a Microvisor Application Bundle" });
  await panel.getByRole("combobox", { name: "Application Bundle" }).fill(app);
  await panel.getByRole("option", { name: app }).click();
  await panel.getByRole("button", { name: "Target this Application Bundle" }).click();
  await expect(panel).toBeHidden();
  const update = page.getByRole("region", { name: "Application bundle" });
  await expect(update.getByText("Up to date")).toBeVisible({ timeout: 90_000 });
  await expect(update.getByRole("link", { name: app })).toHaveCount(2);
}

test("upload, deploy and delete, as the page tells it", async ({ page }) => {
  await signIn(page);

  await navigate(page, "Application Bundles");
  await expect(page.getByRole("heading", { name: "Microvisor Application Bundles" })).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Breadcrumb" })).toHaveText(
    "Internet of ThingsMicrovisorApplication Bundles",
  );
  for (const [file, name] of [
    [bed.files.v1, "story-v1"],
    [bed.files.v2, "story-v2"],
  ] as const) {
    await expect(await uploadBundle(page, file, name)).toBeHidden();
    await expect(page.getByRole("table").getByRole("link", { name })).toBeVisible();
  }

  await navigate(page, "Devices");
  await page.getByRole("link", { name: "story-board" }).click();
  await target(page, "story-v1");
  await picture(page, "device-up-to-date");
  await target(page, "story-v2");

  await navigate(page, "Application Bundles");
  await page.getByRole("link", { name: "story-v2" }).click();
  await page.getByRole("button", { name: "Delete this Application Bundle" }).click();
  const panel = page.getByRole("dialog", { name: "Delete an Application Bundle" });
  await expect(panel.getByRole("alert")).toContainText("Devices have this application bundle");
  await expect(panel.getByRole("link", { name: "story-board" })).toBeVisible();
  await panel.getByRole("button", { name: "Delete this Application Bundle" }).click();
  await expect(panel.getByRole("alert")).toContainText("story-board");
  await picture(page, "delete-refused");
  await panel.getByRole("button", { name: "Cancel" }).click();

  await navigate(page, "Application Bundles");
  await page.getByRole("link", { name: "story-v1" }).click();
  await page.getByRole("button", { name: "Delete this Application Bundle" }).click();
  await expect(panel).toContainText("story-v1 goes for good");
  await panel.getByRole("button", { name: "Delete this Application Bundle" }).click();
  await expect(page.getByRole("heading", { name: "Microvisor Application Bundles" })).toBeVisible();
  await expect(page.getByRole("link", { name: "story-v2" })).toBeVisible();
  await expect(page.getByRole("link", { name: "story-v1" })).toHaveCount(0);
});

test("every refusal of an upload is told in words", async ({ page }) => {
  await signIn(page);
  const cases = [
    [bed.files.v1, "kept-v1", "That name is taken"],
    [bed.files.oversize, "", "The file is too large"],
    [bed.files.unsigned, "", "The bundle is not signed"],
    [bed.files.damaged, "", "This is not a bundle that devices can install"],
    [bed.files.v1, "no/slash", "The cloud refused this"],
  ] as const;
  for (const [file, name, words] of cases) {
    const panel = await uploadBundle(page, file, name);
    await expect(panel.getByRole("alert")).toContainText(words);
    if (words.startsWith("That")) await picture(page, "upload-refused");
    await panel.getByRole("button", { name: "Cancel" }).click();
    await expect(panel).toBeHidden();
  }
});

/** Refusals of docs/spec/rest.md that no upload from a browser can meet: other methods, bodies, devices; 20003 signs out. */
const NOT_HERE = ["20001", "20003", "20004", "20411", "20415", "20431", "65006", "65022", "65023", "65024"];

test("each code that the cloud may refuse with has words of its own", async ({ page }) => {
  const rows = readFileSync("../docs/spec/rest.md", "utf8").matchAll(/^\| (\d{3}) \| (\d{5}) \| /gm);
  const refusals = [...rows].filter(([, , code]) => !NOT_HERE.includes(code!));
  expect(refusals.length).toBeGreaterThan(15);
  let refusal = refusals[0]!;
  await page.route("**/v1/Apps", (route) =>
    route.request().method() === "POST"
      ? route.fulfill({
          status: Number(refusal[1]),
          json: { code: Number(refusal[2]), message: `refused with ${refusal[2]}` },
        })
      : route.continue(),
  );
  await signIn(page);
  const panel = await openUpload(page);
  await panel.locator("input[type=file]").setInputFiles(bed.files.v1);
  const titles: string[] = [];
  for (const each of refusals) {
    refusal = each;
    await panel.getByRole("button", { name: /^(Upload Application Bundle|Try again)$/ }).click();
    await expect(panel.getByRole("alert")).toContainText(`refused with ${each[2]}`);
    titles.push((await panel.getByRole("alert").locator("strong").textContent())!);
  }
  expect(titles).not.toContain("The cloud refused this");
  expect(new Set(titles).size).toBe(titles.length);
});

test("a bundle can be dropped on the panel", async ({ page }) => {
  await signIn(page);
  const panel = await openUpload(page);
  const bytes = readFileSync(bed.files.v1).toString("base64");
  const files = await page.evaluateHandle((encoded) => {
    const transfer = new DataTransfer();
    const data = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    transfer.items.add(new File([data], "dropped.zip", { type: "application/zip" }));
    return transfer;
  }, bytes);
  await panel.locator(".drop").dispatchEvent("drop", { dataTransfer: files });
  await expect(panel.getByText("dropped.zip")).toBeVisible();
  await panel.getByLabel("Unique Name").fill("dropped");
  await panel.getByRole("button", { name: "Upload Application Bundle" }).click();
  await expect(panel).toBeHidden();
  await expect(page.getByRole("table").getByRole("link", { name: "dropped" })).toBeVisible();
});

test("a broken connection can be tried again and makes one app", async ({ page }) => {
  await signIn(page);
  let broken = true;
  await page.route("**/v1/Apps", async (route) => {
    if (route.request().method() !== "POST" || !broken) return route.continue();
    broken = false;
    // The cloud has it; the answer is lost on its way.
    await route.fetch();
    await route.abort("connectionreset");
  });
  const panel = await uploadBundle(page, bed.files.v1, "second-try");
  await expect(panel.getByRole("alert")).toContainText("The cloud does not answer");
  await panel.getByRole("button", { name: "Try again" }).click();
  await expect(panel).toBeHidden();
  await expect(page.getByRole("link", { name: "second-try" })).toHaveCount(1);
});

test("a device is named, tagged, found, restarted and logged", async ({ page }) => {
  await signIn(page);
  await navigate(page, "Devices");
  await page.getByRole("link", { name: "spare-board" }).click();
  await page.getByRole("button", { name: "Name and tags" }).click();
  const panel = page.getByRole("dialog", { name: "Name and tags" });
  await panel.getByLabel("Unique Name").fill("story-board");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel.getByRole("alert")).toContainText("That name is taken");
  await panel.getByLabel("Unique Name").fill("attic");
  await panel.getByLabel("Tags").fill("floor 3, beta");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "attic", level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Restart app" }).click();
  await expect(page.getByText("The device will restart its app once")).toBeVisible();
  await page.getByRole("button", { name: "Start logging" }).click();
  await expect(page.getByRole("button", { name: "Stop logging" })).toBeVisible();
  await page.getByRole("link", { name: "floor 3" }).click();
  await expect(page.getByRole("table").getByRole("link", { name: "attic" })).toBeVisible();
  await expect(page.getByRole("link", { name: "story-board" })).toHaveCount(0);
  await page.getByRole("button", { name: "Tag floor 3: show all" }).click();
  await expect(page.getByRole("link", { name: "story-board" })).toBeVisible();
  await page.getByLabel("Unique name begins with").fill("att");
  await expect(page.getByRole("link", { name: "story-board" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "attic" })).toBeVisible();
});

test("a selection of devices is deployed to", async ({ page }) => {
  await signIn(page);
  await page.goto("/console/iot/microvisor/devices?tag=fleet");
  await page.getByLabel("All on this page").check();
  await expect(page.getByText("3 selected")).toBeVisible();
  // A cloud that is asked too much for a moment is asked again.
  let busy = 2;
  await page.route("**/v1/Devices/UV*", (route) =>
    route.request().method() === "POST" && busy-- > 0
      ? route.fulfill({
          status: 429,
          headers: { "Retry-After": "1" },
          json: { code: 20429, message: "wait" },
        })
      : route.continue(),
  );
  await page.getByRole("button", { name: "Change Application Bundle Target" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByRole("combobox", { name: "Application Bundle" }).fill("kept");
  await panel.getByRole("option", { name: "kept-v1" }).click();
  await panel.getByRole("button", { name: "Cancel" }).click();
  // Who thinks it over has not chosen in vain.
  await expect(page.getByText("3 selected")).toBeVisible();
  await page.getByRole("button", { name: "Change Application Bundle Target" }).click();
  await panel.getByRole("combobox", { name: "Application Bundle" }).fill("kept");
  await panel.getByRole("option", { name: "kept-v1" }).click();
  await panel.getByRole("button", { name: "Target this Application Bundle" }).click();
  await expect(panel).toBeHidden();
  await expect(page.getByRole("table").getByText("Pending", { exact: true })).toHaveCount(3);
});

test("a deployment to many is stopped, and goes on with those it did not reach", async ({ page }) => {
  await signIn(page);
  await page.goto("/console/iot/microvisor/devices?name=fleet-");
  await page.getByLabel("All on this page").check();
  const told: string[] = [];
  let refuse = true;
  await page.route("**/v1/Devices/UV*", (route) => {
    if (route.request().method() !== "POST") return route.continue();
    told.push(route.request().url());
    if (told.length === 1) return route.continue();
    return refuse
      ? route.fulfill({
          status: 429,
          headers: { "Retry-After": "1" },
          json: { code: 20429, message: "wait" },
        })
      : route.continue();
  });
  await page.getByRole("button", { name: "Change Application Bundle Target" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByRole("combobox", { name: "Application Bundle" }).fill("kept-v2");
  await panel.getByRole("option", { name: "kept-v2" }).click();
  await panel.getByRole("button", { name: "Target this Application Bundle" }).click();
  await expect(panel.getByText("1 of 3")).toBeVisible();
  await panel.getByRole("button", { name: "Stop" }).click();
  await expect(panel.getByRole("alert")).toContainText("Stopped: 1 of 3 devices are targeted");
  await picture(page, "target-stopped");
  await panel.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("2 selected")).toBeVisible();
  refuse = false;
  await page.getByRole("button", { name: "Change Application Bundle Target" }).click();
  await expect(panel.getByText("2 devices")).toBeVisible();
  await panel.getByRole("combobox", { name: "Application Bundle" }).fill("kept-v2");
  await panel.getByRole("option", { name: "kept-v2" }).click();
  await panel.getByRole("button", { name: "Target this Application Bundle" }).click();
  await expect(panel).toBeHidden();
  await expect(page.getByText("selected")).toHaveCount(0);
  await expect(page.getByRole("table").getByRole("link", { name: "kept-v2" })).toHaveCount(3);
  for (const number of [0, 1, 2]) await api(`/v1/Devices/fleet-${number}`, { TargetApp: "kept-v1" });
});

test("what was changed stands in the audit log", async ({ page }) => {
  await signIn(page);
  await navigate(page, "Configs");
  await page.getByRole("button", { name: "Add a config" }).click();
  await page.getByRole("dialog").getByLabel("Key").fill("audited");
  await page.getByRole("dialog").getByLabel("Value").fill("<b>bold</b>");
  await page.getByRole("button", { name: "Add this config" }).click();
  await expect(page.getByRole("cell", { name: "<b>bold</b>" })).toBeVisible();
  await navigate(page, "Audit");
  await page.getByLabel("Resource").fill("audited");
  await page.getByRole("button", { name: "Show" }).click();
  const row = page.getByRole("row", { name: "config.create" });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(bed.sid);
  await expect(row).toContainText("127.0.0.1");
  await row.getByText("1 value").click();
  await expect(row.getByText("<b>bold</b>")).toBeVisible();
  // What a row is about is one click away.
  await page.getByLabel("Resource").fill(bed.device);
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("table").getByRole("link", { name: bed.device }).first().click();
  await expect(page.getByRole("heading", { name: "story-board" })).toBeVisible();
  await navigate(page, "Configs");
  await page.getByRole("button", { name: "Remove audited" }).click();
  await page.getByRole("button", { name: "Remove this config" }).click();
  await expect(page.getByText("No config yet")).toBeVisible();
});

test("configs, secrets and API keys are made, changed and removed", async ({ page }) => {
  await signIn(page);
  for (const [place, noun] of [
    ["Configs", "config"],
    ["Secrets", "secret"],
  ] as const) {
    await navigate(page, place);
    await page.getByRole("button", { name: `Add a ${noun}` }).click();
    const panel = page.getByRole("dialog");
    await panel.getByLabel("Key").fill("wifi/psk.json");
    await panel.getByRole("textbox", { name: /value/i }).fill("correct horse");
    await panel.getByRole("button", { name: `Add this ${noun}` }).click();
    await expect(panel).toBeHidden();
    await expect(page.getByRole("cell", { name: "wifi/psk.json", exact: true })).toBeVisible();
    await expect(page.getByText("correct horse")).toHaveCount(noun === "config" ? 1 : 0);
    await page.getByRole("button", { name: `Add a ${noun}` }).click();
    await panel.getByLabel("Key").fill("wifi/psk.json");
    await panel.getByRole("button", { name: `Add this ${noun}` }).click();
    await expect(panel.getByRole("alert")).toContainText("That key is there already");
    await panel.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Change wifi/psk.json" }).click();
    await expect(panel.getByRole("textbox", { name: /value/i })).toHaveValue(
      noun === "config" ? "correct horse" : "",
    );
    await panel.getByRole("textbox", { name: /value/i }).fill("battery");
    await panel.getByRole("button", { name: "Save" }).click();
    await expect(panel).toBeHidden();
    await page.getByRole("button", { name: "Remove wifi/psk.json" }).click();
    await panel.getByRole("button", { name: `Remove this ${noun}` }).click();
    await expect(page.getByText(`No ${noun} yet`)).toBeVisible();
  }
  await navigate(page, "API keys");
  await page.getByRole("button", { name: "Create an API key" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByLabel("Name").fill("wall screen");
  await panel.getByRole("button", { name: "Create this API key" }).click();
  await expect(panel).toContainText("It is not shown again");
  // Nor lost by a slip.
  await page.mouse.click(10, 10);
  await page.keyboard.press("Escape");
  await expect(panel).toContainText("It is not shown again");
  await panel.getByRole("button", { name: "Done" }).click();
  await expect(panel).toBeHidden();
  await page.getByRole("button", { name: "Delete wall screen" }).click();
  await panel.getByRole("button", { name: "Delete this API key" }).click();
  await expect(page.getByText("wall screen", { exact: true })).toHaveCount(0);
});
