// SPDX-License-Identifier: Apache-2.0
// One of the cloud's live streams (docs/spec/rest.md "Live streams"). Read with fetch(): EventSource neither tells a
// session that has ended from a server that is away, nor gives up on a connection that hangs.
import { OWN_PAGE, refusalOf } from "./client";

/** `away`, `full` (others follow as many as may): it is tried again. `refused`: it is not, another try would be refused too. */
export type StreamState = "connecting" | "live" | "away" | "full" | "refused";

export interface StreamOptions<T> {
  url: string;
  /** Goes on behind this id; without it the stream begins with what comes next. */
  after?: number;
  /** In the stream's order; after an absence many at once. */
  onEvents: (events: T[]) => void;
  /** The stream did not go on where it was: what was read before it may be old. */
  onBegin?: () => void;
  onState: (state: StreamState) => void;
}

/** The server says something every 15 s. */
const SILENCE_MS = 40_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A browser has six connections to a server: a page that nobody sees keeps none of them for long. */
const HIDDEN_MS = 30_000;
/** Then reading everything again is less work than catching up. */
const LONGEST_ABSENCE_MS = 300_000;

interface Parsed<T> {
  id: number | null;
  data: T | null;
}

function parseEvent<T>(text: string): Parsed<T> {
  const parsed: Parsed<T> = { id: null, data: null };
  for (const line of text.split("\n")) {
    if (line.startsWith("id: ")) parsed.id = Number(line.slice(4));
    else if (line.startsWith("data: ")) parsed.data = JSON.parse(line.slice(6)) as T;
  }
  return parsed;
}

class Follower<T> {
  private last: number | null;
  private attempts = 0;
  private connection: AbortController | null = null;
  private timer: number | undefined;
  private hiding: number | undefined;
  private heardAt = Date.now();
  private over = false;

  constructor(private readonly options: StreamOptions<T>) {
    this.last = options.after ?? null;
    document.addEventListener("visibilitychange", this.lookAtPage);
    window.addEventListener("online", this.comeBack);
    options.onState("connecting");
    void this.connect();
  }

  readonly end = () => {
    this.over = true;
    document.removeEventListener("visibilitychange", this.lookAtPage);
    window.removeEventListener("online", this.comeBack);
    window.clearTimeout(this.hiding);
    this.hangUp();
  };

  private hangUp() {
    window.clearTimeout(this.timer);
    this.connection?.abort();
    this.connection = null;
  }

  private readonly lookAtPage = () => {
    window.clearTimeout(this.hiding);
    if (document.visibilityState === "visible") this.comeBack();
    else this.hiding = window.setTimeout(() => this.hangUp(), HIDDEN_MS);
  };

  private readonly comeBack = () => {
    if (this.over || this.connection !== null) return;
    window.clearTimeout(this.timer);
    this.attempts = 0;
    void this.connect();
  };

  private async connect() {
    const connection = new AbortController();
    this.connection = connection;
    if (Date.now() - this.heardAt > LONGEST_ABSENCE_MS) this.last = null;
    let waitSec = 0;
    let full = false;
    try {
      const response = await fetch(this.options.url, {
        cache: "no-store",
        headers: {
          ...OWN_PAGE,
          Accept: "text/event-stream",
          ...(this.last === null ? {} : { "Last-Event-ID": String(this.last) }),
        },
        signal: connection.signal,
      });
      if (!response.ok || response.body === null) {
        const body: unknown = await response.json().catch(() => null);
        const refusal = refusalOf(response.status, body, response.headers.get("Retry-After"));
        if (refusal.status < 500 && refusal.status !== 429) {
          this.over = true;
          this.options.onState("refused");
          return;
        }
        waitSec = refusal.retryAfterSec;
        full = refusal.status === 429;
      } else {
        await this.read(response.body, connection);
      }
    } catch {
      // Gone; whatever the reason, it is tried again below.
    }
    if (this.over || this.connection !== connection) return;
    this.options.onState(full ? "full" : "away");
    this.connectLater(waitSec * 1000);
  }

  private connectLater(leastMs: number) {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.attempts);
    this.attempts += 1;
    // Not all consoles at once when a server comes back.
    const jittered = wait * (0.5 + Math.random());
    this.timer = window.setTimeout(() => void this.connect(), Math.max(leastMs, jittered));
  }

  private async read(body: ReadableStream<Uint8Array>, connection: AbortController) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    let watchdog: number | undefined;
    try {
      while (true) {
        watchdog = window.setTimeout(() => connection.abort(), SILENCE_MS);
        const { done, value } = await reader.read();
        window.clearTimeout(watchdog);
        if (done || connection.signal.aborted) return;
        this.heardAt = Date.now();
        text += decoder.decode(value, { stream: true });
        const end = text.lastIndexOf("\n\n");
        if (end < 0) continue;
        this.take(text.slice(0, end).split("\n\n"));
        text = text.slice(end + 2);
      }
    } finally {
      window.clearTimeout(watchdog);
    }
  }

  private take(texts: string[]) {
    const events: T[] = [];
    for (const { id, data } of texts.map((each) => parseEvent<T>(each))) {
      if (id !== null && data === null) this.begin(id);
      if (id !== null) this.last = id;
      if (data !== null) events.push(data);
    }
    if (events.length > 0) this.options.onEvents(events);
  }

  /** The stream opens with the id behind which it goes on. */
  private begin(id: number) {
    this.attempts = 0;
    this.options.onState("live");
    if (id !== this.last) this.options.onBegin?.();
  }
}

/** Follows until the function that it returns is called, over every break of the connection. */
export function followStream<T>(options: StreamOptions<T>): () => void {
  return new Follower(options).end;
}
