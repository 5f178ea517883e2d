// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, type ApiKey, take, takeAll } from "../api/client";
import { REFRESH_MS } from "../api/queries";
import { ConfirmPanel } from "../components/confirm-panel";
import { Empty, Failure, Loading, ProblemNote } from "../components/feedback";
import { Field } from "../components/fields";
import { Icon } from "../components/icon";
import { PageHead } from "../components/layout";
import { Panel, PanelActions } from "../components/panel";
import { SecretOnce } from "../components/secret-once";
import { useMay, useSession } from "../components/session";
import { type Column, Table } from "../components/table";
import { useToast } from "../components/toast";
import { Ago, Sid } from "../components/values";

const SCOPES: [ApiKey["scopes"][number], string][] = [
  ["read", "Look at apps, devices and configs"],
  ["deploy", "Also upload and delete apps, change devices, configs and secrets"],
  ["provision", "Make devices; for assembly lines"],
  ["admin", "Everything, API keys and signing keys included"],
];

function useApiKeys() {
  return useQuery({
    queryKey: ["api-keys"],
    refetchInterval: REFRESH_MS,
    queryFn: () =>
      takeAll<ApiKey>(async (PageToken) => {
        const query = { PageSize: 1000, ...(PageToken === undefined ? {} : { PageToken }) };
        const { api_keys, meta } = await take(api.GET("/v1/ApiKeys", { params: { query } }));
        return { items: api_keys, meta };
      }),
  });
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const creation = useMutation({
    mutationFn: (body: { FriendlyName: string; Scopes: string }) => take(api.POST("/v1/ApiKeys", { body })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["api-keys"] }),
  });
  if (creation.data) return <SecretOnce made={creation.data} onClose={onClose} />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    creation.mutate({ FriendlyName: String(fields.get("name")), Scopes: fields.getAll("scope").join(",") });
  };
  return (
    <form onSubmit={submit}>
      <Field label="Name" name="name" maxLength={64} hint="For people: who or what uses it." />
      <fieldset className="scopes">
        <legend>Scopes</legend>
        {SCOPES.map(([scope, meaning]) => (
          <label key={scope}>
            <input type="checkbox" name="scope" value={scope} defaultChecked={scope === "read"} />
            <span>
              <strong>{scope}</strong> <span className="quiet-text">{meaning}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {creation.isError && <ProblemNote error={creation.error} />}
      <PanelActions>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary" disabled={creation.isPending}>
          Create this API key
        </button>
      </PanelActions>
    </form>
  );
}

function DeletePanel({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const own = useSession().api_key_sid === apiKey.sid;
  const deletion = useMutation({
    mutationFn: () => take(api.DELETE("/v1/ApiKeys/{sid}", { params: { path: { sid: apiKey.sid } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["api-keys"] });
      toast(`${apiKey.friendly_name || apiKey.sid} was deleted`);
      onClose();
    },
  });
  return (
    <ConfirmPanel
      title="Delete an API key"
      action="Delete this API key"
      open
      onClose={onClose}
      deletion={deletion}
    >
      <p>
        Whoever uses <strong>{apiKey.friendly_name || apiKey.sid}</strong> is refused from the next request
        on, and sessions of the console that were begun with it end.
        {own && " That is the key you are signed in with."}
      </p>
    </ConfirmPanel>
  );
}

function KeyTable({ onDelete }: { onDelete: (key: ApiKey) => void }) {
  const keys = useApiKeys();
  const columns: Column<ApiKey>[] = [
    {
      key: "name",
      name: "API key",
      cell: (key) => (
        <div className="stack">
          <strong>{key.friendly_name || "without a name"}</strong>
          <Sid>{key.sid}</Sid>
        </div>
      ),
    },
    {
      key: "scopes",
      name: "Scopes",
      cell: (key) => (
        <span className="tags">
          {key.scopes.map((scope) => (
            <span key={scope} className="badge none">
              {scope}
            </span>
          ))}
        </span>
      ),
    },
    { key: "created", name: "Created", cell: (key) => <Ago date={key.date_created} /> },
    { key: "used", name: "Last used", cell: (key) => <Ago date={key.date_last_used} /> },
    {
      key: "do",
      name: "What to do",
      silent: true,
      cell: (key) => (
        <span className="row-tools">
          <button
            type="button"
            className="button quiet icon-only small"
            aria-label={`Delete ${key.friendly_name || key.sid}`}
            title={`Delete ${key.friendly_name || key.sid}`}
            onClick={() => onDelete(key)}
          >
            <Icon name="trash" />
          </button>
        </span>
      ),
    },
  ];
  if (keys.data === undefined) {
    return keys.isError ? <Failure error={keys.error} retry={() => void keys.refetch()} /> : <Loading />;
  }
  if (keys.data.length === 0) return <Empty title="No API key yet" />;
  return <Table label="API keys" columns={columns} rows={keys.data} rowKey={(key) => key.sid} />;
}

export default function ApiKeysPage() {
  const admin = useMay();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<ApiKey | null>(null);
  return (
    <>
      <PageHead crumbs={[{ text: "Settings" }, { text: "API keys" }]} title="API keys">
        {admin && (
          <button type="button" className="button primary" onClick={() => setCreating(true)}>
            <Icon name="plus" /> Create an API key
          </button>
        )}
      </PageHead>
      <p className="about">
        Credentials for scripts and machines, each with only what it needs. A lost one can be deleted without
        touching the others.
      </p>
      {admin ? (
        <KeyTable onDelete={setDeleting} />
      ) : (
        <Empty title="Only an administrator sees API keys">
          <p>Sign in with the auth token or with a key of scope admin.</p>
        </Empty>
      )}
      <Panel title="Create an API key" open={creating} onClose={() => setCreating(false)}>
        <CreateForm onClose={() => setCreating(false)} />
      </Panel>
      {deleting !== null && <DeletePanel apiKey={deleting} onClose={() => setDeleting(null)} />}
    </>
  );
}
