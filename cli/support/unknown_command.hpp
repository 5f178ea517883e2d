// SPDX-License-Identifier: Apache-2.0
/// What to say to a command line whose command there is not. Role: looks at the words only; parses
/// no options.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace strata::cli {

/// Why `words`, in our spelling, name no verb of `root`: an unknown command (with the nearest ones,
/// or with what to use instead of one of the original's), none at all, or options before it.
/// nullopt: they name one, or ask a noun for its help.
std::optional<std::string> WhyNoVerb(const CLI::App& root, const std::vector<std::string>& words);

}  // namespace strata::cli
