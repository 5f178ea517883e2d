// SPDX-License-Identifier: Apache-2.0
// What pages read, under one key each, so that a change knows what to read again.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, type App, take, takeAll } from "./client";
import { useRefreshMs } from "./live";
import { readManifest } from "./manifest";

/** What no event tells of is read again this often while a page shows it; docs/spec/console.md. */
export const REFRESH_MS = 10_000;

const WHOLE_PAGE = 1000;

/** All apps: an account has 1000 unless its cloud allows more. */
export function useApps() {
  return useQuery({
    queryKey: ["apps"],
    refetchInterval: useRefreshMs(),
    queryFn: () =>
      takeAll<App>(async (PageToken) => {
        const query = { PageSize: WHOLE_PAGE, ...(PageToken === undefined ? {} : { PageToken }) };
        const { apps, meta } = await take(api.GET("/v1/Apps", { params: { query } }));
        return { items: apps, meta };
      }),
  });
}

export function useApp(sid: string) {
  return useQuery({
    queryKey: ["apps", sid],
    queryFn: () => take(api.GET("/v1/Apps/{sid}", { params: { path: { sid } } })),
  });
}

export function useManifest(sid: string | undefined) {
  return useQuery({
    queryKey: ["manifest", sid],
    enabled: sid !== undefined,
    staleTime: Infinity,
    queryFn: async () => {
      const path = { sid: sid! };
      return readManifest(
        (await take(api.GET("/v1/Apps/{sid}/Manifest", { params: { path } }))).encoded_bytes,
      );
    },
  });
}

export interface DeviceFilter {
  State?: "up-to-date" | "pending" | "error";
  App?: string;
  Name?: string;
  Tag?: string;
  PageSize: number;
  PageToken?: string;
}

export function useDevices(query: DeviceFilter, enabled = true) {
  return useQuery({
    queryKey: ["devices", "list", query],
    enabled,
    refetchInterval: useRefreshMs(),
    placeholderData: keepPreviousData,
    queryFn: () => take(api.GET("/v1/Devices", { params: { query } })),
  });
}

const RUNNERS_LOOKED_AT = 200;

/** Devices that run an app and have another target: their update is pending, or failed. Of very many only the newest. */
export function useOtherRunners(sid: string, enabled: boolean) {
  const pending = useDevices({ State: "pending", PageSize: RUNNERS_LOOKED_AT }, enabled);
  const failed = useDevices({ State: "error", PageSize: RUNNERS_LOOKED_AT }, enabled);
  return [...(pending.data?.devices ?? []), ...(failed.data?.devices ?? [])].filter(
    ({ app }) => app.reported_sid === sid && app.target_sid !== sid,
  );
}

/** `sid` may be empty: then nothing is read. */
export function useDevice(sid: string) {
  return useQuery({
    enabled: sid !== "",
    queryKey: ["devices", "one", sid],
    refetchInterval: useRefreshMs(),
    queryFn: () => take(api.GET("/v1/Devices/{sid}", { params: { path: { sid } } })),
  });
}

/** `token`: of a page behind the first. */
export function useUpdates(sid: string, token: string | null) {
  const query = { PageSize: 10, ...(token === null ? {} : { PageToken: token }) };
  return useQuery({
    queryKey: ["updates", token, sid],
    refetchInterval: useRefreshMs(),
    placeholderData: keepPreviousData,
    queryFn: () => take(api.GET("/v1/Devices/{sid}/Updates", { params: { path: { sid }, query } })),
  });
}

export function useCounts() {
  return useQuery({
    queryKey: ["counts"],
    refetchInterval: useRefreshMs(),
    queryFn: () => take(api.GET("/v1/DeviceCounts")),
  });
}

export function useHistory(hours: number) {
  return useQuery({
    queryKey: ["history", hours],
    // The cloud counts once an hour.
    refetchInterval: 300_000,
    placeholderData: keepPreviousData,
    queryFn: () => {
      // A minute less: 31 days are the most, by the cloud's clock.
      const since = new Date(Date.now() - hours * 3_600_000 + 60_000).toISOString().replace(/\.\d+Z$/, "Z");
      return take(api.GET("/v1/DeviceHistory", { params: { query: { Since: since } } }));
    },
  });
}

export function useAccount() {
  return useQuery({ queryKey: ["account"], queryFn: () => take(api.GET("/v1/Account")) });
}
