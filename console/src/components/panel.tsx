// SPDX-License-Identifier: Apache-2.0
// A panel over the page for one task. Keyboard focus stays inside; Escape closes it.
import { Dialog, DialogDismiss, DialogHeading } from "@ariakit/react";
import type { ReactNode } from "react";
import { Icon } from "./icon";

interface PanelProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}

export function Panel({ title, open, onClose, children }: PanelProps) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      unmountOnHide
      className="panel"
      backdrop={<div className="backdrop" />}
    >
      <div className="panel-head">
        <DialogHeading className="panel-title">{title}</DialogHeading>
        <DialogDismiss className="button quiet icon-only" aria-label="Close">
          <Icon name="close" />
        </DialogDismiss>
      </div>
      {children}
    </Dialog>
  );
}

/** The last row of a panel: what ends it. */
export function PanelActions({ children }: { children: ReactNode }) {
  return <div className="panel-actions">{children}</div>;
}
