// SPDX-License-Identifier: Apache-2.0
/// What a server does by itself, beside answering.
#pragma once

#include <string>

#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/http/server.hpp"
#include "strata/cloud/jobs/scheduler.hpp"

#include "commands.hpp"

namespace strata::cloud {

/// Adds every job of a server over the data directory `dir`. `service` outlives the scheduler's
/// runs. Failures, when they begin, and what was found go to
/// `log`.
void AddJobs(Scheduler& scheduler,
             Service& service,
             const ServeOptions& options,
             const std::string& dir,
             const LogSink& log);

/// Adds the job that keeps the server's certificate good: it looks every ten seconds whether the
/// one in DIR/pki ends soon or is to be issued again, and shows what is there then. `shown`: the
/// present one, PEM. `server` outlives the scheduler's runs.
void AddCertificateJob(Scheduler& scheduler,
                       Server& server,
                       const std::string& dir,
                       std::string shown,
                       const LogSink& log);

/// How the jobs do, in Prometheus' text format.
std::string JobMetrics(const Scheduler& scheduler);

}  // namespace strata::cloud
