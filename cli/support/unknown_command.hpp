// SPDX-License-Identifier: Apache-2.0
/// What to say to a command line whose command or option there is not. Role: looks at words only;
/// parses no options.
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

/// The first option that `verb`, parsed in vain, does not have, with the nearest ones. nullopt: it
/// has all that were given. What the parser itself complains of may only follow from it: the value
/// of `--tags a` becomes an argument.
std::optional<std::string> UnknownOption(const CLI::App& verb);

}  // namespace strata::cli
