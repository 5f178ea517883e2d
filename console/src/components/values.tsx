// SPDX-License-Identifier: Apache-2.0
// How single values look everywhere: SIDs, sizes, dates, states.
import { useState } from "react";
import type { Device } from "../api/client";
import { Icon } from "./icon";

export function Sid({ children, copy = false }: { children: string; copy?: boolean }) {
  const [copied, setCopied] = useState(false);
  const take = async () => {
    await navigator.clipboard?.writeText(children);
    setCopied(true);
    window.setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <span className="sid">
      <span className="mono">{children}</span>
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
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function agoText(date: string, now = Date.now()): string {
  const seconds = (Date.parse(date) - now) / 1000;
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [60, "second"],
    [3600, "minute"],
    [86400, "hour"],
    [86400 * 30, "day"],
    [86400 * 365, "month"],
  ];
  let size = 1;
  for (const [limit, unit] of steps) {
    if (Math.abs(seconds) < limit) return RELATIVE.format(Math.round(seconds / size), unit);
    size = limit;
  }
  return RELATIVE.format(Math.round(seconds / (86400 * 365)), "year");
}

/** "3 minutes ago"; the exact date on hovering. */
export function Ago({ date }: { date: string | null }) {
  if (date === null) return <span className="quiet-text">never</span>;
  return (
    <time dateTime={date} title={EXACT.format(new Date(date))}>
      {agoText(date)}
    </time>
  );
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

export function nameOf(resource: { sid: string; unique_name: string | null }): string {
  return resource.unique_name ?? resource.sid;
}
