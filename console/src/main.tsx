// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Router } from "wouter";
import { Refusal } from "./api/client";
import { App } from "./app";
import { Boundary } from "./components/boundary";
import { ToastProvider } from "./components/toast";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/components.css";
import "./styles/tables.css";
import "./styles/fields.css";
import "./styles/panels.css";
import "./styles/news.css";
import "./styles/overview.css";
import "./styles/flash.css";
import "./styles/plot.css";
import "./styles/log.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // A refusal stays one; only a cloud that did not answer is asked again.
      retry: (failures, error) =>
        failures < 2 && error instanceof Refusal && (error.status === 0 || error.status === 503),
    },
  },
});

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Router base="/console">
        <ToastProvider>
          <Boundary>
            <App />
          </Boundary>
        </ToastProvider>
      </Router>
    </QueryClientProvider>
  </StrictMode>,
);
