// SPDX-License-Identifier: Apache-2.0
// What happens in the whole account, or the log of one device. Which of them stands in the URL.
import { useState } from "react";
import { Link } from "wouter";
import type { StrataEvent } from "../api/client";
import { type EventKind, KEPT_EVENTS, useEventList } from "../api/event-list";
import { useApps, useDevice } from "../api/queries";
import { DeviceChoice } from "../components/device-choice";
import { EVENT_WORDS, EventTable } from "../components/event-table";
import { Empty, Failure, Loading, ReadFailure } from "../components/feedback";
import { Choice } from "../components/fields";
import { Icon } from "../components/icon";
import { PageHead } from "../components/layout";
import { useUrlFilters } from "../components/url-filters";
import { nameOf } from "../components/values";
import { DeviceLog } from "./device-log";

/** Everything but progress, which there is very much of. */
const MAIN = "main";
const KINDS: [string, string][] = [
  [MAIN, "All but progress"],
  ["", "All"],
  ...Object.entries(EVENT_WORDS).map(([kind, { text }]): [string, string] => [kind, text]),
];

function Events() {
  const { get, set } = useUrlFilters();
  const asked = get("type") || MAIN;
  const kind = asked === "all" || KINDS.some(([each]) => each === asked) ? asked : MAIN;
  const apps = useApps();
  const list = useEventList(kind === MAIN || kind === "all" ? "" : (kind as EventKind));
  const [held, setHeld] = useState<StrataEvent[] | null>(null);
  const names = new Map(apps.data?.map((app) => [app.sid, nameOf(app)]));
  const shown = (held ?? list.events ?? []).filter(
    ({ type }) => kind !== MAIN || type !== "deployment.progress",
  );
  return (
    <>
      <div className="tools">
        <Choice
          label="Show"
          value={kind === "all" ? "" : kind}
          options={KINDS}
          onChange={(type) => set({ type: type === MAIN ? "" : type || "all" })}
        />
        <button
          type="button"
          className="button"
          aria-pressed={held !== null}
          onClick={() => setHeld(held === null ? list.events : null)}
        >
          <Icon name={held === null ? "pause" : "play"} /> {held === null ? "Pause" : "Resume"}
        </button>
      </div>
      {list.error !== null && <Failure error={list.error} retry={list.retry} />}
      {list.events === null && list.error === null && <Loading />}
      {list.events !== null && shown.length === 0 && <Empty title="Nothing like that in the last 30 days" />}
      {shown.length > 0 && <EventTable events={shown} apps={names} />}
      {list.readOlder && held === null && (
        <button type="button" className="button" onClick={list.readOlder}>
          Older events
        </button>
      )}
      {(list.events?.length ?? 0) >= KEPT_EVENTS && (
        <p className="hint">The newest {KEPT_EVENTS} are kept on this page.</p>
      )}
    </>
  );
}

function OneDevice({ sid }: { sid: string }) {
  const device = useDevice(sid);
  if (device.isPending) return <Loading />;
  return (
    <>
      <ReadFailure query={device} />
      {device.data && (
        <>
          <p className="about">
            What <Link href={`/iot/microvisor/devices/${device.data.sid}`}>{nameOf(device.data)}</Link> sent
            while logging was on. The cloud keeps the newest 1 MiB for 7 days.
          </p>
          <DeviceLog device={device.data} />
        </>
      )}
    </>
  );
}

export default function LogsPage() {
  const { get, set } = useUrlFilters();
  const sid = get("device");
  const device = useDevice(sid);
  return (
    <>
      <PageHead crumbs={[]} title="Logs" />
      <div className="tools">
        <DeviceChoice
          sid={sid}
          name={device.data ? nameOf(device.data) : sid}
          onChoose={(chosen) => chosen !== sid && set({ device: chosen, type: "" })}
        />
        {sid !== "" && (
          <Link href="/logs" className="button">
            All devices
          </Link>
        )}
      </div>
      {sid === "" ? <Events key={get("type")} /> : <OneDevice key={sid} sid={sid} />}
    </>
  );
}
