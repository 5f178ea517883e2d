// SPDX-License-Identifier: Apache-2.0
/// The device's command as the user wrote it: words, then placeholders. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "strata/format/bundle/expected.hpp"

namespace strata::conformance {

/// What stands for {dir}, {url} and {case}.
struct Placeholders {
  std::string dir;
  std::string url;
  std::string case_name;
};

/// Words as a POSIX shell splits them: blanks separate, '…' takes all literally, "…" and \ quote.
/// Nothing is expanded. * kInvalidArgument: empty, a quote that does not end, no {dir}.
bundle::Expected<std::vector<std::string>> SplitCommand(std::string_view command);

/// Replaces the placeholders in every word; other braces stay.
std::vector<std::string> Fill(const std::vector<std::string>& words, const Placeholders& values);

}  // namespace strata::conformance
