// SPDX-License-Identifier: Apache-2.0
// A device's log: what is kept, then what comes (docs/spec/rest.md "Logs"), without a gap between the two.
import { useCallback, useEffect, useState } from "react";
import { api, type LogLine, pageToken, take } from "./client";
import { followStream, type StreamState } from "./stream";

/** Lines on the page; older ones go when newer ones come. */
export const KEPT_LINES = 2_000;
const PAGE_SIZE = 500;

export interface DeviceLog {
  /** Oldest first; null: not read yet. */
  lines: LogLine[] | null;
  state: StreamState;
  error: unknown;
  /** null: there are none, or no room for them. */
  readOlder: (() => void) | null;
  retry: () => void;
}

async function page(sid: string, PageToken?: string) {
  const query = { PageSize: PAGE_SIZE, ...(PageToken === undefined ? {} : { PageToken }) };
  const { logs, meta } = await take(api.GET("/v1/Devices/{sid}/Logs", { params: { path: { sid }, query } }));
  return { lines: logs.reverse(), older: pageToken(meta.next_page_url) };
}

export function useDeviceLog(sid: string): DeviceLog {
  const [lines, setLines] = useState<LogLine[] | null>(null);
  const [older, setOlder] = useState<string | null>(null);
  const [state, setState] = useState<StreamState>("connecting");
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => {
    let over = false;
    let end = () => undefined as void;
    setError(null);
    setState("connecting");
    const begin = async () => {
      const first = await page(sid);
      if (over) return;
      setLines(first.lines);
      setOlder(first.older);
      end = followStream<LogLine>({
        url: `/v1/Devices/${encodeURIComponent(sid)}/Logs/Stream`,
        after: first.lines.at(-1)?.id ?? 0,
        onEvents: (more) => setLines((before) => [...(before ?? []), ...more].slice(-KEPT_LINES)),
        onBegin: again,
        onState: setState,
      });
    };
    begin().catch((problem: unknown) => {
      if (!over) setError(problem);
    });
    return () => {
      over = true;
      end();
    };
  }, [sid, round, again]);

  const readOlder = () => {
    if (older === null) return;
    page(sid, older).then(
      (more) => {
        setLines((before) => [...more.lines, ...(before ?? [])].slice(-KEPT_LINES));
        setOlder(more.older);
      },
      (problem: unknown) => setError(problem),
    );
  };
  const room = (lines?.length ?? 0) + PAGE_SIZE <= KEPT_LINES;
  return { lines, state, error, readOlder: older !== null && room ? readOlder : null, retry: again };
}
