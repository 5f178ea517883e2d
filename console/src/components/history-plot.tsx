// SPDX-License-Identifier: Apache-2.0
// Devices over time, one bar for each hour the cloud counted and one for now; the same numbers as a table below.
import type { DeviceCounts, DeviceHistory } from "../api/client";
import { exactText, TIME_ZONE } from "./values";

const HEIGHT = 100;
const LEAST_HEIGHT = 2;
const MOST_BARS = 130;
const MOST_APPS = 5;

interface Series {
  key: string;
  name: string;
  look: string;
}

interface Bar {
  at: number;
  now: boolean;
  counts: Map<string, number>;
}

type Counted = Pick<
  DeviceHistory["hours"][number],
  "app_sid" | "devices" | "up_to_date" | "pending" | "error"
>;

export type PlotBy = "state" | "app";

const STATES: Series[] = [
  { key: "up_to_date", name: "Up to date", look: "good" },
  { key: "pending", name: "Pending", look: "busy" },
  { key: "error", name: "Error", look: "bad" },
];
const OTHERS: Series = { key: "others", name: "Other bundles", look: "rest" };
const NONE: Series = { key: "none", name: "No target", look: "none" };

function add(bar: Bar, key: string, count: number) {
  bar.counts.set(key, (bar.counts.get(key) ?? 0) + count);
}

function barsOf(history: DeviceHistory, counts: DeviceCounts, by: PlotBy): Bar[] {
  const bars = new Map<number, Bar>();
  const take = (at: number, now: boolean, counted: Counted) => {
    const bar = bars.get(at) ?? { at, now, counts: new Map<string, number>() };
    bars.set(at, bar);
    if (counted.devices === 0) return; // an hour without devices: a bar, but no series
    if (counted.app_sid === null) return add(bar, NONE.key, counted.devices);
    if (by === "app") return add(bar, counted.app_sid, counted.devices);
    for (const { key } of STATES) add(bar, key, counted[key as "up_to_date" | "pending" | "error"]);
  };
  for (const hour of history.hours) take(Date.parse(hour.date), false, hour);
  const now = Math.max(Date.parse(counts.date), ...bars.keys());
  for (const app of counts.apps) take(now + 1, true, app);
  return [...bars.values()].sort((a, b) => a.at - b.at);
}

/** The bundles that most devices had, at any time; the rest together. */
function appSeries(bars: Bar[], names: Map<string, string> | null): Series[] {
  const most = new Map<string, number>();
  for (const { counts } of bars) {
    for (const [key, count] of counts) most.set(key, Math.max(most.get(key) ?? 0, count));
  }
  const apps = [...most.keys()].filter((key) => key !== NONE.key).sort((a, b) => most.get(b)! - most.get(a)!);
  const shown = apps.slice(0, MOST_APPS).map(
    (key, index): Series => ({
      key,
      name: names?.get(key) ?? `${key.slice(0, 10)}…${names ? " (deleted)" : ""}`,
      look: `series-${index + 1}`,
    }),
  );
  if (apps.length > MOST_APPS) {
    for (const bar of bars) {
      for (const key of apps.slice(MOST_APPS)) add(bar, OTHERS.key, bar.counts.get(key) ?? 0);
    }
    shown.push(OTHERS);
  }
  return most.has(NONE.key) ? [...shown, NONE] : shown;
}

/** So few that they can be told apart; the last one always. */
function thinned(bars: Bar[]): Bar[] {
  const step = Math.ceil(bars.length / MOST_BARS);
  return bars.filter((_, index) => (bars.length - 1 - index) % step === 0);
}

/** To scale, but one device of ten thousand can still be seen: the largest part gives it the room. */
function heightsOf(counts: number[], most: number): number[] {
  const heights = counts.map((count) => (count === 0 ? 0 : Math.max(LEAST_HEIGHT, (count / most) * HEIGHT)));
  const largest = heights.indexOf(Math.max(...heights));
  const over = heights.reduce((sum, height) => sum + height, 0) - HEIGHT;
  return heights.map((height, index) => (index === largest ? Math.min(height, height - over) : height));
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

function Numbers({ bars, series }: { bars: Bar[]; series: Series[] }) {
  return (
    <details className="plot-numbers">
      <summary>The numbers</summary>
      <div className="table-frame" tabIndex={0} role="region" aria-label="The numbers of the plot">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              {series.map(({ key, name }) => (
                <th key={key} scope="col" className="numeric">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...bars].reverse().map(({ at, now, counts }) => (
              <tr key={at}>
                <td data-name="When" className="nowrap">
                  {now ? "now" : exactText(at)}
                </td>
                {series.map(({ key, name }) => (
                  <td key={key} data-name={name} className="numeric">
                    {(counts.get(key) ?? 0).toLocaleString("en")}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

interface HistoryPlotProps {
  history: DeviceHistory;
  /** The bar for now. */
  counts: DeviceCounts;
  by: PlotBy;
  hours: number;
  /** Of bundles, by SID; null while nobody knows. */
  names: Map<string, string> | null;
}

export function HistoryPlot({ history, counts, by, hours, names }: HistoryPlotProps) {
  const all = barsOf(history, counts, by);
  const untargeted = all.some(({ counts }) => counts.has(NONE.key));
  const states = untargeted ? [...STATES, NONE] : STATES;
  const series = by === "state" ? states : appSeries(all, names);
  const bars = thinned(all);
  const end = bars.at(-1)?.at ?? Date.now();
  const begin = end - hours * 3_600_000;
  const slot = 100 / Math.min(MOST_BARS, hours + 1);
  const sum = (bar: Bar) => series.reduce((total, { key }) => total + (bar.counts.get(key) ?? 0), 0);
  const most = Math.max(1, ...bars.map(sum));
  const text = (at: number) => (hours <= 24 ? clock : day).format(new Date(at));
  return (
    <figure className="plot">
      <div className="plot-scale" aria-hidden="true">
        <span>{most.toLocaleString("en")}</span>
        <span>0</span>
      </div>
      <svg
        viewBox={`0 0 100 ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Devices by ${by === "state" ? "state" : "target app"} over ${hours} hours, the numbers follow`}
      >
        {[0.25, 0.5, 0.75].map((part) => (
          <line key={part} x1={0} x2={100} y1={HEIGHT * part} y2={HEIGHT * part} className="grid" />
        ))}
        {bars.map((bar) => {
          const heights = heightsOf(
            series.map(({ key }) => bar.counts.get(key) ?? 0),
            most,
          );
          let below = 0;
          const x = Math.max(0, ((bar.at - begin) / (end - begin)) * (100 - slot));
          return (
            <g key={bar.at}>
              <title>
                {`${bar.now ? "now" : exactText(bar.at)}\n`}
                {series.map(({ key, name }) => `${name}: ${bar.counts.get(key) ?? 0}`).join("\n")}
              </title>
              {series.map(({ key, look }, index) => {
                const height = heights[index]!;
                below += height;
                return (
                  <rect
                    key={key}
                    className={`fill ${look}`}
                    x={x}
                    width={slot * 0.82}
                    y={HEIGHT - below}
                    height={height}
                  />
                );
              })}
            </g>
          );
        })}
      </svg>
      <div className="plot-times" aria-hidden="true">
        <span>{text(begin)}</span>
        <span>{text((begin + end) / 2)}</span>
        <span>now ({TIME_ZONE})</span>
      </div>
      <ul className="legend">
        {series.map(({ key, name, look }) => (
          <li key={key}>
            <i className={`key ${look}`} /> {name}
          </li>
        ))}
      </ul>
      <Numbers bars={bars} series={series} />
    </figure>
  );
}
