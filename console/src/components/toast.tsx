// SPDX-License-Identifier: Apache-2.0
// Short news that something was done; read out by screen readers, gone by itself.
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { Icon } from "./icon";

const SHOWN_MS = 6_000;
const ToastContext = createContext<(text: string) => void>(() => undefined);

export function useToast() {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [text, setText] = useState<string | null>(null);
  const timer = useRef<number>(undefined);
  const show = useCallback((news: string) => {
    window.clearTimeout(timer.current);
    setText(news);
    timer.current = window.setTimeout(() => setText(null), SHOWN_MS);
  }, []);
  return (
    <ToastContext value={show}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {text !== null && (
          <div className="toast">
            <Icon name="check" /> {text}
          </div>
        )}
      </div>
    </ToastContext>
  );
}
