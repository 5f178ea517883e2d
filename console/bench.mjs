// SPDX-License-Identifier: Apache-2.0
// Measures the console in a real browser for bench/console.py, which says in STRATA_CONSOLE_BENCH what and where;
// prints one JSON object. Nothing here passes or fails.
import { chromium } from "playwright-core";

const { url, sid, token, rounds, seconds } = JSON.parse(process.env.STRATA_CONSOLE_BENCH);
const PER_SECOND = 1000;
const LIST = "/console/iot/microvisor/devices";

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--disable-gpu", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});

/** Signed in, with nothing in its cache. */
async function fresh() {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 860 },
  });
  const answer = await context.request.post(`${url}/console/session`, {
    headers: { "Strata-Console": "1" },
    form: { Sid: sid, Secret: token },
  });
  if (!answer.ok()) throw new Error(`sign-in: ${answer.status()}`);
  return context;
}

/** In the page: when `selector` was first there, and each task longer than 50 ms. */
function watch(selector) {
  window.bench = { there: null, tasks: [] };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.bench.tasks.push([startTime, duration]);
  }).observe({ type: "longtask", buffered: true });
  new MutationObserver((_, observer) => {
    if (document.querySelector(selector) === null) return;
    observer.disconnect();
    window.bench.there = performance.now();
  }).observe(document, { childList: true, subtree: true });
}

/** Interactive: what the page is for is drawn, and no task longer than 50 ms is under way or begins within a second. */
async function firstPage(path, selector, question) {
  const context = await fresh();
  const page = await context.newPage();
  await page.addInitScript(watch, selector);
  await page.goto(url + path);
  await page.locator(selector).first().waitFor();
  await page.waitForTimeout(1_500);
  const found = await page.evaluate((asked) => {
    const { there, tasks } = window.bench;
    const busy = tasks
      .filter(([start]) => start < there + 1_000)
      .map(([start, duration]) => start + duration);
    const resources = performance.getEntriesByType("resource");
    const scripts = resources.filter(({ name }) => name.endsWith(".js"));
    return {
      interactive: Math.max(there, ...busy),
      answer: resources.find(({ name }) => name.includes(asked))?.duration ?? 0,
      scripts: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    };
  }, question);
  await context.close();
  return found;
}

async function devicesOf(context) {
  const devices = [];
  let next = `${url}/v1/Devices?PageSize=1000`;
  while (next !== null) {
    const body = await (await context.request.get(next)).json();
    for (const { sid, unique_name, account_sid, app } of body.devices)
      devices.push({
        sid,
        unique_name,
        account_sid,
        app_sid: app.target_sid,
        deployment_id: app.deployment_id,
      });
    next = body.meta.next_page_url;
  }
  return devices;
}

/**
 * In the page: a stand-in for the account's event stream, told `perSecond` changes a second (none: it only opens). Every
 * second one is about a device of the first page of the list; one of ten ends or begins an update, so that lists and counts
 * are read again from the real cloud, the others are progress.
 */
function stream({ devices, perSecond }) {
  const real = window.fetch;
  const steps = ["checking-manifest", "fetching-layers", "staged", "applying", "starting"];
  let id = 1;
  const event = () => {
    const near = id % 2 === 0;
    const device = devices[near ? (id / 2) % 50 : (id * 7919) % devices.length];
    const ends = id % 10 === 0;
    return {
      ...{
        id,
        type: ends ? (id % 20 ? "deployment.pending" : "deployment.confirmed") : "deployment.progress",
      },
      timestamp: new Date().toISOString().replace("Z", "000Z"),
      account_sid: device.account_sid,
      device_sid: device.sid,
      app_sid: device.app_sid,
      unique_name: device.unique_name,
      deployment_id: device.deployment_id,
      error_code: 0,
      error: null,
      update_state: steps[id % steps.length],
      bytes_staged: (id * 4096) % 1048576,
      bytes_total: 1048576,
    };
  };
  window.told = 0;
  window.fetch = (request, init) => {
    if (!String(request.url ?? request).includes("/v1/Events/Stream")) return real(request, init);
    const text = new TextEncoder();
    return Promise.resolve(
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(text.encode("retry: 2000\nid: 0\n\n"));
            if (perSecond === 0) return;
            const begin = performance.now();
            setInterval(() => {
              const due = Math.floor(((performance.now() - begin) / 1000) * perSecond) - window.told;
              let batch = "";
              for (let i = 0; i < due; i += 1, id += 1)
                batch += `id: ${id}\ndata: ${JSON.stringify(event())}\n\n`;
              window.told += due;
              if (batch !== "") controller.enqueue(text.encode(batch));
            }, 50);
          },
        }),
        { headers: { "Content-Type": "text/event-stream" } },
      ),
    );
  };
}

/** Frames and long tasks of a page that is scrolled up and down, after it has settled. */
async function live(path, selector, devices, perSecond) {
  const context = await fresh();
  const page = await context.newPage();
  await page.addInitScript(stream, { devices, perSecond });
  await page.goto(url + path);
  await page.locator(selector).first().waitFor();
  await page.waitForTimeout(3_000);
  const found = await page.evaluate(async (lastMs) => {
    const gaps = [];
    const tasks = [];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    });
    observer.observe({ type: "longtask" });
    const told = window.told;
    const begin = performance.now();
    let before = begin;
    await new Promise((resolve) => {
      const frame = (now) => {
        gaps.push(now - before);
        before = now;
        window.scrollTo(0, 200 + 200 * Math.sin(now / 300));
        if (now - begin < lastMs) requestAnimationFrame(frame);
        else resolve();
      };
      requestAnimationFrame(frame);
    });
    observer.disconnect();
    gaps.sort((a, b) => a - b);
    return {
      frames: gaps.length / (lastMs / 1000),
      p99: gaps[Math.floor(gaps.length * 0.99)],
      longest: gaps.at(-1),
      tasks: tasks.length,
      longestTask: Math.max(0, ...tasks),
      told: (window.told - told) / (lastMs / 1000),
    };
  }, seconds * 1000);
  await context.close();
  return found;
}

const pages = [
  ["Overview", "/console/", ".tile", "/v1/DeviceCounts"],
  ["Devices", LIST, "tbody tr", "/v1/Devices?"],
];
const result = { first: {}, live: {} };
for (const [name] of pages) Object.assign(result, { first: { ...result.first, [name]: [] } });
for (let round = 0; round < rounds; round += 1) {
  for (const [name, ...page] of pages) result.first[name].push(await firstPage(...page));
}
const context = await fresh();
const devices = await devicesOf(context);
await context.close();
for (const [name, path, selector] of pages) {
  result.live[name] = {
    quiet: await live(path, selector, devices, 0),
    busy: await live(path, selector, devices, PER_SECOND),
  };
}
await browser.close();
console.log(JSON.stringify(result));
