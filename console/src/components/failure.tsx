// SPDX-License-Identifier: Apache-2.0
// Why an update failed: the code, what it means and what to do next.
import { failureWords } from "../api/errors";
import { Icon } from "./icon";

interface FailureProps {
  code: number;
  /** The cloud's words, which also say what the device was doing. */
  told?: string | null;
}

export function FailureCode({ code }: { code: number }) {
  const { name } = failureWords(code);
  return (
    <span className="badge bad">
      {code} {name}
    </span>
  );
}

/** In the place where it happened. */
export function FailureNote({ code, told = null, title }: FailureProps & { title: string }) {
  const { what, next, doing } = failureWords(code, told);
  return (
    <div className="note bad" role="status">
      <Icon name="alert" />
      <div>
        <strong>{title}</strong> <FailureCode code={code} />
        <p>{what}.</p>
        <p>
          <strong>What to do:</strong> {next}
        </p>
        {doing !== "" && <p className="fine">It happened while: {doing}.</p>}
      </div>
    </div>
  );
}

/** In a list. */
export function FailureLine({ code, told = null }: FailureProps) {
  const { what, next, doing } = failureWords(code, told);
  return (
    <p className="failure-line" title={doing === "" ? undefined : `while: ${doing}`}>
      {what}. <span className="quiet-text">{next}</span>
    </p>
  );
}
