// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include <algorithm>
#include <optional>

namespace strata::conformance {
namespace {

bundle::Failure Refused(const std::string& why) {
  return {Fail(Code::kInvalidArgument, Op::kParse), "the device's command " + why};
}

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

/// Reads one word; `at` is behind it afterwards. nullopt: a quote does not end.
std::optional<std::string> TakeWord(std::string_view text, std::size_t& at) {
  std::string word;
  char quote = '\0';
  for (; at < text.size() && (quote != '\0' || !IsBlank(text[at])); ++at) {
    const char c = text[at];
    if (c == '\\' && quote != '\'') {
      if (++at == text.size()) {
        return std::nullopt;
      }
      word += text[at];
    } else if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else {
      word += c;
    }
  }
  if (quote != '\0') {
    return std::nullopt;
  }
  return word;
}

std::string Replaced(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

}  // namespace

bundle::Expected<std::vector<std::string>> SplitCommand(std::string_view command) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (true) {
    while (at < command.size() && IsBlank(command[at])) {
      ++at;
    }
    if (at == command.size()) {
      break;
    }
    std::optional<std::string> word = TakeWord(command, at);
    if (!word) {
      return Refused("has a quote that does not end");
    }
    words.push_back(std::move(*word));
  }
  const bool has_dir = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word.find("{dir}") != std::string::npos;
  });
  if (!has_dir) {
    return Refused("lacks {dir}, e.g. 'strata-device run --dir {dir}'");
  }
  return words;
}

std::vector<std::string> Fill(const std::vector<std::string>& words, const Placeholders& values) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    out.push_back(Replaced(Replaced(Replaced(word, "{dir}", values.dir), "{url}", values.url),
                           "{case}",
                           values.case_name));
  }
  return out;
}

}  // namespace strata::conformance
