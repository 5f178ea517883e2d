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

interface Outcome {
  refused: Refused[];
  /** Nobody told them: it was stopped before. */
  untold: Device[];
}

/** Tries again what the cloud has no time for now: many devices are many requests (docs/spec/rest.md "Limits"). */
async function patiently<T>(attempt: () => Promise<T>, stop: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const busy = error instanceof Refusal && [0, 429, 503].includes(error.status);
      if (!busy || stop.aborted || tries === TRIES) throw error;
      await new Promise((resolve) => window.setTimeout(resolve, 1000 * Math.max(error.retryAfterSec, 1)));
    }
  }
}

/** All others have their new target app. */
async function deploy(
  devices: Device[],
  app: App,
  stop: AbortSignal,
  onDone: (count: number) => void,
): Promise<Outcome> {
  const refused: Refused[] = [];
  const left = [...devices];
  let done = 0;
  const work = async () => {
    while (!stop.aborted) {
      const device = left.shift();
      if (device === undefined) return;
      const params = { path: { sid: device.sid } };
      const target = () =>
        take(api.POST("/v1/Devices/{sid}", { params, body: form({ TargetApp: app.sid }) }));
      try {
        await patiently(target, stop);
      } catch (error) {
        if (stop.aborted) {
          left.push(device);
          return;
        }
        refused.push({ device, error });
      }
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { refused, untold: left };
}

function Left({ outcome: { refused, untold }, total }: { outcome: Outcome; total: number }) {
  if (total === 1) return <ProblemNote error={refused[0]!.error} />;
  const told = total - refused.length - untold.length;
  return (
    <div className="note bad" role="alert">
      <div>
        <strong>
          {untold.length > 0 && "Stopped: "}
          {told.toLocaleString("en")} of {total.toLocaleString("en")} devices are targeted
          {refused.length > 0 && `, ${refused.length.toLocaleString("en")} were refused`}
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

interface TargetFormProps {
  devices: Device[];
  onClose: () => void;
  /** Which devices still lack it, from the moment it begins. */
  onLeft: (devices: Device[]) => void;
}

function useDeployment({ devices, onClose, onLeft }: TargetFormProps) {
  const queries = useQueryClient();
  const toast = useToast();
  const [done, setDone] = useState(0);
  // Another try is for those that the one before did not reach.
  const [wanted, setWanted] = useState(devices);
  const [tried, setTried] = useState(0);
  const stop = useRef(new AbortController());
  const closed = useRef(false);
  useEffect(() => {
    closed.current = false;
    return () => {
      closed.current = true;
    };
  }, []);
  const told = wanted.length === 1 ? nameOf(wanted[0]!) : `${wanted.length.toLocaleString("en")} devices`;
  const deployment = useMutation({
    mutationFn: (chosen: App) => {
      setDone(0);
      onLeft([]);
      stop.current = new AbortController();
      return deploy(wanted, chosen, stop.current.signal, setDone);
    },
    onSuccess: ({ refused, untold }, chosen) => {
      void queries.invalidateQueries({ queryKey: ["devices"] });
      void queries.invalidateQueries({ queryKey: ["counts"] });
      const left = [...refused.map(({ device }) => device), ...untold];
      if (left.length === 0) {
        toast(`${nameOf(chosen)} is now the target of ${told}`);
        if (!closed.current) onClose();
        return;
      }
      // It goes on when the panel is closed; what came of it is told all the same.
      if (closed.current)
        return toast(`${left.length} of ${wanted.length} devices were refused ${nameOf(chosen)}`);
      onLeft(left);
      setTried(wanted.length);
      setWanted(left);
    },
  });
  return { deployment, done, told, tried, count: wanted.length, stop: () => stop.current.abort() };
}

function TargetForm(props: TargetFormProps) {
  const apps = useApps();
  const [app, setApp] = useState<App | null>(null);
  const { deployment, done, told, tried, count, stop } = useDeployment(props);
  if (apps.data === undefined) {
    return apps.isError ? <Failure error={apps.error} retry={() => void apps.refetch()} /> : <Loading />;
  }
  const busy = deployment.isPending;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (app) deployment.mutate(app);
      }}
    >
      <p>
        <strong>{told}</strong> will be told that an update is pending and will download, verify and install
        what you choose.
      </p>
      <AppChoice apps={apps.data} chosen={app} onChoose={setApp} />
      {busy && count > 1 && (
        <div className="sending">
          <progress value={done} max={count} aria-label="Devices told" />
          <span role="status">
            {done} of {count}
          </span>
        </div>
      )}
      {deployment.data && tried > 0 && <Left outcome={deployment.data} total={tried} />}
      <PanelActions>
        <button type="button" className="button" onClick={busy && count > 1 ? stop : props.onClose}>
          {busy && count > 1 ? "Stop" : "Cancel"}
        </button>
        <button type="submit" className="button primary" disabled={app === null || busy}>
          Target this Application Bundle
        </button>
      </PanelActions>
    </form>
  );
}

interface TargetPanelProps {
  devices: Device[];
  open: boolean;
  /** With the devices that were not targeted. */
  onClose: (left: Device[]) => void;
}

export function TargetPanel({ devices, open, onClose }: TargetPanelProps) {
  const left = useRef<Device[] | null>(null);
  const close = () => {
    const still = left.current ?? devices;
    left.current = null;
    onClose(still);
  };
  return (
    <Panel title="Target a Microvisor Application Bundle" open={open} onClose={close}>
      <TargetForm devices={devices} onClose={close} onLeft={(devices) => (left.current = devices)} />
    </Panel>
  );
}
