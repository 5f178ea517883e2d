// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Device, form, take } from "../api/client";

interface Change {
  UniqueName?: string;
  LoggingEnabled?: boolean;
  RestartApp?: boolean;
  Tags?: string;
}

/** Changes a device and shows what came of it at once. */
export function useDeviceChange(device: Device) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Change) =>
      take(api.POST("/v1/Devices/{sid}", { params: { path: { sid: device.sid } }, body: form(change) })),
    onSuccess: (changed) => {
      queries.setQueryData(["devices", "one", device.sid], changed);
      void queries.invalidateQueries({ queryKey: ["devices", "list"] });
    },
  });
}
