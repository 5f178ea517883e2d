// SPDX-License-Identifier: Apache-2.0
#include "support/unknown_command.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace strata::cli {
namespace {

using Words = std::vector<std::string>;

struct Elsewhere {
  std::string_view theirs;  ///< first word of commands of the original
  std::string_view instead;
};

constexpr std::array kElsewhere = {
    Elsewhere{"autocomplete", "strata completion prints the script for your shell"},
    Elsewhere{"config", "strata profiles and the variables STRATA_* hold what is set"},
    Elsewhere{"plugins", "nothing needs installing: every command is in strata"},
    Elsewhere{"projects", "use strata profiles"},
    Elsewhere{"api",
              "of the original's API Strata has api:microvisor:v1 with apps, devices, configs "
              "and secrets"},
    Elsewhere{"microvisor",
              "the plugin's commands are microvisor:apps:bundle, "
              "microvisor:apps:create, microvisor:deploy, microvisor:logs:stream and "
              "microvisor:debug:generate_keypair"},
    Elsewhere{"debugger", "Strata manages devices only"},
    Elsewhere{"email", "Strata manages devices only"},
    Elsewhere{"feedback", "Strata manages devices only"},
    Elsewhere{"phone-numbers", "Strata manages devices only"},
    Elsewhere{"version", "use strata --version"},
};

bool IsOption(const std::string& word) {
  return word.size() > 1 && word.front() == '-';
}

/// An option without "=value".
std::string OptionName(const std::string& option) {
  return option.substr(0, option.find('='));
}

std::vector<const CLI::App*> VerbsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* Find(const CLI::App& app, const std::string& name) {
  for (const CLI::App* verb : VerbsOf(app)) {
    if (verb->check_name(name)) {
      return verb;
    }
  }
  return nullptr;
}

/// Letters to put in, take out or change.
std::size_t Distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = i;
  }
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < other.size(); ++j) {
      const std::size_t change = diagonal + (one[i] == other[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

bool IsNear(std::string_view name, std::string_view word) {
  return Distance(name, word) <= std::max<std::size_t>(1, word.size() / 3) ||
         (word.size() > 2 && name.starts_with(word));
}

/// As they would be typed behind `before`.
Words Nearest(const CLI::App& app, const std::string& word, const std::string& before) {
  Words found;
  for (const CLI::App* verb : VerbsOf(app)) {
    if (IsNear(verb->get_name(), word)) {
      found.push_back(before + verb->get_name());
    }
  }
  for (const CLI::App* noun : VerbsOf(app)) {
    if (Find(*noun, word) != nullptr) {
      found.push_back(before + noun->get_name() + " " + word);
    }
  }
  return found;
}

/// A question after the first three of `nearest`; nothing when there are none.
std::string DidYouMean(Words nearest) {
  constexpr std::size_t kMost = 3;
  nearest.resize(std::min(nearest.size(), kMost));
  std::string text;
  for (std::size_t i = 0; i < nearest.size(); ++i) {
    text += (i == 0                    ? "; did you mean '"
             : i + 1 == nearest.size() ? " or '"
                                       : ", '") +
            nearest[i] + "'";
  }
  return text + (nearest.empty() ? "" : "?");
}

std::string Unknown(const CLI::App& app, const std::string& word, const std::string& before) {
  std::string text = "there is no command '" + before + word + "'";
  const auto* const elsewhere = std::find_if(
      kElsewhere.begin(), kElsewhere.end(), [&](const Elsewhere& e) { return e.theirs == word; });
  if (before.empty() && elsewhere != kElsewhere.end()) {
    return text + ": " + std::string(elsewhere->instead);
  }
  return text + DidYouMean(Nearest(app, word, before));
}

/// Of words that begin with an option which only a verb knows.
std::optional<std::string> Misplaced(const CLI::App& root, const Words& words) {
  if (root.get_option_no_throw(OptionName(words.front())) != nullptr) {
    return std::nullopt;
  }
  const auto command = std::find_if(words.begin(), words.end(), [&root](const std::string& word) {
    return Find(root, word) != nullptr;
  });
  std::string text = "options stand behind the command";
  if (command != words.end()) {
    text += ": " + root.get_name();
    std::for_each(command, std::find_if(command, words.end(), IsOption), [&](const auto& word) {
      text += " " + word;
    });
    text += " " + words.front() + " ...";
  }
  return text;
}

}  // namespace

std::optional<std::string> WhyNoVerb(const CLI::App& root, const std::vector<std::string>& words) {
  if (!words.empty() && IsOption(words.front())) {
    return Misplaced(root, words);
  }
  const CLI::App* app = &root;
  std::string before;
  for (const std::string& word : words) {
    if (VerbsOf(*app).empty()) {
      return std::nullopt;
    }
    if (IsOption(word)) {
      if (app->get_option_no_throw(OptionName(word)) != nullptr) {
        return std::nullopt;
      }
      break;
    }
    const CLI::App* const verb = Find(*app, word);
    if (verb == nullptr) {
      return Unknown(*app, word, before);
    }
    before += word + " ";
    app = verb;
  }
  if (VerbsOf(*app).empty()) {
    return std::nullopt;
  }
  return before.empty() ? "a command is missing"
                        : "'" + before.substr(0, before.size() - 1) + "' lacks what to do";
}

std::optional<std::string> UnknownOption(const CLI::App& verb) {
  const Words rest = verb.remaining();
  const auto unknown = std::find_if(rest.begin(), rest.end(), IsOption);
  if (unknown == rest.end()) {
    return std::nullopt;
  }
  const std::string name = OptionName(*unknown);
  Words nearest;
  for (const CLI::Option* option : verb.get_options()) {
    for (const std::string& each : option->get_lnames()) {
      if (IsNear("--" + each, name)) {
        nearest.push_back("--" + each);
      }
    }
  }
  return "there is no option '" + name + "'" + DidYouMean(std::move(nearest));
}

}  // namespace strata::cli
