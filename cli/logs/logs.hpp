// SPDX-License-Identifier: Apache-2.0
/// strata logs: what devices say of themselves, as it comes. Reference: docs/spec/rest.md "Logs";
/// the line is the original's (`<time> [<type>] <text>`, the type padded to 13 characters).
#pragma once

#include <cstdint>
#include <string>

#include "support/verb.hpp"

namespace strata::cli {

struct StreamLogsOptions {
  std::string device;       ///< SID or unique name
  std::uint32_t lines = 0;  ///< ends after so many; 0: never
  bool enable = true;       ///< turn the device's logging on first
  bool past = false;        ///< what is kept instead of what comes
};

/// Writes each line to stdout until it is interrupted. Outages of the cloud are waited out, and
/// nothing is missed then. * the cloud's refusal.
Outcome RunStreamLogs(const StreamLogsOptions& options, Session& session);

/// Where to begin and whether to stay.
struct LogFollowing {
  std::string last_id{};  ///< empty: what comes from now on
  bool follow = true;     ///< false: what there is
  std::uint32_t lines = 0;
};

/// The lines of `device`'s log. * the cloud's refusal.
Outcome FollowLog(const std::string& device,
                  const LogFollowing& following,
                  Api& api,
                  const Session& session);

/// The id of the newest line that is kept: a place to begin at. * the cloud's refusal.
Expected<std::string> NewestLogId(const std::string& device, Api& api);

void AddLogs(CLI::App& noun, Session& session);

}  // namespace strata::cli
