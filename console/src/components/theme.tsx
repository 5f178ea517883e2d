// SPDX-License-Identifier: Apache-2.0
// Light or dark: the system's choice until one is made here. public/theme.js applies it before the first paint.
import { useSyncExternalStore } from "react";
import { Icon } from "./icon";

const system = window.matchMedia("(prefers-color-scheme: dark)");

function subscribe(listener: () => void) {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  system.addEventListener("change", listener);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", listener);
  };
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen === undefined ? system.matches : chosen === "dark";
}

export function ThemeSwitch() {
  const dark = useSyncExternalStore(subscribe, isDark);
  const change = () => {
    const theme = dark ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("strata-theme", theme);
    } catch {
      // it lasts as long as this page then
    }
  };
  return (
    <button
      type="button"
      className="button quiet icon-only"
      aria-label={dark ? "Use light colours" : "Use dark colours"}
      onClick={change}
    >
      <Icon name={dark ? "sun" : "moon"} />
    </button>
  );
}
