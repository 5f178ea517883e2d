// SPDX-License-Identifier: Apache-2.0
/// strata conformance. Reference: docs/spec/conformance.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/verb.hpp"

namespace strata::cli {

struct ConformanceOptions {
  std::string device;  ///< the device's command, with {dir}
  bool list = false;
  std::vector<std::string> only;
  std::string hardware = "stm32u585";
  std::uint32_t timeout_sec = 120;
  std::uint32_t jobs = 12;
  std::string work;  ///< empty: a temporary directory
};

/// Runs the kit and shows a verdict per case; with `list` only names them. Needs no cloud.
/// * Usage: neither --device nor --list. * kConformanceFailed: a case failed. * as
/// conformance::RunCases. The directory of each failed case stays.
Outcome RunConformance(const ConformanceOptions& options, Session& session);

void AddConformance(CLI::App& root, Session& session);

}  // namespace strata::cli
