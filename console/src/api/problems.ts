// SPDX-License-Identifier: Apache-2.0
// Refusals in words: what happened and what to do next. Codes: docs/spec/rest.md#errors.
import { Refusal } from "./client";
import { failureWords } from "./errors";

export interface Problem {
  title: string;
  next: string;
  /** The cloud's own words, when they say more. */
  detail?: string;
}

const WORDS: Record<number, Omit<Problem, "detail">> = {
  20003: { title: "You are not signed in", next: "Sign in again." },
  20006: {
    title: "This key may not do that",
    next: "Sign in with an API key that has the scope named below, or with the auth token.",
  },
  20001: { title: "The cloud refused this", next: "Change what is named below and try again." },
  20002: {
    title: "This page of the list can't be shown",
    next: "It belongs to other filters, or its address is damaged. Begin at the first page.",
  },
  20404: {
    title: "It is not there any more",
    next: "Someone may have deleted it meanwhile. Go back to the list.",
  },
  20408: { title: "The request did not arrive in time", next: "Check the connection and try again." },
  20409: {
    title: "That name is taken",
    next: "A name stands for one thing in the account. Choose another one.",
  },
  20413: {
    title: "The file is too large",
    next: "Application bundles must be 64 MB (67 108 864 bytes) or less.",
  },
  20429: { title: "Too many requests", next: "Wait a moment and try again." },
  20503: { title: "The cloud is starting or stopping", next: "Try again in a few seconds." },
  65001: {
    title: "This is not a bundle that devices can install",
    next: "Create it again with strata bundle create and upload the new file.",
  },
  65002: {
    title: "The bundle is not signed",
    next: "Create it with a signing key: strata login makes one and strata bundle create then uses it.",
  },
  65003: {
    title: "The bundle's signer is not known to this account",
    next: "Register the public half of the key it was signed with: strata keys register.",
  },
  65004: { title: "Devices still have this application bundle", next: "Deploy another one to them first." },
  65005: {
    title: "The application bundle is made for other hardware",
    next: "Choose one that was built for this device's board.",
  },
  65007: {
    title: "The cloud's disk is nearly full",
    next: "Delete application bundles that are no longer needed, or give the server more room.",
  },
  65008: {
    title: "The application bundle's signer was revoked",
    next: "Sign it again with a key that is still trusted and upload it.",
  },
  65009: {
    title: "The application bundle was signed for development",
    next: "It can only be deployed to devices that were provisioned for development.",
  },
  65010: {
    title: "The account has as many application bundles as it may",
    next: "Delete some that are no longer needed.",
  },
  65011: {
    title: "The account's application bundles take as much room as they may",
    next: "Delete some that are no longer needed.",
  },
  65021: {
    title: "The account has as many webhooks as it may",
    next: "Delete one that is no longer needed.",
  },
  65020: {
    title: "There is no room for another one",
    next: "256 are the most. Delete one that is no longer needed.",
  },
};

/** The same code, for a config or a secret. */
const KEY_TAKEN = {
  title: "That key is there already",
  next: "Choose another key, or change the value of the one that is in the list.",
};

/** Refusals of a bundle or a message with new keys name the code of docs/spec/errors.md that says why. */
const NAMES_CODE = /^(\d{3}) \w+: /;

/** "801 ZipMalformed: not a zip" begins with a code of docs/spec/errors.md; people read the rest. */
function withoutCode(message: string): string {
  return message.replace(NAMES_CODE, "");
}

export function problemOf(error: unknown): Problem {
  if (!(error instanceof Refusal)) {
    return { title: "Something went wrong in this page", next: "Load it again.", detail: String(error) };
  }
  if (error.status === 0) {
    return {
      title: "The cloud does not answer",
      next: "Check the connection and try again.",
      detail: error.message,
    };
  }
  const keyTaken = error.code === 20409 && error.message.startsWith("Key");
  const words = (keyTaken ? KEY_TAKEN : WORDS[error.code]) ?? {
    title: error.status >= 500 ? "The cloud failed" : "The cloud refused this",
    next:
      error.status >= 500
        ? "Try again; if it stays so, look at the server's log."
        : "Change what you entered and try again.",
  };
  const code = Number(NAMES_CODE.exec(error.message)?.[1] ?? 0);
  const why = code === 0 ? null : failureWords(code);
  const wait = error.retryAfterSec > 0 ? ` It asks to wait ${error.retryAfterSec} s.` : "";
  const next = why === null ? words.next : `${why.what}. ${why.next}`;
  return { title: words.title, next: next + wait, detail: withoutCode(error.message) };
}
