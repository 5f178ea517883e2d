// SPDX-License-Identifier: Apache-2.0
/// strata completion, strata man: what shells and man-db are to know of the commands there are.
/// Made from the parser's own tree, so that they can't fall behind it.
#pragma once

#include <string>

#include "strata/manual/command_tree.hpp"

#include "support/verb.hpp"

namespace strata::cli {

/// A script that completes verbs, options and their fixed values; file names otherwise.
std::string BashCompletion(const manual::Command& root);
std::string ZshCompletion(const manual::Command& root);
std::string FishCompletion(const manual::Command& root);

/// completion bash|zsh|fish: the script on stdout.
void AddCompletion(CLI::App& root, Session& session);

/// man --out DIR: all pages. Files that stand there are replaced. * kIo, kPermission.
void AddMan(CLI::App& root, Session& session);

}  // namespace strata::cli
