// SPDX-License-Identifier: Apache-2.0
/// Following one deployment on one device to its end.
#pragma once

#include <cstdint>
#include <string>

#include "support/session.hpp"

namespace strata::cli {

/// Polls the device until deployment `deployment_id` has ended; returns the device as it was last
/// seen. Short outages of the cloud are waited out. Shows a bar on a terminal, else a line per
/// change of state.
/// * the update's own error (docs/spec/errors.md). * kTimeout: it goes on without us.
/// * kInvalidArgument: another deployment took its place. * the cloud's refusal.
Expected<JsonObject> FollowUpdate(const Session& session,
                                  Api& api,
                                  const std::string& sid,
                                  const std::string& deployment_id,
                                  std::uint32_t timeout_sec);

/// FollowUpdate of the deployment that `device`, the answer to a change, names; says at the end
/// what runs. * kCloudProtocol: it names none. * as FollowUpdate.
Expected<JsonObject> FollowDeployment(const JsonObject& device,
                                      std::uint32_t timeout_sec,
                                      Api& api,
                                      const Session& session);

/// The words for a person for an engine state as reported, e.g. "fetching-layers" → "fetching
/// layers".
std::string WordsOfState(const std::string& state);

}  // namespace strata::cli
