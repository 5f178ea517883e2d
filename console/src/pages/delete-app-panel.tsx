// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import { api, type App, Refusal, take } from "../api/client";
import { useCounts, useDevices, useOtherRunners } from "../api/queries";
import { ConfirmPanel } from "../components/confirm-panel";
import { Icon } from "../components/icon";
import { useToast } from "../components/toast";
import { nameOf } from "../components/values";

/** Who is in the way of deleting it. */
function InTheWay({ app, error }: { app: App; error: Refusal | null }) {
  const targets = useDevices({ App: app.sid, PageSize: 20 });
  const runners = useOtherRunners(app.sid, true);
  const list = [...(targets.data?.devices ?? []), ...runners.slice(0, 20)];
  return (
    <div className="note busy" role="alert">
      <Icon name="alert" />
      <div>
        <strong>Devices have this application bundle, so it can't be deleted</strong>
        <p>Deploy another one to them first; when they have confirmed it, this one is free.</p>
        {error && <p className="fine">{error.message}</p>}
        <ul className="plain-list">
          {list.map((device) => (
            <li key={device.sid}>
              <Link href={`/iot/microvisor/devices/${device.sid}`}>{nameOf(device)}</Link>{" "}
              {device.app.target_sid !== app.sid && "still runs it, its next one is not confirmed"}
            </li>
          ))}
        </ul>
        {targets.data?.meta.next_page_url && (
          <Link href={`/iot/microvisor/devices?app=${app.sid}`}>and more: all of them</Link>
        )}
      </div>
    </div>
  );
}

export function DeleteAppPanel({ app, open, onClose }: { app: App; open: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const counts = useCounts();
  const use = counts.data?.apps.find((each) => each.app_sid === app.sid);
  const deletion = useMutation({
    mutationFn: () => take(api.DELETE("/v1/Apps/{sid}", { params: { path: { sid: app.sid } } })),
    onSuccess: () => {
      navigate("/iot/microvisor/apps");
      queries.removeQueries({ queryKey: ["apps", app.sid] });
      void queries.invalidateQueries({ queryKey: ["apps"] });
      toast(`${nameOf(app)} was deleted`);
    },
  });
  const refused = deletion.error instanceof Refusal && deletion.error.code === 65004 ? deletion.error : null;
  const used = (use?.devices ?? 0) + (use?.running ?? 0) > 0;
  return (
    <ConfirmPanel
      title="Delete an Application Bundle"
      action="Delete this Application Bundle"
      open={open}
      onClose={onClose}
      deletion={deletion}
      told={refused !== null}
    >
      {used || refused ? (
        <InTheWay app={app} error={refused} />
      ) : (
        <p>
          <strong>{nameOf(app)}</strong> goes for good. No device has it as its target or runs it. To deploy
          it again, upload the bundle again.
        </p>
      )}
    </ConfirmPanel>
  );
}
