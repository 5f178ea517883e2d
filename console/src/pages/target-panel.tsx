// SPDX-License-Identifier: Apache-2.0
// Gives one device, or each of a selection, another target app.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, type App, type Device, form, Refusal, take } from "../api/client";
import { problemOf } from "../api/problems";
import { useApps } from "../api/queries";
import { AppChoice } from "../components/app-choice";
import { Failure, Loading, ProblemNote } from "../components/feedback";
import { Panel, PanelActions } from "../components/panel";
import { useToast } from "../components/toast";
import { nameOf } from "../components/values";

const AT_ONCE = 4;

interface Refused {
  device: Device;
  error: unknown;
}

const TRIES = 8;

/** Tries again what the cloud has no time for now: many devices are many requests (docs/spec/rest.md "Limits"). */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const busy = error instanceof Refusal && [0, 429, 503].includes(error.status);
      if (!busy || tries === TRIES) throw error;
      await new Promise((resolve) => window.setTimeout(resolve, 1000 * Math.max(error.retryAfterSec, 1)));
    }
  }
}

/** Those that were refused; the others have their new target app. */
async function deploy(devices: Device[], app: App, onDone: (count: number) => void): Promise<Refused[]> {
  const refused: Refused[] = [];
  const left = [...devices];
  let done = 0;
  const work = async () => {
    for (let device = left.shift(); device !== undefined; device = left.shift()) {
      const params = { path: { sid: device.sid } };
      const target = () =>
        take(api.POST("/v1/Devices/{sid}", { params, body: form({ TargetApp: app.sid }) }));
      try {
        await patiently(target);
      } catch (error) {
        refused.push({ device, error });
      }
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return refused;
}

function Refusals({ refused, total }: { refused: Refused[]; total: number }) {
  if (total === 1) return <ProblemNote error={refused[0]!.error} />;
  return (
    <div className="note bad" role="alert">
      <div>
        <strong>
          {refused.length} of {total} devices were refused; the others are targeted
        </strong>
        <ul className="plain-list">
          {refused.slice(0, 20).map(({ device, error }) => (
            <li key={device.sid}>
              {nameOf(device)}: {problemOf(error).title}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function TargetForm({ devices, onClose }: { devices: Device[]; onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const apps = useApps();
  const only = devices.length === 1 ? devices[0]! : null;
  const [app, setApp] = useState<App | null>(null);
  const [done, setDone] = useState(0);
  const closed = useRef(false);
  useEffect(() => {
    closed.current = false;
    return () => {
      closed.current = true;
    };
  }, []);
  const deployment = useMutation({
    mutationFn: (chosen: App) => deploy(devices, chosen, setDone),
    onSuccess: (refused, chosen) => {
      void queries.invalidateQueries({ queryKey: ["devices"] });
      void queries.invalidateQueries({ queryKey: ["counts"] });
      if (refused.length > 0) {
        // It goes on when the panel is closed; what came of it is told all the same.
        if (closed.current)
          toast(`${refused.length} of ${devices.length} devices were refused ${nameOf(chosen)}`);
        return;
      }
      toast(`${nameOf(chosen)} is now the target of ${only ? nameOf(only) : `${devices.length} devices`}`);
      if (!closed.current) onClose();
    },
  });
  if (apps.data === undefined) {
    return apps.isError ? <Failure error={apps.error} retry={() => void apps.refetch()} /> : <Loading />;
  }
  const refused = deployment.data ?? [];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (app) deployment.mutate(app);
      }}
    >
      <p>
        {only ? <strong>{nameOf(only)}</strong> : <strong>{devices.length} devices</strong>} will be told that
        an update is pending and will download, verify and install what you choose.
      </p>
      <AppChoice apps={apps.data} chosen={app} onChoose={setApp} />
      {deployment.isPending && devices.length > 1 && (
        <div className="sending">
          <progress value={done} max={devices.length} aria-label="Devices told" />
          <span role="status">
            {done} of {devices.length}
          </span>
        </div>
      )}
      {refused.length > 0 && <Refusals refused={refused} total={devices.length} />}
      <PanelActions>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary" disabled={app === null || deployment.isPending}>
          Target this Application Bundle
        </button>
      </PanelActions>
    </form>
  );
}

export function TargetPanel({
  devices,
  open,
  onClose,
}: {
  devices: Device[];
  open: boolean;
  onClose: () => void;
}) {
  return (
    <Panel title="Target a Microvisor Application Bundle" open={open} onClose={onClose}>
      <TargetForm devices={devices} onClose={onClose} />
    </Panel>
  );
}
