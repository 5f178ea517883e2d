// SPDX-License-Identifier: Apache-2.0
// Filters and the page of a list, kept in the URL, so that a view can be kept and sent.
import { useLocation, useSearch } from "wouter";

export function useUrlFilters() {
  const search = new URLSearchParams(useSearch());
  const [path, navigate] = useLocation();
  const get = (name: string) => search.get(name) ?? "";
  const set = (changes: Record<string, string>) => {
    // Another filter begins at the first page.
    if (!("page" in changes)) search.delete("page");
    for (const [name, value] of Object.entries(changes)) {
      if (value === "") search.delete(name);
      else search.set(name, value);
    }
    const query = search.toString();
    navigate(query === "" ? path : `${path}?${query}`, { replace: !("page" in changes) });
  };
  return { get, set };
}
