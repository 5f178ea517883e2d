// SPDX-License-Identifier: Apache-2.0
// 10 000 devices: looked through page by page, narrowed, deployed to, counted.
import { expect, expectFits, navigate, picture, signIn, test } from "./bed";

test("ten thousand devices are looked through, narrowed and deployed to", async ({ page }) => {
  await signIn(page);
  await expect(page.getByRole("main").getByRole("link", { name: /^10,0\d\d Devices$/ })).toBeVisible();
  await picture(page, "overview-10000");

  await navigate(page, "Devices");
  const table = page.getByRole("table", { name: "Microvisor Devices" });
  const rows = table.locator("tbody tr");
  await expect(rows).toHaveCount(50);
  await page.getByRole("button", { name: "Next" }).click();
  await expect(table.getByRole("link", { name: "many-09940" })).toBeVisible();
  await page.getByRole("button", { name: "Next" }).click();
  await expect(table.getByRole("link", { name: "many-09890" })).toBeVisible();
  await page.goBack();
  await expect(table.getByRole("link", { name: "many-09940" })).toBeVisible();
  await picture(page, "devices-10000");

  await page.getByLabel("Unique name begins with").fill("many-00");
  await page.getByLabel("State").selectOption("Pending");
  await expect(rows).toHaveCount(50);
  await expect(table.getByText("Pending", { exact: true })).toHaveCount(50);
  await page.getByLabel("State").selectOption("Any state");
  await page.getByLabel("Unique name begins with").fill("many-000");
  await expect(table.getByRole("link", { name: "many-00099" })).toBeVisible();
  await page.getByLabel("All on this page").check();
  await expect(page.getByText("50 selected")).toBeVisible();
  await page.getByRole("button", { name: "Select those on all pages" }).click();
  await expect(page.getByText("100 selected")).toBeVisible();
  await page.getByRole("button", { name: "Change Application Bundle Target" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByRole("combobox", { name: "Application Bundle" }).fill("kept-v2");
  await panel.getByRole("option", { name: "kept-v2" }).click();
  await panel.getByRole("button", { name: "Target this Application Bundle" }).click();
  await expect(panel).toBeHidden({ timeout: 60_000 });
  await expect(table.getByText("Pending", { exact: true })).toHaveCount(50);
  await expect(table.getByRole("link", { name: "kept-v2" })).toHaveCount(50);

  // A page of those that were silent belongs to the minute in which its list was begun, also when that is long ago.
  await page.goto("/console/iot/microvisor/devices?silent=1&name=many-");
  await page.getByRole("button", { name: "Next" }).click();
  await expect(table.getByRole("link", { name: "many-09949" })).toBeVisible();
  const kept = new URL(page.url());
  kept.searchParams.set("since", "2026-01-31T12:34:00Z");
  expect(new URL(page.url()).searchParams.get("since")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/);
  await page.clock.install({ time: Date.now() + 600_000 });
  await page.reload();
  await expect(table.getByRole("link", { name: "many-09949" })).toBeVisible();
  // With another one the token is refused, and there is a way out.
  await page.goto(kept.pathname + kept.search);
  await expect(page.getByRole("alert")).toContainText("This page of the list can't be shown");
  await page.getByRole("button", { name: "Show all devices" }).click();
  await expect(rows).toHaveCount(50);
  await navigate(page, "Application Bundles");
  const bundle = page.getByRole("row", { name: "kept-v1" });
  await expect(bundle.getByRole("link", { name: /^\d,\d{3} devices$/ })).toBeVisible();
  await expectFits(page, "large numbers");
  await picture(page, "apps-10000");

  await navigate(page, "Overview");
  await page.getByLabel("By", { exact: true }).selectOption("target app");
  await page.getByText("The numbers").click();
  const now = page
    .getByRole("region", { name: "The numbers of the plot" })
    .getByRole("row", { name: /^now/ });
  await expect(now).toContainText("100");
  await picture(page, "overview-by-app");
  await page.getByLabel("Over", { exact: true }).selectOption("31 days");
  await expect(page.getByRole("img", { name: /over 744 hours/ })).toBeVisible();
  // What a wall shows is the same after it was loaded again.
  await page.reload();
  await expect(page.getByRole("img", { name: /by target app over 744 hours/ })).toBeVisible();
});
