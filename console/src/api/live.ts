// SPDX-License-Identifier: Apache-2.0
// The account's events as they happen, brought into what pages have read (docs/spec/console.md "What is live").
import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import type { Device, StrataEvent } from "./client";
import { followStream, type StreamState } from "./stream";

/** Events are collected for this long, so that a thousand in a second are drawn four times. */
const COLLECT_MS = 250;
/** What events make old is read again at most this often. */
const REREAD_MS = 1_500;
/** Pages have just read when the stream begins; what changed in between is read a little later. */
const FIRST_REREAD_MS = 1_000;
/** Without news from the stream pages read again this often; with it only what no event tells, as when a device was last seen. */
const AWAY_MS = 5_000;
const LIVE_MS = 60_000;

type Listener = (events: StrataEvent[]) => void;

let state: StreamState = "connecting";
let awaySince: number | null = null;
const stateListeners = new Set<() => void>();
const eventListeners = new Set<Listener>();
const beginListeners = new Set<() => void>();

function setState(next: StreamState) {
  if (state === next) return;
  state = next;
  if (state !== "away") awaySince = null;
  else awaySince ??= Date.now();
  stateListeners.forEach((listener) => listener());
}

function subscribe(listener: () => void) {
  stateListeners.add(listener);
  return () => void stateListeners.delete(listener);
}

export function useLiveState(): StreamState {
  return useSyncExternalStore(subscribe, () => state);
}

/** Since when nothing was heard; null while events come, or when nobody follows them. */
export function useAwaySince(): number | null {
  return useSyncExternalStore(subscribe, () => awaySince);
}

export function useRefreshMs(): number {
  return useLiveState() === "live" ? LIVE_MS : AWAY_MS;
}

/** `onBegin`: events may have been missed. */
export function useLiveEvents(onEvents: Listener, onBegin: () => void) {
  const listeners = useRef({ onEvents, onBegin });
  useEffect(() => {
    listeners.current = { onEvents, onBegin };
  });
  useEffect(() => {
    const events: Listener = (batch) => listeners.current.onEvents(batch);
    const begin = () => listeners.current.onBegin();
    eventListeners.add(events);
    beginListeners.add(begin);
    return () => {
      eventListeners.delete(events);
      beginListeners.delete(begin);
    };
  }, []);
}

const toSecond = (timestamp: string) => timestamp.replace(/\.\d+Z$/, "Z");

function withOutcome(app: Device["app"], event: StrataEvent, status: Device["app"]["update_status"]) {
  return { ...app, update_status: status, update_error_code: event.error_code, update_error: event.error };
}

/** The device after the event, as far as the event tells; the rest comes when it is read again. */
export function afterEvent(device: Device, event: StrataEvent): Device {
  const { app } = device;
  const seen = { ...device, date_last_seen: toSecond(event.timestamp) };
  const same = app.deployment_id === event.deployment_id;
  switch (event.type) {
    case "deployment.pending":
      return {
        ...device,
        app: {
          ...withOutcome(app, event, "pending"),
          target_sid: event.app_sid,
          deployment_id: event.deployment_id,
          date_targeted: toSecond(event.timestamp),
          update_state: null,
          bytes_staged: 0,
          bytes_total: 0,
        },
      };
    case "deployment.progress":
      if (!same) return device;
      return {
        ...seen,
        app: {
          ...app,
          update_state: event.update_state as Device["app"]["update_state"],
          bytes_staged: event.bytes_staged,
          bytes_total: event.bytes_total,
        },
      };
    case "deployment.confirmed":
      if (!same) return device;
      return {
        ...seen,
        app: {
          ...withOutcome(app, event, "up-to-date"),
          reported_sid: event.app_sid,
          date_reported: toSecond(event.timestamp),
        },
      };
    case "deployment.failed":
    case "deployment.reverted":
      return same ? { ...seen, app: withOutcome(app, event, "error") } : device;
    case "deployment.silent":
      return same ? { ...device, app: withOutcome(app, event, "error") } : device;
    default:
      return device;
  }
}

type Kept = Device | { devices: Device[] };

/** Brings events into one query's devices; the same object when none of them is about it. */
function patched(data: Kept, byDevice: Map<string, StrataEvent[]>): Kept {
  const one = (device: Device) => (byDevice.get(device.sid) ?? []).reduce(afterEvent, device);
  if (!("devices" in data)) return one(data);
  const devices = data.devices.map(one);
  return devices.some((device, index) => device !== data.devices[index]) ? { ...data, devices } : data;
}

function patch(queries: QueryClient, events: StrataEvent[]) {
  const byDevice = new Map<string, StrataEvent[]>();
  for (const event of events) {
    if (event.device_sid === null) continue;
    byDevice.set(event.device_sid, [...(byDevice.get(event.device_sid) ?? []), event]);
  }
  for (const query of queries.getQueryCache().findAll({ queryKey: ["devices"] }) as Query<Kept>[]) {
    const { data, dataUpdatedAt } = query.state;
    if (data === undefined) continue;
    const next = patched(data, byDevice);
    // As old as it was: an event tells less than reading does.
    if (next !== data) queries.setQueryData(query.queryKey, next, { updatedAt: dataUpdatedAt });
  }
}

/** What must be read again because of these events. Progress is told whole and makes nothing old. */
function outdated(queries: QueryClient, events: StrataEvent[]): QueryKey[] {
  const keys: QueryKey[] = [];
  const told = events.filter(({ type }) => type !== "deployment.progress");
  if (told.some(({ type }) => type.startsWith("app."))) keys.push(["apps"], ["account"]);
  const devices = new Set(told.map(({ device_sid }) => device_sid).filter((sid) => sid !== null));
  if (devices.size === 0) return keys;
  keys.push(["devices", "list"], ["counts"]);
  for (const name of [["devices", "one"], ["updates"]]) {
    for (const { queryKey } of queries.getQueryCache().findAll({ queryKey: name, type: "active" })) {
      if (devices.has(queryKey.at(-1) as string)) keys.push(queryKey);
    }
  }
  return keys;
}

/** Reads again at once, then not before a while has gone and the last reading is over. */
class Rereader {
  private readonly wanted = new Map<string, QueryKey>();
  private busy = false;
  private over = false;

  constructor(private readonly queries: QueryClient) {}

  mark(keys: QueryKey[]) {
    if (this.over) return;
    for (const key of keys) this.wanted.set(JSON.stringify(key), key);
    if (!this.busy) void this.run();
  }

  end() {
    this.over = true;
  }

  private async run() {
    this.busy = true;
    while (this.wanted.size > 0 && !this.over) {
      const keys = [...this.wanted.values()];
      this.wanted.clear();
      await Promise.all(keys.map((queryKey) => this.queries.invalidateQueries({ queryKey })));
      await new Promise((resolve) => window.setTimeout(resolve, REREAD_MS));
    }
    this.busy = false;
  }
}

/** What the stream keeps up to date, all of it. */
const LIVE_KEYS: QueryKey[] = [["devices"], ["counts"], ["apps"], ["account"], ["updates"]];

/** Follows the account's events for as long as somebody is signed in; call what it returns at the end. */
export function startLive(queries: QueryClient): () => void {
  const reread = new Rereader(queries);
  let collected: StrataEvent[] = [];
  let timer: number | undefined;
  const apply = () => {
    timer = undefined;
    const events = collected;
    collected = [];
    patch(queries, events);
    reread.mark(outdated(queries, events));
    eventListeners.forEach((listener) => listener(events));
  };
  const end = followStream<StrataEvent>({
    url: "/v1/Events/Stream",
    onState: setState,
    onBegin: () => {
      window.setTimeout(() => reread.mark(LIVE_KEYS), FIRST_REREAD_MS);
      beginListeners.forEach((listener) => listener());
    },
    onEvents: (events) => {
      collected.push(...events);
      timer ??= window.setTimeout(apply, COLLECT_MS);
    },
  });
  return () => {
    window.clearTimeout(timer);
    reread.end();
    end();
    setState("connecting");
  };
}
