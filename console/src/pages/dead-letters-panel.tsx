// SPDX-License-Identifier: Apache-2.0
// What a webhook was not told.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type DeadLetter, take, type Webhook } from "../api/client";
import { EVENT_WORDS } from "../components/event-table";
import { Empty, Loading, ProblemNote, ReadFailure } from "../components/feedback";
import { Icon } from "../components/icon";
import { Panel, PanelActions } from "../components/panel";
import { useToast } from "../components/toast";
import { Ago, nameOf } from "../components/values";

const MOST_SHOWN = 100;

interface LetterProps {
  letter: DeadLetter;
  sending: boolean;
  onSend: () => void;
}

function Letter({ letter, sending, onSend }: LetterProps) {
  const { event } = letter;
  const { look, text } = EVENT_WORDS[event.type];
  return (
    <li>
      <span className="tags">
        <span className={`badge ${look}`}>{text}</span>
        <strong className="break">
          {nameOf({ sid: event.device_sid ?? event.app_sid ?? "", unique_name: event.unique_name })}
        </strong>
      </span>
      <p>
        {letter.last_status === 0
          ? letter.last_error || "No answer"
          : `The last answer was ${letter.last_status}${letter.last_error && `: ${letter.last_error}`}`}
      </p>
      <p className="quiet-text">
        happened <Ago date={letter.date_created} />, given up <Ago date={letter.date_given_up} /> after{" "}
        {letter.attempts} attempts
      </p>
      <button type="button" className="button" disabled={sending} onClick={onSend}>
        <Icon name="send" /> Send again
      </button>
    </li>
  );
}

/** Sends all again, or that of one event; ten new attempts each. */
function useResend(webhook: Webhook) {
  const queries = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (Event: number | undefined) => {
      const params = { path: { sid: webhook.sid } };
      return take(
        api.POST("/v1/Webhooks/{sid}/Resend", { params, body: Event === undefined ? {} : { Event } }),
      );
    },
    onSuccess: ({ resent }) => {
      toast(`${resent} ${resent === 1 ? "message is" : "messages are"} on the way again`);
      return queries.invalidateQueries({ queryKey: ["dead-letters", webhook.sid] });
    },
  });
}

export function DeadLettersPanel({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const resend = useResend(webhook);
  const letters = useQuery({
    queryKey: ["dead-letters", webhook.sid],
    staleTime: 0,
    queryFn: () => {
      const params = { path: { sid: webhook.sid }, query: { PageSize: MOST_SHOWN } };
      return take(api.GET("/v1/Webhooks/{sid}/DeadLetters", { params }));
    },
  });
  const list = letters.data?.dead_letters ?? [];
  return (
    <Panel title="Dead letters" open onClose={onClose}>
      <p>
        What <strong>{webhook.friendly_name || webhook.webhook_url}</strong> did not take. They are kept for
        30 days.
      </p>
      {letters.isPending && <Loading />}
      <ReadFailure query={letters} />
      {letters.isSuccess && list.length === 0 && <Empty title="None: everything was delivered" />}
      <ul className="failures">
        {list.map((letter) => (
          <Letter
            key={letter.event.id}
            letter={letter}
            sending={resend.isPending}
            onSend={() => resend.mutate(letter.event.id)}
          />
        ))}
      </ul>
      {letters.data?.meta.next_page_url && <p className="hint">The newest {MOST_SHOWN} are shown.</p>}
      {resend.isError && <ProblemNote error={resend.error} />}
      {list.length > 0 && (
        <PanelActions>
          <button
            type="button"
            className="button primary"
            disabled={resend.isPending}
            onClick={() => resend.mutate(undefined)}
          >
            Send all of them again
          </button>
        </PanelActions>
      )}
    </Panel>
  );
}
