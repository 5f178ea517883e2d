// SPDX-License-Identifier: Apache-2.0
// Who is signed in decides what there is: the sign-in page, or the console with its pages.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Switch } from "wouter";
import { onSessionEnd } from "./api/client";
import { whoIsSignedIn } from "./api/session";
import { Failure, Loading } from "./components/feedback";
import { Layout } from "./components/layout";
import { SessionContext } from "./components/session";
import { SignInPage } from "./pages/sign-in";

const OverviewPage = lazy(() => import("./pages/overview"));
const AppListPage = lazy(() => import("./pages/app-list"));
const AppPage = lazy(() => import("./pages/app"));
const DeviceListPage = lazy(() => import("./pages/device-list"));
const DevicePage = lazy(() => import("./pages/device"));
const LogsPage = lazy(() => import("./pages/logs"));
const WebhooksPage = lazy(() => import("./pages/webhooks"));
const ApiKeysPage = lazy(() => import("./pages/api-keys"));
const SettingsPage = lazy(() => import("./pages/settings"));
const AuditPage = lazy(() => import("./pages/audit"));
const NotFoundPage = lazy(() => import("./pages/not-found"));

export function App() {
  const queries = useQueryClient();
  const session = useQuery({ queryKey: ["session"], queryFn: whoIsSignedIn, staleTime: Infinity });
  useEffect(
    () =>
      onSessionEnd(() => {
        if (queries.getQueryData(["session"])) queries.setQueryData(["session"], null);
      }),
    [queries],
  );
  useEffect(() => {
    // Nothing of an account stays in memory once nobody is signed in.
    if (session.data === null)
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  }, [session.data, queries]);

  if (session.isPending) return <Loading />;
  if (session.isError) return <Failure error={session.error} retry={() => void session.refetch()} />;
  if (session.data === null) return <SignInPage />;
  return (
    <SessionContext value={session.data}>
      <Layout>
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
      </Layout>
    </SessionContext>
  );
}
