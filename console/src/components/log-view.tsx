// SPDX-License-Identifier: Apache-2.0
// A device's log as it comes: stays at its end unless somebody scrolls back, can be held and narrowed.
import { memo, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { LogLine } from "../api/client";
import { KEPT_LINES, useDeviceLog } from "../api/log";
import { Failure, Loading } from "./feedback";
import { Choice, SearchField } from "./fields";
import { Icon } from "./icon";
import { exactText, TIME_ZONE } from "./values";

const KINDS: [LogLine["type"] | "", string][] = [
  ["", "All lines"],
  ["app_logging", "Application"],
  ["ota_update", "Updates"],
  ["connection", "Connection"],
  ["dropped", "Lost lines"],
];
const NAMES: Record<LogLine["type"], string> = {
  app_logging: "app",
  ota_update: "update",
  connection: "connection",
  dropped: "lost",
};
const NEAR_END_PX = 24;

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

const Line = memo(function Line({ line }: { line: LogLine }) {
  const at = new Date(line.timestamp);
  return (
    <div className="log-line" data-type={line.type}>
      <time dateTime={line.timestamp} title={exactText(line.timestamp)}>
        {clock.format(at)}
      </time>
      <span className="log-type">{NAMES[line.type]}</span>
      <span className="log-text">
        {line.type === "dropped" ? `${line.text} lines were lost here` : line.text}
      </span>
    </div>
  );
});

function Lines({ lines, held }: { lines: LogLine[]; held: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current && atEnd.current && !held) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, held]);
  return (
    <div
      ref={box}
      className="log"
      role="log"
      aria-label="Log"
      aria-live="off"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
      }}
    >
      {lines.map((line) => (
        <Line key={line.id} line={line} />
      ))}
    </div>
  );
}

/** `nothing`: what to say, and do, when there is no line. */
export function LogView({ sid, nothing }: { sid: string; nothing: ReactNode }) {
  const log = useDeviceLog(sid);
  const [words, setWords] = useState("");
  const [kind, setKind] = useState<LogLine["type"] | "">("");
  const [held, setHeld] = useState<LogLine[] | null>(null);
  const all = held ?? log.lines ?? [];
  const shown = useMemo(() => {
    const wanted = words.trim().toLowerCase();
    return all.filter(
      (line) => (kind === "" || line.type === kind) && line.text.toLowerCase().includes(wanted),
    );
  }, [all, kind, words]);
  if (log.error !== null) return <Failure error={log.error} retry={log.retry} />;
  if (log.lines === null) return <Loading />;
  const last = held?.at(-1)?.id ?? 0;
  const waiting = held === null ? 0 : log.lines.filter((line) => line.id > last).length;
  return (
    <>
      <div className="tools">
        <SearchField label="Lines that contain" value={words} onChange={setWords} />
        <Choice label="Show" value={kind} options={KINDS} onChange={setKind} />
        <button
          type="button"
          className="button"
          aria-pressed={held !== null}
          onClick={() => setHeld(held === null ? log.lines : null)}
        >
          <Icon name={held === null ? "pause" : "play"} /> {held === null ? "Pause" : "Resume"}
        </button>
        <span className="quiet-text" role="status">
          {held !== null && waiting === 0 && "Paused"}
          {waiting > 0 && `Paused, ${waiting} new ${waiting === 1 ? "line" : "lines"}`}
          {held === null && log.state === "away" && "Not live: connecting again…"}
          {held === null && log.state === "full" && "Not live: too many pages follow"}
          {held === null && log.state === "live" && "Live"}
        </span>
      </div>
      {all.length === 0 ? (
        nothing
      ) : (
        <>
          {log.readOlder && held === null && (
            <button type="button" className="button quiet" onClick={log.readOlder}>
              Older lines
            </button>
          )}
          {shown.length === 0 ? (
            <p className="quiet-text">No line contains that.</p>
          ) : (
            <Lines lines={shown} held={held !== null} />
          )}
          <p className="hint">
            {shown.length === all.length ? `${all.length} lines` : `${shown.length} of ${all.length} lines`}
            {`, times in ${TIME_ZONE}`}
            {all.length >= KEPT_LINES && `; the newest ${KEPT_LINES} are kept on this page`}
          </p>
        </>
      )}
    </>
  );
}
