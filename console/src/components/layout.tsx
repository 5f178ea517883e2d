// SPDX-License-Identifier: Apache-2.0
// Navigation beside the page. On a phone the navigation is a drawer behind a button.
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { startLive, useAwaySince, useLiveState } from "../api/live";
import { signOut } from "../api/session";
import { Icon, type IconName } from "./icon";
import { useSession } from "./session";
import { ThemeSwitch } from "./theme";
import { exactText } from "./values";

function NavLink({ to, icon, children }: { to: string; icon: IconName; children: ReactNode }) {
  const [path] = useLocation();
  const here = to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`);
  return (
    <li>
      <Link href={to} className="nav-link" aria-current={here ? "page" : undefined}>
        <Icon name={icon} />
        <span>{children}</span>
      </Link>
    </li>
  );
}

function Navigation() {
  return (
    <nav aria-label="Main">
      <ul className="nav-list">
        <NavLink to="/" icon="gauge">
          Overview
        </NavLink>
      </ul>
      <h2 className="nav-heading">Internet of Things</h2>
      <h3 className="nav-subheading">Microvisor</h3>
      <ul className="nav-list nav-nested">
        <NavLink to="/iot/microvisor/apps" icon="layers">
          Application Bundles
        </NavLink>
        <NavLink to="/iot/microvisor/devices" icon="chip">
          Devices
        </NavLink>
      </ul>
      <ul className="nav-list nav-apart">
        <NavLink to="/logs" icon="log">
          Logs
        </NavLink>
        <NavLink to="/audit" icon="scroll">
          Audit
        </NavLink>
      </ul>
      <h2 className="nav-heading">Settings</h2>
      <ul className="nav-list">
        <NavLink to="/settings/configs" icon="sliders">
          Configs
        </NavLink>
        <NavLink to="/settings/secrets" icon="lock">
          Secrets
        </NavLink>
        <NavLink to="/settings/webhooks" icon="send">
          Webhooks
        </NavLink>
        <NavLink to="/settings/api-keys" icon="key">
          API keys
        </NavLink>
      </ul>
    </nav>
  );
}

const LIVE_WORDS = {
  connecting: { look: "none", text: "Connecting…", more: "The console is about to follow what happens." },
  live: { look: "good", text: "Live", more: "What happens shows at once." },
  away: {
    look: "bad",
    text: "Not live: connecting again…",
    more: "The cloud does not answer. What is shown may be old; missed events come when it is back.",
  },
  full: {
    look: "none",
    text: "Not live: too many pages follow",
    more: "The account follows as many live pages as it may. This one reads again every 5 seconds and keeps trying.",
  },
  refused: { look: "none", text: "Not live", more: "This key may not follow what happens." },
} as const;

/** Whether the page can be trusted to be up to date. */
function LiveState() {
  const { look, text, more } = LIVE_WORDS[useLiveState()];
  return (
    <div className="live" data-look={look} role="status" title={more}>
      <i aria-hidden="true" /> {text}
    </div>
  );
}

/** Large enough for a wall: what is shown may be old. */
function AwayNote() {
  const since = useAwaySince();
  if (since === null) return null;
  return (
    <div className="note bad away-note">
      <Icon name="alert" />
      <div>
        <strong>Not live: the cloud does not answer</strong>
        <p>
          What is shown is as it was at {exactText(since)}. The console keeps trying and catches up by itself;
          if it stays so, look at the server and the network.
        </p>
      </div>
    </div>
  );
}

function WhoIsHere() {
  const session = useSession();
  const queries = useQueryClient();
  const leave = async () => {
    await signOut().catch(() => undefined);
    queries.setQueryData(["session"], null);
  };
  return (
    <div className="who">
      <div className="who-name">{session.friendly_name || "Account"}</div>
      <div className="who-sid mono">{session.api_key_sid ?? session.account_sid}</div>
      <div className="who-tools">
        <ThemeSwitch />
        <button type="button" className="button quiet" onClick={() => void leave()}>
          <Icon name="leave" /> Sign out
        </button>
      </div>
    </div>
  );
}

export function Layout({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  useEffect(() => startLive(queries), [queries]);
  const [open, setOpen] = useState(false);
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    setOpen(false);
    // A new page begins at its top, for eyes and for screen readers alike.
    if (!first.current) main.current?.focus();
    first.current = false;
    window.scrollTo(0, 0);
  }, [path]);
  const menu = useRef<HTMLButtonElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    setOpen(false);
    menu.current?.focus();
  };
  return (
    <div className="shell" onKeyDown={open ? onKeyDown : undefined}>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="topbar">
        <button
          ref={menu}
          type="button"
          className="button quiet icon-only"
          aria-expanded={open}
          aria-controls="sidebar"
          aria-label="Menu"
          onClick={() => setOpen(!open)}
        >
          <Icon name="menu" />
        </button>
        <span className="brand">Strata</span>
        <LiveState />
      </header>
      <aside
        id="sidebar"
        className="sidebar"
        data-open={open}
        aria-label="Console"
        onBlur={({ currentTarget, relatedTarget }) => {
          const stays = relatedTarget === null || relatedTarget === menu.current;
          if (!stays && !currentTarget.contains(relatedTarget)) setOpen(false);
        }}
      >
        <Link href="/" className="brand brand-large">
          <img src="/console/icon.svg" alt="" width="28" height="28" /> Strata
        </Link>
        <LiveState />
        <Navigation />
        <WhoIsHere />
      </aside>
      {open && <div className="scrim" onClick={() => setOpen(false)} />}
      <main id="main" ref={main} tabIndex={-1}>
        <AwayNote />
        {children}
      </main>
    </div>
  );
}

export interface Crumb {
  to?: string;
  text: string;
}

/** Where one is, the page's name and what can be done with all of it. */
export function PageHead({
  crumbs,
  title,
  children,
}: {
  crumbs: Crumb[];
  title: ReactNode;
  children?: ReactNode;
}) {
  const plain = typeof title === "string" ? title : crumbs.at(-1)?.text;
  useEffect(() => {
    document.title = `${plain ?? "Console"} · Strata`;
  }, [plain]);
  return (
    <div className="page-head">
      {crumbs.length > 0 && (
        <nav aria-label="Breadcrumb">
          <ol className="crumbs">
            {crumbs.map(({ to, text }, index) => (
              <li key={index}>{to === undefined ? text : <Link href={to}>{text}</Link>}</li>
            ))}
          </ol>
        </nav>
      )}
      <div className="page-title">
        <h1>{title}</h1>
        <div className="actions">{children}</div>
      </div>
    </div>
  );
}

export const MICROVISOR: Crumb[] = [{ text: "Internet of Things" }, { text: "Microvisor" }];
