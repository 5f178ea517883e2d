// SPDX-License-Identifier: Apache-2.0
// What happened to the account's apps and devices, in words.
import { Link } from "wouter";
import type { StrataEvent } from "../api/client";
import type { EventKind } from "../api/event-list";
import { FailureCode, FailureLine } from "./failure";
import { type Column, Table } from "./table";
import { bytesText, nameOf, TIME_ZONE, When } from "./values";

/** How each type of event is said; docs/spec/rest.md "Events". */
export const EVENT_WORDS: Record<EventKind, { look: string; text: string }> = {
  "app.created": { look: "none", text: "Bundle uploaded" },
  "app.deleted": { look: "none", text: "Bundle deleted" },
  "device.provisioned": { look: "none", text: "Device provisioned" },
  "device.changed": { look: "none", text: "Device changed" },
  "device.removed": { look: "none", text: "Device removed" },
  "deployment.pending": { look: "busy", text: "Targeted" },
  "deployment.replaced": { look: "none", text: "Replaced" },
  "deployment.confirmed": { look: "good", text: "Confirmed" },
  "deployment.failed": { look: "bad", text: "Failed" },
  "deployment.reverted": { look: "bad", text: "Reverted" },
  "deployment.silent": { look: "bad", text: "Silent" },
  "deployment.progress": { look: "busy", text: "Progress" },
  "webhook.test": { look: "none", text: "Webhook tried" },
};

function About({ event }: { event: StrataEvent }) {
  const { device_sid, app_sid, unique_name, type } = event;
  if (device_sid !== null) {
    const name = nameOf({ sid: device_sid, unique_name });
    if (type === "device.removed") return <span className="break">{name}</span>;
    return (
      <Link href={`/iot/microvisor/devices/${device_sid}`} className="break">
        {name}
      </Link>
    );
  }
  if (app_sid === null) return <span className="quiet-text">–</span>;
  const name = nameOf({ sid: app_sid, unique_name });
  if (type === "app.deleted") return <span className="break">{name}</span>;
  return (
    <Link href={`/iot/microvisor/apps/${app_sid}`} className="break">
      {name}
    </Link>
  );
}

function More({ event, apps }: { event: StrataEvent; apps: Map<string, string> }) {
  if (event.error_code !== 0) {
    return (
      <div className="stack">
        <FailureCode code={event.error_code} />
        <FailureLine code={event.error_code} told={event.error} />
      </div>
    );
  }
  if (event.type === "deployment.progress") {
    return (
      <>
        {event.update_state?.replaceAll("-", " ")}
        {event.bytes_total > 0 && `, ${bytesText(event.bytes_staged)} of ${bytesText(event.bytes_total)}`}
      </>
    );
  }
  if (event.device_sid !== null && event.app_sid !== null) {
    const name = apps.get(event.app_sid);
    return name === undefined ? (
      <span className="mono break">{event.app_sid}</span>
    ) : (
      <Link href={`/iot/microvisor/apps/${event.app_sid}`} className="break">
        {name}
      </Link>
    );
  }
  return null;
}

/** `apps`: names by SID. */
export function EventTable({ events, apps }: { events: StrataEvent[]; apps: Map<string, string> }) {
  const columns: Column<StrataEvent>[] = [
    { key: "when", name: `When (${TIME_ZONE})`, cell: (event) => <When date={event.timestamp} /> },
    {
      key: "what",
      name: "What",
      cell: ({ type }) => <span className={`badge ${EVENT_WORDS[type].look}`}>{EVENT_WORDS[type].text}</span>,
    },
    { key: "about", name: "Device or bundle", cell: (event) => <About event={event} /> },
    { key: "more", name: "More", cell: (event) => <More event={event} apps={apps} /> },
  ];
  return <Table label="Events" columns={columns} rows={events} rowKey={({ id }) => String(id)} />;
}
