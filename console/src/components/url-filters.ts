// SPDX-License-Identifier: Apache-2.0
// Filters and the page of a list, kept in the URL, so that a view can be kept and sent.
import { useEffect, useRef, useState } from "react";
import { useLocation, useSearch } from "wouter";

/** What belongs to one page of a list and not to its filters. */
const OF_PAGE = ["page", "since"];
const TYPING_MS = 250;

export interface UrlFilters {
  get: (name: string) => string;
  set: (changes: Record<string, string>) => void;
  clear: () => void;
}

export function useUrlFilters(): UrlFilters {
  const search = new URLSearchParams(useSearch());
  const [path, navigate] = useLocation();
  const get = (name: string) => search.get(name) ?? "";
  const set = (changes: Record<string, string>) => {
    // Another filter begins at the first page.
    if (!("page" in changes)) OF_PAGE.forEach((name) => search.delete(name));
    for (const [name, value] of Object.entries(changes)) {
      if (value === "") search.delete(name);
      else search.set(name, value);
    }
    const query = search.toString();
    navigate(query === "" ? path : `${path}?${query}`, { replace: !("page" in changes) });
  };
  return { get, set, clear: () => navigate(path) };
}

/** A filter that is typed: in the URL a moment later, and as the URL says when that changes by itself. */
export function useTypedFilter({ get, set }: UrlFilters, name: string): [string, (typed: string) => void] {
  const kept = get(name);
  const [typed, setTyped] = useState(kept);
  const told = useRef(kept);
  const tell = useRef(set);
  useEffect(() => {
    tell.current = set;
  });
  useEffect(() => {
    if (kept === told.current) return;
    told.current = kept;
    setTyped(kept);
  }, [kept]);
  useEffect(() => {
    if (typed === told.current) return;
    const timer = window.setTimeout(() => {
      told.current = typed;
      tell.current({ [name]: typed });
    }, TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [typed, name]);
  return [typed, setTyped];
}
