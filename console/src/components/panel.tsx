// SPDX-License-Identifier: Apache-2.0
// A panel over the page for one task. Keyboard focus stays inside; Escape closes it.
import { Dialog, DialogDismiss, DialogHeading } from "@ariakit/react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef } from "react";
import { Icon } from "./icon";

const Hold = createContext<(held: boolean) => void>(() => undefined);

/** While it is true the panel round the caller is closed by its buttons alone, not by Escape or a click beside it. */
export function useHeldPanel(held: boolean): void {
  const hold = useContext(Hold);
  useEffect(() => {
    hold(held);
    return () => hold(false);
  }, [hold, held]);
}

interface PanelProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
}

export function Panel({ title, open, onClose, children }: PanelProps) {
  const held = useRef(false);
  const hold = useCallback((value: boolean) => (held.current = value), []);
  const mayHide = () => !held.current;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      hideOnEscape={mayHide}
      hideOnInteractOutside={mayHide}
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
      <Hold value={hold}>{children}</Hold>
    </Dialog>
  );
}

/** The last row of a panel: what ends it. */
export function PanelActions({ children }: { children: ReactNode }) {
  return <div className="panel-actions">{children}</div>;
}
