// SPDX-License-Identifier: Apache-2.0
// How single values look everywhere: SIDs, sizes, dates, states.
import { useRef, useState, useSyncExternalStore } from "react";
import type { Device } from "../api/client";
import { Icon } from "./icon";

export function Sid({ children, copy = false }: { children: string; copy?: boolean }) {
  const [copied, setCopied] = useState(false);
  const text = useRef<HTMLSpanElement>(null);
  const take = async () => {
    try {
      await navigator.clipboard.writeText(children);
    } catch {
      // The browser does not let pages copy: what is selected can be copied by hand.
      if (text.current) window.getSelection()?.selectAllChildren(text.current);
      return;
    }
    setCopied(true);
    window.setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <span className="sid">
      <span className="mono" ref={text}>
        {children}
      </span>
      {copy && (
        <button
          type="button"
          className="button quiet icon-only small"
          aria-label={copied ? "Copied" : "Copy"}
          onClick={() => void take()}
        >
          <Icon name={copied ? "check" : "copy"} />
        </button>
      )}
    </span>
  );
}

export function bytesText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const SHORT = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
/** With the time zone. */
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DAY_AND_CLOCK = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
});

/** Of all times on the pages: the browser's, for example "UTC" or "GMT+1". */
export const TIME_ZONE =
  new Intl.DateTimeFormat(undefined, { timeZoneName: "short" })
    .formatToParts(new Date())
    .find(({ type }) => type === "timeZoneName")?.value ?? "local time";

export function exactText(date: string | number): string {
  return EXACT.format(new Date(date));
}

/** The time of day, of another day with its date; lists say TIME_ZONE once. */
export function When({ date }: { date: string }) {
  const at = new Date(date);
  const today = at.toDateString() === new Date(useNow()).toDateString();
  return (
    <time dateTime={date} title={exactText(date)}>
      {(today ? CLOCK : DAY_AND_CLOCK).format(at)}
    </time>
  );
}

function agoText(date: string, from: number, words: Intl.RelativeTimeFormat): string {
  const seconds = (Date.parse(date) - from) / 1000;
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [60, "second"],
    [3600, "minute"],
    [86400, "hour"],
    [86400 * 30, "day"],
    [86400 * 365, "month"],
  ];
  let size = 1;
  for (const [limit, unit] of steps) {
    if (Math.abs(seconds) < limit) return words.format(Math.round(seconds / size), unit);
    size = limit;
  }
  return words.format(Math.round(seconds / (86400 * 365)), "year");
}

const TICK_MS = 10_000;
const tickers = new Set<() => void>();
let ticking: number | undefined;
let now = Date.now();

function subscribeToTicks(listener: () => void) {
  if (tickers.size === 0) now = Date.now();
  tickers.add(listener);
  ticking ??= window.setInterval(() => {
    now = Date.now();
    tickers.forEach((each) => each());
  }, TICK_MS);
  return () => {
    tickers.delete(listener);
    if (tickers.size > 0) return;
    window.clearInterval(ticking);
    ticking = undefined;
  };
}

/** The time to a few seconds: one clock for the whole page. */
function useNow(): number {
  return useSyncExternalStore(subscribeToTicks, () => now);
}

/** "3 minutes ago", short "3 min. ago"; the exact date and its zone on hovering. */
export function Ago({ date, short = false }: { date: string | null; short?: boolean }) {
  const tick = useNow();
  if (date === null) return <span className="quiet-text">never</span>;
  const at = Date.parse(date);
  // What is newer than the last tick has just happened.
  const from = at > tick && at < tick + 2 * TICK_MS ? at : tick;
  return (
    <time dateTime={date} title={exactText(date)}>
      {agoText(date, from, short ? SHORT : RELATIVE)}
    </time>
  );
}

/** "1 min 20 s": its two largest units. */
export function spanText(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** How long it took; to the second, as the cloud's dates are. */
export function Duration({ from, to }: { from: string; to: string | null }) {
  if (to === null) return <span className="quiet-text">–</span>;
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return <span className="nowrap">{seconds === 0 ? "under 1 s" : spanText(seconds)}</span>;
}

const STATES: Record<Device["app"]["update_status"], [string, string]> = {
  "up-to-date": ["good", "Up to date"],
  pending: ["busy", "Pending"],
  error: ["bad", "Error"],
};

export function UpdateStatus({ device }: { device: Device }) {
  const { update_status, target_sid } = device.app;
  const [look, text] = target_sid === null ? ["none", "No target"] : STATES[update_status];
  return <span className={`badge ${look}`}>{text}</span>;
}

/** Characters that nobody sees, some of which turn what follows round; joiners inside words stay. */
const UNSEEN = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** A name that somebody chose, so that two different ones never look the same: "a[U+202E]b". */
export function shown(name: string): string {
  return name.replace(
    UNSEEN,
    (char) => `[U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`,
  );
}

/** The unique name, or the SID when there is none that could be seen. */
export function nameOf(resource: { sid: string; unique_name: string | null }): string {
  const { sid, unique_name } = resource;
  return unique_name === null || unique_name.trim() === "" ? sid : shown(unique_name);
}
