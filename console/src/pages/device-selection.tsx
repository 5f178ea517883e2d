// SPDX-License-Identifier: Apache-2.0
// Which devices of the list are chosen, over all of its pages, and what is done with them.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Device, take, takeAll } from "../api/client";
import type { DeviceFilter } from "../api/queries";
import { ProblemNote } from "../components/feedback";
import { Icon } from "../components/icon";
import type { Column } from "../components/table";
import { nameOf } from "../components/values";

const AT_ONCE = 1000;

export function useSelection(shown: Device[]) {
  const [chosen, setChosen] = useState(new Map<string, Device>());
  const change = (devices: Device[], on: boolean) => {
    const next = new Map(chosen);
    for (const device of devices) {
      if (on) next.set(device.sid, device);
      else next.delete(device.sid);
    }
    setChosen(next);
  };
  const column: Column<Device> = {
    key: "select",
    name: "Select",
    silent: true,
    cell: (device) => (
      <input
        type="checkbox"
        aria-label={`Select ${nameOf(device)}`}
        checked={chosen.has(device.sid)}
        onChange={(event) => change([device], event.target.checked)}
      />
    ),
  };
  return {
    chosen: [...chosen.values()],
    column,
    all: shown.length > 0 && shown.every((device) => chosen.has(device.sid)),
    changeAll: (on: boolean) => change(shown, on),
    choose: (devices: Device[]) => setChosen(new Map(devices.map((device) => [device.sid, device]))),
    clear: () => setChosen(new Map()),
  };
}

interface SelectionBarProps {
  selection: ReturnType<typeof useSelection>;
  filter: DeviceFilter;
  /** There are devices on other pages. */
  more: boolean;
  onDeploy: () => void;
}

export function SelectionBar({ selection, filter, more, onDeploy }: SelectionBarProps) {
  const everything = useMutation({
    mutationFn: () =>
      takeAll<Device>(async (token) => {
        const { PageToken: _, ...filters } = filter;
        const query = { ...filters, PageSize: AT_ONCE, ...(token === undefined ? {} : { PageToken: token }) };
        const { devices, meta } = await take(api.GET("/v1/Devices", { params: { query } }));
        return { items: devices, meta };
      }),
    onSuccess: selection.choose,
  });
  const count = selection.chosen.length;
  return (
    <>
      <div className="selection">
        <label>
          <input
            type="checkbox"
            checked={selection.all}
            onChange={(event) => selection.changeAll(event.target.checked)}
          />{" "}
          All on this page
        </label>
        {count > 0 && (
          <>
            <span role="status">{count.toLocaleString("en")} selected</span>
            {more && (
              <button
                type="button"
                className="button quiet"
                disabled={everything.isPending}
                onClick={() => everything.mutate()}
              >
                {everything.isPending ? "Selecting…" : "Select those on all pages"}
              </button>
            )}
            <button type="button" className="button" onClick={onDeploy}>
              <Icon name="target" /> Change Application Bundle Target
            </button>
            <button type="button" className="button quiet" onClick={selection.clear}>
              Select none
            </button>
          </>
        )}
      </div>
      {everything.isError && <ProblemNote error={everything.error} />}
    </>
  );
}
