// SPDX-License-Identifier: Apache-2.0
// Failure codes of devices and bundles in words: docs/spec/errors.md, from which the build makes the table.
import TABLE from "@errors";

export interface FailureWords {
  code: number;
  name: string;
  what: string;
  next: string;
  /** What the device was doing, when it said so. */
  doing: string;
  /** Its name in the table "Operations". */
  operation: string | null;
}

const CODES: Record<string, string[] | undefined> = TABLE.codes;
const OPERATIONS: Record<string, string | undefined> = TABLE.operations;

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** `told`: the cloud's own words, "what it was doing: what happened; what to do". */
export function failureWords(code: number, told: string | null = null): FailureWords {
  const row = CODES[String(code)];
  const doing = Object.keys(OPERATIONS).find((words) => told?.startsWith(`${words}: `)) ?? "";
  const operation = OPERATIONS[doing] ?? null;
  if (row === undefined) {
    return {
      code,
      name: "",
      what: sentence(told ?? "something this console does not know"),
      next: "Load this page again; if it stays, look the code up in docs/spec/errors.md.",
      doing,
      operation,
    };
  }
  const [name = "", what = "", next = ""] = row;
  return { code, name, what: sentence(what), next: `${sentence(next)}.`, doing, operation };
}
