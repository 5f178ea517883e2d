// SPDX-License-Identifier: Apache-2.0
// Who is told of deployments: docs/spec/rest.md "Webhooks".
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, take, takeAll, type Webhook } from "../api/client";
import { REFRESH_MS } from "../api/queries";
import { ConfirmPanel } from "../components/confirm-panel";
import { Empty, Loading, ProblemNote, ReadFailure } from "../components/feedback";
import { Field } from "../components/fields";
import { Icon, type IconName } from "../components/icon";
import { PageHead } from "../components/layout";
import { Panel, PanelActions } from "../components/panel";
import { SecretOnce } from "../components/secret-once";
import { useMay } from "../components/session";
import { type Column, Table } from "../components/table";
import { useToast } from "../components/toast";
import { Ago, Sid } from "../components/values";
import { DeadLettersPanel } from "./dead-letters-panel";

const called = (webhook: Webhook) => webhook.friendly_name || webhook.webhook_url;

function useWebhooks() {
  return useQuery({
    queryKey: ["webhooks"],
    refetchInterval: REFRESH_MS,
    queryFn: () =>
      takeAll<Webhook>(async (PageToken) => {
        const query = { PageSize: 1000, ...(PageToken === undefined ? {} : { PageToken }) };
        const { webhooks, meta } = await take(api.GET("/v1/Webhooks", { params: { query } }));
        return { items: webhooks, meta };
      }),
  });
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const creation = useMutation({
    mutationFn: (body: { FriendlyName: string; Url: string }) => take(api.POST("/v1/Webhooks", { body })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["webhooks"] }),
  });
  if (creation.data) return <SecretOnce made={creation.data} onClose={onClose} />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    creation.mutate({
      FriendlyName: String(fields.get("name")).trim(),
      Url: String(fields.get("url")).trim(),
    });
  };
  return (
    <form onSubmit={submit}>
      <Field
        label="URL"
        name="url"
        required
        maxLength={2048}
        placeholder="https://"
        inputMode="url"
        spellCheck={false}
        hint="The cloud sends a POST to it for each step of each deployment. It must be public and begin with https://."
      />
      <Field label="Name" name="name" maxLength={64} hint="For people: who or what listens there." />
      {creation.isError && <ProblemNote error={creation.error} />}
      <PanelActions>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary" disabled={creation.isPending}>
          Create this webhook
        </button>
      </PanelActions>
    </form>
  );
}

function DeletePanel({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const deletion = useMutation({
    mutationFn: () => take(api.DELETE("/v1/Webhooks/{sid}", { params: { path: { sid: webhook.sid } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["webhooks"] });
      toast(`${called(webhook)} was deleted`);
      onClose();
    },
  });
  return (
    <ConfirmPanel
      title="Delete a webhook"
      action="Delete this webhook"
      open
      onClose={onClose}
      deletion={deletion}
    >
      <p>
        <strong>{called(webhook)}</strong> is told nothing any more; what is on its way to it and its dead
        letters are dropped.
      </p>
    </ConfirmPanel>
  );
}

function Tool({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      className="button quiet icon-only small"
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

type Task = { what: "create" } | { what: "delete" | "letters"; webhook: Webhook };

function WebhookTable({ onTask }: { onTask: (task: Task) => void }) {
  const webhooks = useWebhooks();
  const toast = useToast();
  const trial = useMutation({
    mutationFn: (webhook: Webhook) =>
      take(api.POST("/v1/Webhooks/{sid}/Test", { params: { path: { sid: webhook.sid } } })),
    onSuccess: (_, webhook) => toast(`A test is on its way to ${called(webhook)}`),
  });
  const columns: Column<Webhook>[] = [
    {
      key: "name",
      name: "Webhook",
      cell: (webhook) => (
        <div className="stack">
          <strong>{webhook.friendly_name || "without a name"}</strong>
          <Sid>{webhook.sid}</Sid>
        </div>
      ),
    },
    { key: "url", name: "URL", cell: (webhook) => <span className="break">{webhook.webhook_url}</span> },
    { key: "created", name: "Created", cell: (webhook) => <Ago date={webhook.date_created} /> },
    {
      key: "do",
      name: "What to do",
      silent: true,
      cell: (webhook) => (
        <span className="row-tools">
          <Tool
            icon="send"
            label={`Send a test to ${called(webhook)}`}
            onClick={() => trial.mutate(webhook)}
          />
          <Tool
            icon="mail"
            label={`Dead letters of ${called(webhook)}`}
            onClick={() => onTask({ what: "letters", webhook })}
          />
          <Tool
            icon="trash"
            label={`Delete ${called(webhook)}`}
            onClick={() => onTask({ what: "delete", webhook })}
          />
        </span>
      ),
    },
  ];
  return (
    <>
      {webhooks.isPending && <Loading />}
      <ReadFailure query={webhooks} />
      {trial.isError && <ProblemNote error={trial.error} />}
      {webhooks.data?.length === 0 && <Empty title="No webhook yet" />}
      {webhooks.data !== undefined && webhooks.data.length > 0 && (
        <Table label="Webhooks" columns={columns} rows={webhooks.data} rowKey={({ sid }) => sid} />
      )}
    </>
  );
}

export default function WebhooksPage() {
  const admin = useMay();
  const [task, setTask] = useState<Task | null>(null);
  const close = () => setTask(null);
  return (
    <>
      <PageHead crumbs={[{ text: "Settings" }, { text: "Webhooks" }]} title="Webhooks">
        {admin && (
          <button type="button" className="button primary" onClick={() => setTask({ what: "create" })}>
            <Icon name="plus" /> Create a webhook
          </button>
        )}
      </PageHead>
      <p className="about">
        Addresses that are told when an update begins, is confirmed, fails or goes silent. Each message is
        signed with the webhook&apos;s secret. What could not be delivered in ten attempts is a dead letter.
      </p>
      {admin ? (
        <WebhookTable onTask={setTask} />
      ) : (
        <Empty title="Only an administrator sees webhooks">
          <p>Sign in with the auth token or with a key of scope admin.</p>
        </Empty>
      )}
      <Panel title="Create a webhook" open={task?.what === "create"} onClose={close}>
        <CreateForm onClose={close} />
      </Panel>
      {task?.what === "delete" && <DeletePanel webhook={task.webhook} onClose={close} />}
      {task?.what === "letters" && <DeadLettersPanel webhook={task.webhook} onClose={close} />}
    </>
  );
}
