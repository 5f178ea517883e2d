// SPDX-License-Identifier: Apache-2.0
import type { FormEvent } from "react";
import type { Device } from "../api/client";
import { ProblemNote } from "../components/feedback";
import { Field } from "../components/fields";
import { Panel, PanelActions } from "../components/panel";
import { useToast } from "../components/toast";
import { nameOf } from "../components/values";
import { useDeviceChange } from "./device-change";

function EditForm({ device, onClose }: { device: Device; onClose: () => void }) {
  const change = useDeviceChange(device);
  const toast = useToast();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    change.mutate(
      { UniqueName: String(fields.get("name")).trim(), Tags: String(fields.get("tags")) },
      {
        onSuccess: (changed) => {
          toast(`${nameOf(changed)} was changed`);
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <Field
        label="Unique Name"
        name="name"
        defaultValue={device.unique_name ?? ""}
        maxLength={64}
        hint="Empty takes the name away."
      />
      <Field
        label="Tags"
        name="tags"
        defaultValue={device.tags.join(", ")}
        hint="Joined by commas; at most 16. Lists can be narrowed to a tag."
      />
      {change.isError && <ProblemNote error={change.error} />}
      <PanelActions>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary" disabled={change.isPending}>
          Save
        </button>
      </PanelActions>
    </form>
  );
}

export function EditDevicePanel({
  device,
  open,
  onClose,
}: {
  device: Device;
  open: boolean;
  onClose: () => void;
}) {
  return (
    <Panel title="Name and tags" open={open} onClose={onClose}>
      <EditForm device={device} onClose={onClose} />
    </Panel>
  );
}
