// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { api, type Device, take } from "../api/client";
import { ConfirmPanel } from "../components/confirm-panel";
import { useToast } from "../components/toast";
import { nameOf } from "../components/values";

export function RemoveDevicePanel({
  device,
  open,
  onClose,
}: {
  device: Device;
  open: boolean;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const deletion = useMutation({
    mutationFn: () => take(api.DELETE("/v1/Devices/{sid}", { params: { path: { sid: device.sid } } })),
    onSuccess: () => {
      navigate("/iot/microvisor/devices");
      queries.removeQueries({ queryKey: ["devices", "one", device.sid] });
      void queries.invalidateQueries({ queryKey: ["devices"] });
      void queries.invalidateQueries({ queryKey: ["counts"] });
      toast(`${nameOf(device)} was removed`);
    },
  });
  return (
    <ConfirmPanel
      title="Remove a Device"
      action="Remove this Device"
      open={open}
      onClose={onClose}
      deletion={deletion}
    >
      <p>
        For devices that are dead, lost or in the wrong hands. From its next request on the cloud refuses{" "}
        <strong>{nameOf(device)}</strong>, for good; its configs, secrets, log and history are deleted. The
        app on it keeps running.
      </p>
      <p>To have it back it must be provisioned again. The audit log keeps what was.</p>
    </ConfirmPanel>
  );
}
