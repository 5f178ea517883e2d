// SPDX-License-Identifier: Apache-2.0
// What happened in the account: what is kept, then what the live stream brings on top of it.
import { useCallback, useEffect, useState } from "react";
import { api, pageToken, type StrataEvent, take } from "./client";
import { useLiveEvents, useLiveState } from "./live";

/** Events on the page; older ones go when newer ones come. */
export const KEPT_EVENTS = 500;
const PAGE_SIZE = 100;

export type EventKind = StrataEvent["type"];

export interface EventList {
  /** Newest first; null: not read yet. */
  events: StrataEvent[] | null;
  error: unknown;
  readOlder: (() => void) | null;
  retry: () => void;
}

async function page(Type: EventKind | "", PageToken?: string) {
  const query = {
    PageSize: PAGE_SIZE,
    ...(Type === "" ? {} : { Type }),
    ...(PageToken === undefined ? {} : { PageToken }),
  };
  const { events, meta } = await take(api.GET("/v1/Events", { params: { query } }));
  return { events, older: pageToken(meta.next_page_url) };
}

/** `more` on top of `before`; an event of progress takes the place of the one before it of that device. */
function onTop(more: StrataEvent[], before: StrataEvent[]): StrataEvent[] {
  const known = new Set(before.map(({ id }) => id));
  const fresh = more.filter(({ id }) => !known.has(id)).reverse();
  const moving = new Set(
    fresh.filter(({ type }) => type === "deployment.progress").map(({ device_sid }) => device_sid),
  );
  const seen = new Set<string | null>();
  const newest = fresh.filter(({ type, device_sid }) => {
    if (type !== "deployment.progress") return true;
    const first = !seen.has(device_sid);
    seen.add(device_sid);
    return first;
  });
  const rest = before.filter(
    ({ type, device_sid }) => type !== "deployment.progress" || !moving.has(device_sid),
  );
  return [...newest, ...rest].slice(0, KEPT_EVENTS);
}

/** `kind`: only events of it; "": all. */
export function useEventList(kind: EventKind | ""): EventList {
  const [events, setEvents] = useState<StrataEvent[] | null>(null);
  const [older, setOlder] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    let over = false;
    setError(null);
    page(kind).then(
      (first) => {
        if (over) return;
        // Those that came while it was read are not lost; older ones are read again when they are asked for.
        const newest = first.events[0]?.id ?? 0;
        const came = (before: StrataEvent[] | null) => (before ?? []).filter(({ id }) => id > newest);
        setEvents((before) => onTop(came(before).reverse(), first.events));
        setOlder(first.older);
      },
      (problem: unknown) => !over && setError(problem),
    );
    return () => {
      over = true;
    };
  }, [kind, round]);
  const live = useLiveState() === "live";
  useEffect(() => {
    // The cloud is back: what could not be read is tried again.
    if (live && error !== null) again();
  }, [live]);
  useLiveEvents((more) => {
    const wanted = more.filter(({ type }) => kind === "" || type === kind);
    if (wanted.length > 0) setEvents((before) => onTop(wanted, before ?? []));
  }, again);
  const readOlder = () => {
    if (older === null) return;
    page(kind, older).then((more) => {
      setEvents((before) => [...(before ?? []), ...more.events].slice(0, KEPT_EVENTS));
      setOlder(more.older);
    }, setError);
  };
  const room = (events?.length ?? 0) + PAGE_SIZE <= KEPT_EVENTS;
  return { events, error, readOlder: older !== null && room ? readOlder : null, retry: again };
}
