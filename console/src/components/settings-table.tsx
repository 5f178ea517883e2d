// SPDX-License-Identifier: Apache-2.0
// Configs or secrets of one place: list, add, change, remove. A secret can be written and never read.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import {
  createSetting,
  deleteSetting,
  listSettings,
  type Setting,
  type SettingPlace,
  updateSetting,
} from "../api/settings";
import { REFRESH_MS } from "../api/queries";
import { Empty, Loading, ProblemNote, ReadFailure } from "./feedback";
import { Field } from "./fields";
import { Icon } from "./icon";
import { Panel, PanelActions } from "./panel";
import { useMay } from "./session";
import { Table } from "./table";
import { useToast } from "./toast";
import { Ago, shown } from "./values";

const NOUNS = { configs: "config", secrets: "secret" };

type Task = { what: "add" } | { what: "change" | "remove"; setting: Setting };

function Value({ secret, initial }: { secret: boolean; initial: string }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{secret ? "New value" : "Value"}</label>
      <textarea
        id={id}
        name="value"
        className="input mono"
        rows={4}
        maxLength={4096}
        defaultValue={initial}
        spellCheck={false}
        autoComplete="off"
        aria-describedby={`${id}-hint`}
      />
      <p className="hint" id={`${id}-hint`}>
        {secret ? "Devices can read it; nobody else can, not even here." : "At most 4096 characters."}
      </p>
    </div>
  );
}

function EditForm({ place, task, onClose }: { place: SettingPlace; task: Task; onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const noun = NOUNS[place.kind];
  const setting = task.what === "add" ? undefined : task.setting;
  const change = useMutation({
    mutationFn: ({ key, value }: { key: string; value: string }) => {
      if (task.what === "add") return createSetting(place, key, value);
      return task.what === "change" ? updateSetting(place, key, value) : deleteSetting(place, key);
    },
    onSuccess: (_, { key }) => {
      void queries.invalidateQueries({ queryKey: ["settings", place] });
      toast(`${key} was ${{ add: "added", change: "changed", remove: "removed" }[task.what]}`);
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    // Browsers send lines of a form with CR LF; what was typed has LF.
    const value = String(fields.get("value") ?? "").replaceAll("\r\n", "\n");
    change.mutate({ key: setting?.key ?? String(fields.get("key")), value });
  };
  return (
    <form onSubmit={submit}>
      {task.what === "add" && <Field label="Key" name="key" required maxLength={100} spellCheck={false} />}
      {setting && (
        <p>
          {task.what === "remove" ? "Devices will no longer find " : "Key: "}
          <strong className="mono">{setting.key}</strong>
        </p>
      )}
      {task.what !== "remove" && (
        // What a secret holds is unknown here, so that changing it begins with nothing.
        <Value secret={place.kind === "secrets"} initial={setting?.value ?? ""} />
      )}
      {change.isError && <ProblemNote error={change.error} />}
      <PanelActions>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="submit"
          className={`button ${task.what === "remove" ? "danger" : "primary"}`}
          disabled={change.isPending}
        >
          {{ add: `Add this ${noun}`, change: "Save", remove: `Remove this ${noun}` }[task.what]}
        </button>
      </PanelActions>
    </form>
  );
}

const TITLES = { add: "Add a", change: "Change a", remove: "Remove a" };

interface SettingsTableProps {
  place: SettingPlace;
  /** Puts a heading with the button that adds one above the list. `add` is null for who may not. */
  head: (add: (() => void) | null) => ReactNode;
}

export function SettingsTable({ place, head }: SettingsTableProps) {
  const [task, setTask] = useState<Task | null>(null);
  const mayChange = useMay("deploy");
  const list = useQuery({
    queryKey: ["settings", place],
    refetchInterval: REFRESH_MS,
    queryFn: () => listSettings(place),
  });
  const noun = NOUNS[place.kind];
  const close = () => setTask(null);
  return (
    <>
      {head(mayChange ? () => setTask({ what: "add" }) : null)}
      {list.isPending && <Loading />}
      <ReadFailure query={list} />
      {list.data?.length === 0 && <Empty title={`No ${noun} yet`} />}
      {list.data !== undefined && list.data.length > 0 && (
        <Table
          label={place.kind === "configs" ? "Configs" : "Secrets"}
          rows={list.data}
          rowKey={(row) => row.key}
          columns={[
            {
              key: "key",
              name: "Key",
              cell: (row) => <span className="mono break setting-key">{shown(row.key)}</span>,
            },
            ...(place.kind === "configs"
              ? [
                  {
                    key: "value",
                    name: "Value",
                    cell: (row: Setting) => <span className="mono break clamp">{row.value}</span>,
                  },
                ]
              : []),
            {
              key: "date",
              name: place.kind === "configs" ? "Updated" : "Rotated",
              cell: (row) => <Ago date={row.date} />,
            },
            ...(mayChange
              ? [
                  {
                    key: "do",
                    name: "What to do",
                    silent: true,
                    cell: (row: Setting) => (
                      <span className="row-tools">
                        <button
                          type="button"
                          className="button quiet icon-only small"
                          aria-label={`Change ${row.key}`}
                          title={`Change ${row.key}`}
                          onClick={() => setTask({ what: "change", setting: row })}
                        >
                          <Icon name="pencil" />
                        </button>
                        <button
                          type="button"
                          className="button quiet icon-only small"
                          aria-label={`Remove ${row.key}`}
                          title={`Remove ${row.key}`}
                          onClick={() => setTask({ what: "remove", setting: row })}
                        >
                          <Icon name="trash" />
                        </button>
                      </span>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {task !== null && (
        <Panel title={`${TITLES[task.what]} ${noun}`} open onClose={close}>
          <EditForm place={place} task={task} onClose={close} />
        </Panel>
      )}
    </>
  );
}
