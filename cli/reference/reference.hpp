// SPDX-License-Identifier: Apache-2.0
/// strata completion, strata man: what shells and man-db are to know of the commands there are.
/// Made from the parser's own tree, so that they can't fall behind it.
#pragma once

#include <string>

#include "reference/command_tree.hpp"
#include "support/verb.hpp"

namespace strata::cli {

/// A script that completes verbs, options and their fixed values; file names otherwise.
std::string BashCompletion(const Command& root);
std::string ZshCompletion(const Command& root);
std::string FishCompletion(const Command& root);

/// The man page (troff, section 1) of `command`, which is `root` or stands below it.
std::string ManPage(const Command& command, const Command& root, const std::string& version);

/// "strata-apps-create.1".
std::string ManPageName(const Command& command);

/// completion bash|zsh|fish: the script on stdout.
void AddCompletion(CLI::App& root, Session& session);

/// man --out DIR: all pages. Files that stand there are replaced. * as WriteFile.
void AddMan(CLI::App& root, Session& session);

}  // namespace strata::cli
