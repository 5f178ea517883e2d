// SPDX-License-Identifier: Apache-2.0
// Lists: searched, sorted and turned over pages while others change them; names that could be taken for something else.
import { api, bed, expect, expectFits, navigate, picture, signIn, test, uploadApp } from "./bed";

const MANY = 27;
const many = (number: number) => `build-${String(number).padStart(2, "0")}`;

test("bundles are searched, sorted and paged, and the address keeps it", async ({ page }) => {
  for (let number = 0; number < MANY; number += 1) await uploadApp(bed.files.v1, many(number));
  await signIn(page);
  await navigate(page, "Application Bundles");
  const table = page.getByRole("table", { name: "Microvisor Application Bundles" });
  const names = () => table.locator("tbody tr .row-link").allTextContents();
  await expect(table.locator("tbody tr")).toHaveCount(25);
  expect((await names())[0]).toBe(many(MANY - 1));

  await page.getByRole("button", { name: "Application bundle", exact: true }).click();
  await page.getByLabel("Search by name").fill("BUILD-");
  await expect(page.getByText(`1–25 of ${MANY}`)).toBeVisible();
  expect(await names()).toEqual(Array.from({ length: 25 }, (_, number) => many(number)));
  await expect(page).toHaveURL(/sort=name&search=BUILD-$/);
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByText(`26–${MANY} of ${MANY}`)).toBeVisible();
  await page.reload();
  await expect(page.getByText(`26–${MANY} of ${MANY}`)).toBeVisible();
  await expect(page.getByLabel("Search by name")).toHaveValue("BUILD-");
  expect(await names()).toEqual([many(25), many(26)]);

  // Someone deletes what is shown, and uploads something that belongs before it.
  await api(`/v1/Apps/${many(25)}`, null, "DELETE");
  await expect(page.getByText("26–26 of 26")).toBeVisible();
  await uploadApp(bed.files.v1, "build-000");
  await expect(page.getByText(`26–${MANY} of ${MANY}`)).toBeVisible();
  expect(await names()).toEqual([many(24), many(26)]);
  await page.goBack();
  await expect(page.getByText(`1–25 of ${MANY}`)).toBeVisible();
  expect(await names()).toContain("build-000");

  await page.getByLabel("Search by name").fill("nothing has this name");
  await page.getByRole("button", { name: "Show all application bundles" }).click();
  await expect(page.getByLabel("Search by name")).toHaveValue("");
  await expect(table.locator("tbody tr")).toHaveCount(25);
  for (const { sid, unique_name } of (await api("/v1/Apps?PageSize=1000")).apps) {
    if (unique_name?.startsWith("build-")) await api(`/v1/Apps/${sid}`, null, "DELETE");
  }
  await expect(table.getByRole("link", { name: /^build-/ })).toHaveCount(0);
  await expect(table.getByRole("row", { name: "encrypted" })).toHaveCount(1);
  // In a row with a lock the number stands where all numbers stand.
  const ends = await table.locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => {
      const text = document.createRange();
      text.selectNodeContents(row.querySelector("td[data-name=Layers] .nowrap")!.lastChild!);
      return Math.round(text.getBoundingClientRect().right);
    }),
  );
  expect(new Set(ends).size).toBe(1);
});

test("filters of devices stay in the address, over loading again and going back", async ({ page }) => {
  await signIn(page);
  await navigate(page, "Devices");
  const name = page.getByLabel("Unique name begins with");
  await name.fill("fleet-");
  await expect(page.getByRole("link", { name: "story-board" })).toHaveCount(0);
  await page.getByLabel("Silent for").selectOption("1 day or longer");
  await expect(page).toHaveURL(/name=fleet-&silent=24$/);
  await page.reload();
  await expect(name).toHaveValue("fleet-");
  await expect(page.getByLabel("Silent for")).toHaveValue("24");
  await page.getByRole("link", { name: "fleet-0" }).click();
  await expect(page.getByRole("heading", { name: "fleet-0" })).toBeVisible();
  await page.goBack();
  await expect(name).toHaveValue("fleet-");
  await expect(page.getByRole("link", { name: "story-board" })).toHaveCount(0);
  // The same page without filters: what was typed does not come back.
  await navigate(page, "Devices");
  await expect(page.getByRole("link", { name: "story-board" })).toBeVisible();
  await expect(name).toHaveValue("");
  await page.waitForTimeout(500);
  await expect(page).toHaveURL(/\/devices$/);
});

const ODD: [string, string][] = [
  ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
  [`Überwachung "kaputt" & 'so' ${"{{7*7}}"}`, `Überwachung "kaputt" & 'so' {{7*7}}`],
  ["اختبار الإصدار 2", "اختبار الإصدار 2"],
  ["abc\u202etxt.exe", "abc[U+202E]txt.exe"],
  ["\u200b", "[U+200B]"],
  ["firmware-of-the-long-named-board-with-many-words-and-no-space-12", ""],
  [" ", "SID"],
];

test("odd names are text, can be told apart and can be clicked", async ({ page }) => {
  await signIn(page);
  const device = await api("/v1/Devices/fleet-2");
  for (const [name, wanted] of ODD) {
    const app = await uploadApp(bed.files.v1, name);
    await api(`/v1/Devices/${device.sid}`, {
      UniqueName: name,
      TargetApp: app.sid,
      Tags: `fleet,${name.trim() || "blank"}`,
    });
    const shown = wanted === "SID" ? device.sid : wanted || name;
    for (const path of ["/console/", "/console/iot/microvisor/devices", "/console/logs"]) {
      await page.goto(path);
      const link = page.getByRole("main").getByRole("link", { name: shown, exact: true }).first();
      await expect(link).toBeVisible();
      await expect(page.locator("main img")).toHaveCount(0);
    }
    await page.goto("/console/iot/microvisor/devices");
    await page.getByRole("table").getByRole("link", { name: shown, exact: true }).first().click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(shown);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectFits(page, `${name} on a phone`);
    for (const path of ["/console/", "/console/iot/microvisor/devices", "/console/logs", "/console/audit"]) {
      await page.goto(path);
      await expect(page.getByRole("main").getByRole("link").nth(3)).toBeVisible();
      await expectFits(page, `${path} with ${name} on a phone`);
    }
    await page.goto(`/console/iot/microvisor/devices/${device.sid}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(shown);
    await page.setViewportSize({ width: 1280, height: 860 });
    if (wanted === "") await picture(page, "device-long-name");
  }
  await page.goto("/console/iot/microvisor/apps");
  await expect(page.getByRole("link", { name: "[U+200B]" })).toBeVisible();
  await picture(page, "odd-names");
  await api(`/v1/Devices/${device.sid}`, { UniqueName: "fleet-2", TargetApp: "kept-v1", Tags: "fleet" });
  for (const { sid, unique_name } of (await api("/v1/Apps?PageSize=1000")).apps) {
    if (ODD.some(([name]) => name === unique_name)) await api(`/v1/Apps/${sid}`, null, "DELETE");
  }
});
