// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect } from "react";
import { signIn } from "../api/session";
import { ProblemNote } from "../components/feedback";
import { Field } from "../components/fields";
import { ThemeSwitch } from "../components/theme";
import { Refusal } from "../api/client";

function SignInProblem({ error }: { error: unknown }) {
  if (error instanceof Refusal && error.status === 401) {
    return (
      <div className="note bad" role="alert">
        <div>
          <strong>SID and secret do not belong together</strong>
          <p>Check both. A token that was reset and an API key that was deleted no longer work.</p>
        </div>
      </div>
    );
  }
  return <ProblemNote error={error} />;
}

/** `ended`: somebody was signed in until now. */
export function SignInPage({ ended }: { ended: boolean }) {
  const queries = useQueryClient();
  const attempt = useMutation({
    mutationFn: ({ sid, secret }: { sid: string; secret: string }) => signIn(sid, secret),
    onSuccess: (session) => queries.setQueryData(["session"], session),
  });
  useEffect(() => {
    document.title = "Sign in · Strata";
  }, []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    attempt.mutate({ sid: String(fields.get("sid")).trim(), secret: String(fields.get("secret")).trim() });
  };
  return (
    <main className="sign-in">
      <form className="card sign-in-card" onSubmit={submit}>
        <div className="brand brand-large">
          <img src="/console/icon.svg" alt="" width="36" height="36" /> Strata
        </div>
        <h1>Sign in to the console</h1>
        {ended && !attempt.isError && (
          <div className="note busy" role="status">
            <div>
              <strong>Your session has ended</strong>
              <p>
                It lasts 12 hours, and ends before that when you sign out in another window or its key is
                deleted or replaced. Sign in to go on where you were.
              </p>
            </div>
          </div>
        )}
        {attempt.isError && <SignInProblem error={attempt.error} />}
        <Field
          label="Account SID or API key SID"
          name="sid"
          required
          autoFocus
          autoComplete="username"
          spellCheck={false}
          placeholder="AC… or SK…"
        />
        <Field
          label="Auth token or secret"
          name="secret"
          type="password"
          required
          autoComplete="current-password"
          hint="A new cloud writes both into the file account.env in its data directory."
        />
        <button type="submit" className="button primary wide" disabled={attempt.isPending}>
          {attempt.isPending ? "Signing in…" : "Sign in"}
        </button>
      </form>
      <ThemeSwitch />
    </main>
  );
}
