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
}

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

/** `told`: the cloud's own words, "what it was doing: what happened; what to do". */
export function failureWords(code: number, told: string | null = null): FailureWords {
  const row = (TABLE as Record<string, string[] | undefined>)[String(code)];
  if (row === undefined) {
    return {
      code,
      name: "",
      what: sentence(told ?? "something this console does not know"),
      next: "Load this page again; if it stays, look the code up in docs/spec/errors.md.",
      doing: "",
    };
  }
  const [name = "", what = "", next = ""] = row;
  const begin = told?.indexOf(what) ?? -1;
  const doing = begin > 2 ? told!.slice(0, begin - 2) : "";
  return { code, name, what: sentence(what), next: `${sentence(next)}.`, doing };
}
