// SPDX-License-Identifier: Apache-2.0
/// strata doctor: looks for the usual mistakes between this machine and its cloud, and says what to
/// do about each.
/// Role: looks only; changes nothing here and nothing in the cloud. Each check is one record.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "support/profiles.hpp"
#include "support/verb.hpp"

namespace strata::cli {

/// What one check found.
struct Finding {
  enum class Result { kOk, kWarning, kProblem };

  std::string check;  ///< "configuration", "cloud", … : stable, for scripts
  Result result = Result::kOk;
  std::string detail;     ///< one line
  std::string next_step;  ///< empty when the result is kOk
  int code = 0;           ///< of kProblem: docs/spec/errors.md or rest.md; 0: none
};

using Findings = std::vector<Finding>;

Finding Fine(std::string check, std::string detail);
Finding Doubtful(std::string check, std::string detail, std::string next_step);
Finding Wrong(std::string check, const Problem& problem);

/// Where the configuration lies, who may read it, whether each profile can be read.
Findings CheckConfiguration(const Environment& env);

/// Variables that are set and not used, or that hide the active profile.
Findings CheckVariables(const Environment& env);

/// The CA file that the connection trusts, and until when it is valid.
Findings CheckCaFile(const Connection& connection, std::chrono::system_clock::time_point now);

/// The profile's default signing key: is it there, is it private.
Findings CheckSigningKey(const Profile& profile);

/// Connection, trust, clock, certificate, credentials, and whether the signing key is registered.
/// Ends early when the cloud can't be reached.
Findings CheckCloud(const Session& session,
                    const Connection& connection,
                    const std::optional<Profile>& profile);

/// Runs all of them. * the first problem's code; every record is on stdout by then.
void AddDoctor(CLI::App& root, Session& session);

}  // namespace strata::cli
