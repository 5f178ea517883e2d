// SPDX-License-Identifier: Apache-2.0
// Who is signed in decides what there is: the sign-in page, or the console with its pages.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { onSessionEnd } from "./api/client";
import { whoIsSignedIn } from "./api/session";
import { Boundary } from "./components/boundary";
import { Failure, Loading } from "./components/feedback";
import { Layout } from "./components/layout";
import { SessionContext } from "./components/session";
import { SignInPage } from "./pages/sign-in";

const PAGES = {
  overview: () => import("./pages/overview"),
  appList: () => import("./pages/app-list"),
  app: () => import("./pages/app"),
  deviceList: () => import("./pages/device-list"),
  device: () => import("./pages/device"),
  logs: () => import("./pages/logs"),
  webhooks: () => import("./pages/webhooks"),
  apiKeys: () => import("./pages/api-keys"),
  settings: () => import("./pages/settings"),
  audit: () => import("./pages/audit"),
  notFound: () => import("./pages/not-found"),
};
const OverviewPage = lazy(PAGES.overview);
const AppListPage = lazy(PAGES.appList);
const AppPage = lazy(PAGES.app);
const DeviceListPage = lazy(PAGES.deviceList);
const DevicePage = lazy(PAGES.device);
const LogsPage = lazy(PAGES.logs);
const WebhooksPage = lazy(PAGES.webhooks);
const ApiKeysPage = lazy(PAGES.apiKeys);
const SettingsPage = lazy(PAGES.settings);
const AuditPage = lazy(PAGES.audit);
const NotFoundPage = lazy(PAGES.notFound);

/** Behind the first page: then a console that stays open needs no file of a cloud that is away or was upgraded. */
const FETCH_REST_MS = 3_000;

function useWholeConsole(signedIn: boolean) {
  useEffect(() => {
    if (!signedIn) return undefined;
    const timer = window.setTimeout(
      () => void Promise.allSettled(Object.values(PAGES).map((page) => page())),
      FETCH_REST_MS,
    );
    return () => window.clearTimeout(timer);
  }, [signedIn]);
}

export function App() {
  const queries = useQueryClient();
  const session = useQuery({ queryKey: ["session"], queryFn: whoIsSignedIn, staleTime: Infinity });
  const [ended, setEnded] = useState(false);
  const [path] = useLocation();
  const signedIn = Boolean(session.data);
  useWholeConsole(signedIn);
  useEffect(
    () =>
      onSessionEnd(() => {
        if (!queries.getQueryData(["session"])) return;
        setEnded(true);
        queries.setQueryData(["session"], null);
      }),
    [queries],
  );
  useEffect(() => {
    if (signedIn) setEnded(false);
  }, [signedIn]);
  useEffect(() => {
    // Nothing of an account stays in memory once nobody is signed in.
    if (session.data === null)
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  }, [session.data, queries]);

  if (session.isPending) return <Loading />;
  if (session.isError) return <Failure error={session.error} retry={() => void session.refetch()} />;
  if (session.data === null) return <SignInPage ended={ended} />;
  return (
    <SessionContext value={session.data}>
      <Layout>
        <Boundary key={path}>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/" component={OverviewPage} />
              <Route path="/iot/microvisor">
                <Redirect to="/iot/microvisor/apps" replace />
              </Route>
              <Route path="/iot/microvisor/apps" component={AppListPage} />
              <Route path="/iot/microvisor/apps/:sid" component={AppPage} />
              <Route path="/iot/microvisor/devices" component={DeviceListPage} />
              <Route path="/iot/microvisor/devices/:sid" component={DevicePage} />
              <Route path="/settings/api-keys" component={ApiKeysPage} />
              <Route path="/settings/configs">
                <SettingsPage key="configs" kind="configs" />
              </Route>
              <Route path="/settings/secrets">
                <SettingsPage key="secrets" kind="secrets" />
              </Route>
              <Route path="/settings/webhooks" component={WebhooksPage} />
              <Route path="/logs" component={LogsPage} />
              <Route path="/audit" component={AuditPage} />
              <Route component={NotFoundPage} />
            </Switch>
          </Suspense>
        </Boundary>
      </Layout>
    </SessionContext>
  );
}
