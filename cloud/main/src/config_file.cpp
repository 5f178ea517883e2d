// SPDX-License-Identifier: Apache-2.0
#include "config_file.hpp"

#include <fstream>
#include <set>
#include <string_view>

namespace strata::cloud {
namespace {

std::string Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

void Take(CLI::App& command, const std::string& name, const std::string& value) {
  CLI::Option* const option = command.get_option_no_throw("--" + name);
  if (option == nullptr || !option->get_configurable()) {
    throw CLI::ConfigError(name + ": no such option can stand in a file");
  }
  if (option->count() > 0) {
    return;  // the command line wins
  }
  const bool flag = option->get_expected_max() == 0;
  option->add_result(flag ? option->get_flag_value(name, value) : value);
  option->run_callback();
}

void TakeFile(CLI::App& command, const std::string& file) {
  std::ifstream stream(file);
  if (!stream) {
    throw CLI::FileError::Missing(file);
  }
  std::set<std::string> seen;
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    const std::string text = Trimmed(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') {
      continue;
    }
    const std::size_t equals = text.find('=');
    const std::string name = Trimmed(std::string_view(text).substr(0, equals));
    const std::string at = file + ":" + std::to_string(number) + ": ";
    if (equals == std::string::npos || name.empty()) {
      throw CLI::ConfigError(at + "is not name=value");
    }
    if (!seen.insert(name).second) {
      throw CLI::ConfigError(at + name + " is given twice");
    }
    try {
      Take(command, name, Trimmed(std::string_view(text).substr(equals + 1)));
    } catch (const CLI::ParseError& error) {
      throw CLI::ConfigError(at + error.what());
    }
  }
}

}  // namespace

void AddConfigFile(CLI::App& command, std::string& file) {
  command
      .add_option("--config",
                  file,
                  "File of such options, a name=value line each, without --; the command line wins")
      ->configurable(false);
  command.parse_complete_callback([&command, &file] {
    if (!file.empty()) {
      TakeFile(command, file);
    }
  });
}

}  // namespace strata::cloud
