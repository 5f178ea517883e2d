// SPDX-License-Identifier: Apache-2.0
// Devices by state, hour by hour, stacked. The same numbers stand in words below for screen readers.
import type { DeviceHistory } from "../api/client";

const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 36;
const BOTTOM = 22;

const SERIES = [
  { key: "up_to_date", name: "Up to date", look: "good" },
  { key: "pending", name: "Pending", look: "busy" },
  { key: "error", name: "Error", look: "bad" },
] as const;

interface Hour {
  date: string;
  up_to_date: number;
  pending: number;
  error: number;
}

function byHour(history: DeviceHistory): Hour[] {
  const hours = new Map<string, Hour>();
  for (const { date, up_to_date, pending, error } of history.hours) {
    const hour = hours.get(date) ?? { date, up_to_date: 0, pending: 0, error: 0 };
    hours.set(date, {
      date,
      up_to_date: hour.up_to_date + up_to_date,
      pending: hour.pending + pending,
      error: hour.error + error,
    });
  }
  return [...hours.values()];
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export function HistoryPlot({ history }: { history: DeviceHistory }) {
  const hours = byHour(history);
  if (hours.length < 2) {
    return (
      <p className="quiet-text">
        The cloud counts devices once an hour. The plot begins with the second hour.
      </p>
    );
  }
  const most = Math.max(1, ...hours.map((hour) => hour.up_to_date + hour.pending + hour.error));
  const begin = Date.parse(hours[0]!.date);
  const span = Date.parse(hours.at(-1)!.date) - begin;
  const x = (date: string) => LEFT + ((Date.parse(date) - begin) / span) * (WIDTH - LEFT - 8);
  const y = (count: number) => HEIGHT - BOTTOM - (count / most) * (HEIGHT - BOTTOM - 10);
  const below = hours.map(() => 0);
  const areas = SERIES.map(({ key, look }) => {
    const lower = [...below];
    hours.forEach((hour, index) => (below[index]! += hour[key]));
    const top = hours.map((hour, index) => `${x(hour.date)},${y(below[index]!)}`);
    const bottom = hours.map((hour, index) => `${x(hour.date)},${y(lower[index]!)}`).reverse();
    return <polygon key={key} className={`area ${look}`} points={[...top, ...bottom].join(" ")} />;
  });
  const last = hours.at(-1)!;
  return (
    <figure className="plot">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Devices by state over ${hours.length} hours; at the end ${last.up_to_date} up to date, ${last.pending} pending, ${last.error} with an error`}
      >
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line x1={LEFT} x2={WIDTH - 8} y1={y(most * part)} y2={y(most * part)} className="grid" />
            <text x={LEFT - 6} y={y(most * part) + 4} textAnchor="end">
              {Math.round(most * part)}
            </text>
          </g>
        ))}
        {areas}
        <text x={LEFT} y={HEIGHT - 4}>
          {clock.format(new Date(begin))}
        </text>
        <text x={WIDTH - 8} y={HEIGHT - 4} textAnchor="end">
          {clock.format(new Date(last.date))}
        </text>
      </svg>
      <ul className="legend">
        {SERIES.map(({ key, name, look }) => (
          <li key={key}>
            <i className={`key ${look}`} /> {name}
          </li>
        ))}
      </ul>
    </figure>
  );
}
