// SPDX-License-Identifier: Apache-2.0
/// strata apps prune: deletes old apps that no device needs. Takes the place of the page's bulk
/// delete program, which read the first page only and named the wrong thing as the device.
/// Role: which apps are old and who holds them, told apart from the requests that delete them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "support/verb.hpp"

namespace strata::cli {

struct PruneOptions {
  std::string older_than;  ///< e.g. "24h"
  std::uint32_t keep = 1;  ///< newest ones that stay whatever their age
  bool dry_run = false;
};

/// What shall happen to one app, or has happened.
struct PrunedApp {
  JsonObject app;
  std::string
      result;  ///< "newest", "deployed", "removed", "would be removed", "unknown age", "failed"
  std::vector<std::string> devices{};  ///< SIDs of those that shall run it or do
};

/// The apps that are at least `age` old at `now`, newest first, each "newest", "deployed", "unknown
/// age" or still without result. `apps` as the cloud lists them: newest first. An app whose date
/// can't be read is never without result: nothing is deleted that may be young.
std::vector<PrunedApp> PlanPrune(const std::vector<JsonObject>& apps,
                                 const std::vector<JsonObject>& devices,
                                 std::uint32_t keep,
                                 std::chrono::system_clock::time_point now,
                                 std::chrono::seconds age);

/// Reads all apps and all devices, deletes what the plan leaves over, one by one, and lists what
/// became of each. Asks nothing. OK also when devices hold some: these are listed. An app that is
/// gone already counts as removed. A refusal of one app does not stop the others.
/// * kInvalidArgument: --older-than. * the first refusal that is not "a device holds it".
/// * as Api::Get, and then the rest is left alone.
Outcome RunPruneApps(const PruneOptions& options, Session& session);

void AddPruneApps(CLI::App& noun, Session& session);

}  // namespace strata::cli
