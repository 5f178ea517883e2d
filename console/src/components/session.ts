// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext } from "react";
import { may, type Session } from "../api/session";

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("nobody is signed in");
  return session;
}

/** Whether who is signed in may do what needs one of `scopes`. */
export function useMay(...scopes: string[]): boolean {
  return may(useSession(), ...scopes);
}
