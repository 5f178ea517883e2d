// SPDX-License-Identifier: Apache-2.0
#include "support/spelling.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "support/text.hpp"

namespace strata::cli {
namespace {

using Words = std::vector<std::string>;

struct Spelling {
  std::string_view theirs;
  std::string_view ours;
};

// Longer ones first: the first that fits wins.
constexpr std::array kSpellings = {
    Spelling{"api microvisor v1 apps manifest fetch", "apps manifest"},
    Spelling{"api microvisor v1 devices configs create", "devices configs create"},
    Spelling{"api microvisor v1 devices configs list", "devices configs list"},
    Spelling{"api microvisor v1 devices configs fetch", "devices configs fetch"},
    Spelling{"api microvisor v1 devices configs update", "devices configs update"},
    Spelling{"api microvisor v1 devices configs remove", "devices configs remove"},
    Spelling{"api microvisor v1 devices secrets create", "devices secrets create"},
    Spelling{"api microvisor v1 devices secrets list", "devices secrets list"},
    Spelling{"api microvisor v1 devices secrets fetch", "devices secrets fetch"},
    Spelling{"api microvisor v1 devices secrets update", "devices secrets update"},
    Spelling{"api microvisor v1 devices secrets remove", "devices secrets remove"},
    Spelling{"api microvisor v1 configs create", "configs create"},
    Spelling{"api microvisor v1 configs list", "configs list"},
    Spelling{"api microvisor v1 configs fetch", "configs fetch"},
    Spelling{"api microvisor v1 configs update", "configs update"},
    Spelling{"api microvisor v1 configs remove", "configs remove"},
    Spelling{"api microvisor v1 secrets create", "secrets create"},
    Spelling{"api microvisor v1 secrets list", "secrets list"},
    Spelling{"api microvisor v1 secrets fetch", "secrets fetch"},
    Spelling{"api microvisor v1 secrets update", "secrets update"},
    Spelling{"api microvisor v1 secrets remove", "secrets remove"},
    Spelling{"api microvisor v1 apps list", "apps list"},
    Spelling{"api microvisor v1 apps fetch", "apps fetch"},
    Spelling{"api microvisor v1 apps remove", "apps remove"},
    Spelling{"api microvisor v1 devices list", "devices list"},
    Spelling{"api microvisor v1 devices fetch", "devices fetch"},
    Spelling{"api microvisor v1 devices update", "devices update"},
    Spelling{"api microvisor v1 devices", "devices"},
    Spelling{"api microvisor v1 apps", "apps"},
    Spelling{"microvisor apps bundle", "bundle create"},
    Spelling{"microvisor apps create", "apps create"},
    Spelling{"microvisor deploy", "deploy"},
    Spelling{"microvisor logs stream", "logs stream"},
    Spelling{"microvisor debug generate_keypair", "debug generate_keypair"},
    Spelling{"profiles create", "login"},
};

bool IsCommandWord(std::string_view argument) {
  return !argument.empty() && argument.front() != '-' &&
         argument.find('/') == std::string_view::npos;
}

/// A shell that was told `'v1\:devices'` in quotes passes the backslash on.
Words SplitCommand(std::string argument) {
  std::erase(argument, '\\');
  return Split(argument, ':');
}

bool HasOption(const Words& arguments, std::string_view option) {
  return std::any_of(arguments.begin(), arguments.end(), [option](const std::string& argument) {
    return argument == option || argument.starts_with(std::string(option) + "=");
  });
}

Words Help(const Words& arguments) {
  if (arguments.size() < 2 || arguments[1] == "exit-codes" || arguments[1].starts_with('-')) {
    return arguments;
  }
  Words words(arguments.begin() + 1, arguments.end());
  words = OurSpelling(words);
  words.emplace_back("--help");
  return words;
}

/// Arguments with `theirs` at their beginning, spelt with any mix of colons and spaces, replaced by
/// `ours`.
bool Replace(const Words& arguments, const Spelling& spelling, Words& out) {
  const Words theirs = Split(spelling.theirs, ' ');
  Words words;
  std::size_t used = 0;
  while (used < arguments.size() && words.size() < theirs.size() &&
         IsCommandWord(arguments[used])) {
    const Words pieces = SplitCommand(arguments[used]);
    words.insert(words.end(), pieces.begin(), pieces.end());
    ++used;
  }
  if (words != theirs) {
    return false;
  }
  out = Split(spelling.ours, ' ');
  out.insert(out.end(), arguments.begin() + static_cast<std::ptrdiff_t>(used), arguments.end());
  return true;
}

}  // namespace

std::vector<std::string> OurSpelling(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    return arguments;
  }
  if (arguments.front() == "help") {
    return Help(arguments);
  }
  Words words;
  for (const Spelling& spelling : kSpellings) {
    if (!Replace(arguments, spelling, words)) {
      continue;
    }
    // The page's sample for going back to an earlier version forgets ":update".
    const bool update = HasOption(words, "--target-app") || HasOption(words, "--unique-name");
    if (spelling.ours == "devices" && update) {
      words.insert(words.begin() + 1, "update");
    }
    return words;
  }
  if (!IsCommandWord(arguments.front())) {
    return arguments;
  }
  words = SplitCommand(arguments.front());
  words.insert(words.end(), arguments.begin() + 1, arguments.end());
  return words;
}

bool IsOriginalSpelling(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    return false;
  }
  const std::string& command = arguments.front();
  return IsCommandWord(command) &&
         (command.find(':') != std::string::npos || command == "api" || command == "microvisor");
}

}  // namespace strata::cli
