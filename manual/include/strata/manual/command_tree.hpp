// SPDX-License-Identifier: Apache-2.0
/// The commands a program has, as data: what completion scripts and man pages are made of, and what
/// a command line that does not fit them is told.
/// Role: reads the parser's tree; nothing is described twice. Hidden verbs and options are left
/// out.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace strata::manual {

struct CommandOption {
  std::vector<std::string> names;  ///< "-o", "--output"; a positional's name stands alone
  bool positional = false;
  bool takes_value = false;
  bool required = false;
  std::vector<std::string> choices;  ///< the only values there are; empty: any
  std::string default_value;         ///< when the parser knows it and the description does not tell
  std::string description;
  std::string group;
};

struct Command {
  std::vector<std::string> words;  ///< {"apps", "create"}; empty for the program itself
  std::string description;
  std::string footer;  ///< examples
  std::vector<CommandOption> options;
  std::vector<Command> verbs;
};

/// `app` and all below it.
Command TreeOf(const CLI::App& app);

/// `command` and all below it, parents first.
std::vector<const Command*> Flatten(const Command& command);

/// "apps create".
std::string PathOf(const Command& command);

/// Why parsing into `program` ended with `error`: the first word that is no command or option of
/// it, because what else the parser misses may only follow from that; else the parser's own words.
std::string WhatIsWrong(const CLI::App& program, const CLI::ParseError& error);

}  // namespace strata::manual
