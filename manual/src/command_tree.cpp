// SPDX-License-Identifier: Apache-2.0
#include "strata/manual/command_tree.hpp"

namespace strata::manual {
namespace {

/// CLI11 tells the members of a set only inside the type's name: "TEXT:{columns,json}".
std::vector<std::string> ChoicesIn(const std::string& type_name) {
  const std::size_t open = type_name.find('{');
  const std::size_t close = type_name.find('}', open);
  if (open == std::string::npos || close == std::string::npos) {
    return {};
  }
  std::vector<std::string> choices(1);
  for (const char c : type_name.substr(open + 1, close - open - 1)) {
    if (c == ',') {
      choices.emplace_back();
    } else {
      choices.back() += c;
    }
  }
  return choices;
}

CommandOption OptionOf(const CLI::Option& option) {
  CommandOption copy;
  for (const std::string& name : option.get_snames()) {
    copy.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    copy.names.push_back("--" + name);
  }
  copy.positional = copy.names.empty();
  if (copy.positional) {
    copy.names.push_back(option.get_name(true));
  }
  copy.takes_value = option.get_type_size_max() > 0;
  copy.required = option.get_required();
  copy.choices = ChoicesIn(option.get_type_name());
  copy.description = option.get_description();
  const bool told = copy.description.find("default") != std::string::npos;
  copy.default_value = told ? std::string() : option.get_default_str();
  copy.group = option.get_group();
  return copy;
}

Command TreeBelow(const CLI::App& app, std::vector<std::string> words) {
  Command command;
  command.description = app.get_description();
  command.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) {
      command.options.push_back(OptionOf(*option));
    }
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!verb->get_group().empty()) {
      std::vector<std::string> longer = words;
      longer.push_back(verb->get_name());
      command.verbs.push_back(TreeBelow(*verb, std::move(longer)));
    }
  }
  command.words = std::move(words);
  return command;
}

}  // namespace

Command TreeOf(const CLI::App& app) {
  return TreeBelow(app, {});
}

std::vector<const Command*> Flatten(const Command& command) {
  std::vector<const Command*> all{&command};
  for (const Command& verb : command.verbs) {
    const std::vector<const Command*> below = Flatten(verb);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

std::string PathOf(const Command& command) {
  std::string path;
  for (const std::string& word : command.words) {
    path += (path.empty() ? "" : " ") + word;
  }
  return path;
}

std::string WhatIsWrong(const CLI::App& program, const CLI::ParseError& error) {
  const std::vector<std::string> rest = program.remaining(true);
  return rest.empty() ? error.what() : "there is no command or option '" + rest.front() + "'";
}

}  // namespace strata::manual
