// SPDX-License-Identifier: Apache-2.0
// What a webhook was not told.
import { useQuery } from "@tanstack/react-query";
import { api, type DeadLetter, take, type Webhook } from "../api/client";
import { EVENT_WORDS } from "../components/event-table";
import { Empty, Loading, ReadFailure } from "../components/feedback";
import { Panel } from "../components/panel";
import { Ago } from "../components/values";

const MOST_SHOWN = 100;

function Letter({ letter }: { letter: DeadLetter }) {
  const { event } = letter;
  const { look, text } = EVENT_WORDS[event.type];
  return (
    <li>
      <span className="tags">
        <span className={`badge ${look}`}>{text}</span>
        <strong className="break">{event.unique_name ?? event.device_sid ?? event.app_sid ?? ""}</strong>
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
    </li>
  );
}

export function DeadLettersPanel({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
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
          <Letter key={letter.event.id} letter={letter} />
        ))}
      </ul>
      {letters.data?.meta.next_page_url && <p className="hint">The newest {MOST_SHOWN} are shown.</p>}
    </Panel>
  );
}
