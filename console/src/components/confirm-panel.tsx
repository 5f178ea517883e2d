// SPDX-License-Identifier: Apache-2.0
// Asks once more before something goes for good.
import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ProblemNote } from "./feedback";
import { Panel, PanelActions } from "./panel";

interface ConfirmPanelProps {
  title: string;
  /** What the button says: what will be done, to what. */
  action: string;
  open: boolean;
  onClose: () => void;
  deletion: UseMutationResult<unknown, Error, void>;
  /** The refusal is told by the children. */
  told?: boolean;
  children: ReactNode;
}

export function ConfirmPanel({
  title,
  action,
  open,
  onClose,
  deletion,
  told = false,
  children,
}: ConfirmPanelProps) {
  const close = () => {
    deletion.reset();
    onClose();
  };
  return (
    <Panel title={title} open={open} onClose={close}>
      {children}
      {deletion.isError && !told && <ProblemNote error={deletion.error} />}
      <PanelActions>
        <button type="button" className="button" onClick={close}>
          Cancel
        </button>
        <button
          type="button"
          className="button danger"
          disabled={deletion.isPending}
          onClick={() => deletion.mutate()}
        >
          {action}
        </button>
      </PanelActions>
    </Panel>
  );
}
