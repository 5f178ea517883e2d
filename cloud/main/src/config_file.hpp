// SPDX-License-Identifier: Apache-2.0
/// A command's options from a file of `name=value` lines, names as on the command line without
/// `--`. Lines that begin with `#` or `;` are comments. Role: the file's form; what a value may be
/// is the option's business. Reference: docs/spec/rest.md "Limits".
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace strata::cloud {

/// Gives `command` the option --config FILE. What stands on the command line wins over the file;
/// options that are not configurable() can't stand in it. `command` and `file` outlive parsing,
/// which throws CLI::FileError when the file can't be read; CLI::ConfigError, naming file and line,
/// for a line of another form, a name that is unknown or given twice, and a value that the option
/// refuses.
void AddConfigFile(CLI::App& command, std::string& file);

}  // namespace strata::cloud
