// SPDX-License-Identifier: Apache-2.0
// Signing in, staying so and being out again.
import { bed, control, expect, navigate, picture, signIn, test } from "./bed";

test("what does not belong together is told and slowed down", async ({ page }) => {
  await page.goto("/console/");
  const secret = page.getByLabel("Auth token or secret");
  await page.getByLabel("Account SID or API key SID").fill(bed.readKey.sid);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await secret.fill("wrong");
    const answer = page.waitForResponse("**/console/session");
    await page.getByRole("button", { name: "Sign in" }).click();
    expect((await answer).status()).toBe(401);
  }
  await expect(page.getByRole("alert")).toContainText("SID and secret do not belong together");
  // Each wrong attempt makes the wait twice as long: on a slow machine the first one may be over already.
  await expect(async () => {
    const answer = page.waitForResponse("**/console/session");
    await page.getByRole("button", { name: "Sign in" }).click();
    expect((await answer).status()).toBe(429);
  }).toPass();
  await expect(page.getByRole("alert")).toContainText("Too many requests");
});

test("the session survives loading again, no script can read it and signing out ends it", async ({
  page,
  context,
}) => {
  await signIn(page);
  await navigate(page, "Devices");
  await page.reload();
  await expect(page.getByRole("heading", { name: "Microvisor Devices" })).toBeVisible();
  expect(await page.evaluate(() => document.cookie)).toBe("");
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({
    name: "__Host-strata-session",
    httpOnly: true,
    secure: true,
    sameSite: "Strict",
  });
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to the console" })).toBeVisible();
  expect(await context.cookies()).toEqual([]);
  // The old cookie opens nothing any more.
  await context.addCookies([cookie!]);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in to the console" })).toBeVisible();
});

test("a session that ends while it is used says so, and goes on where it was", async ({ page }) => {
  await signIn(page);
  await page.goto("/console/iot/microvisor/devices?tag=fleet");
  await expect(page.getByRole("link", { name: "fleet-0" })).toBeVisible();
  await control("sessions/expire");
  // Nobody does anything: the stream ends.
  await expect(page.getByRole("heading", { name: "Sign in to the console" })).toBeVisible();
  await expect(page.getByText("Your session has ended")).toBeVisible();
  await picture(page, "session-ended");
  await page.getByLabel("Account SID or API key SID").fill(bed.sid);
  await page.getByLabel("Auth token or secret").fill(bed.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("link", { name: "fleet-0" })).toBeVisible();
  await expect(page.getByRole("link", { name: "story-board" })).toHaveCount(0);
});

test("who signs out is signed out in every window", async ({ page, context }) => {
  await signIn(page);
  const wall = await context.newPage();
  await wall.goto("/console/iot/microvisor/devices");
  await expect(wall.getByRole("complementary").locator(".live")).toHaveText("Live");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to the console" })).toBeVisible();
  await expect(page.getByText("Your session has ended")).toHaveCount(0);
  await expect(wall.getByRole("heading", { name: "Sign in to the console" })).toBeVisible();
  await wall.close();
});

test("a deleted API key ends its session and what it may not do is not offered", async ({ page, wall }) => {
  await signIn(page);
  await navigate(page, "API keys");
  await page.getByRole("button", { name: "Create an API key" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByLabel("Name").fill("short-lived");
  await panel.getByRole("button", { name: "Create this API key" }).click();
  await expect(panel).toContainText("It is not shown again");
  const [sid, secret] = await panel.locator("dd .mono").allTextContents();
  await panel.getByRole("button", { name: "Done" }).click();

  await signIn(wall, sid, secret);
  await navigate(wall, "Application Bundles");
  await expect(wall.getByRole("link", { name: "kept-v1" })).toBeVisible();
  await expect(wall.getByRole("button", { name: "Upload Application Bundle" })).toHaveCount(0);
  await navigate(wall, "API keys");
  await expect(wall.getByText("Only an administrator sees API keys")).toBeVisible();

  await page.getByRole("button", { name: "Delete short-lived" }).click();
  await panel.getByRole("button", { name: "Delete this API key" }).click();
  await expect(panel).toBeHidden();
  await navigate(wall, "Devices");
  await expect(wall.getByRole("heading", { name: "Sign in to the console" })).toBeVisible();
});

test("another origin can use no session", async ({ page, context }) => {
  await signIn(page);
  const other = await context.newPage();
  // Same host, other port: the same site for cookies, yet another origin.
  await other.route("https://127.0.0.1:9443/**", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>other</title>" }),
  );
  await other.goto("https://127.0.0.1:9443/");
  const url = process.env.STRATA_CONSOLE_URL!;
  const outcomes = await other.evaluate(async (cloud) => {
    const attempt = (init: RequestInit) =>
      fetch(`${cloud}/v1/Configs`, { credentials: "include", ...init }).then(
        (response) => `answer ${response.status} ${response.type}`,
        () => "blocked",
      );
    const body = new URLSearchParams({ Key: "stolen", Value: "1" });
    return [
      await attempt({}),
      await attempt({ method: "POST", body, mode: "no-cors" }),
      await attempt({ method: "POST", body, headers: { "Strata-Console": "1" } }),
    ];
  }, url);
  expect([outcomes[0], outcomes[2]]).toEqual(["blocked", "blocked"]);
  await other.close();
  await navigate(page, "Configs");
  await expect(page.getByText("No config yet")).toBeVisible();
});
