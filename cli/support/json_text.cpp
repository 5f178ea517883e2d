// SPDX-License-Identifier: Apache-2.0
#include "support/json_text.hpp"

#include <cctype>

#include <boost/json.hpp>

namespace strata::cli {
namespace {

// boost::json refuses deeper input, so the recursion below is bounded.
constexpr std::size_t kIndent = 2;

void Append(const Json& value, std::size_t depth, std::string& out);

void NewLine(std::size_t depth, std::string& out) {
  out += '\n';
  out.append(depth * kIndent, ' ');
}

void AppendObject(const JsonObject& object, std::size_t depth, std::string& out) {
  if (object.empty()) {
    out += "{}";
    return;
  }
  out += '{';
  bool first = true;
  for (const auto& [key, value] : object) {
    out += first ? "" : ",";
    first = false;
    NewLine(depth + 1, out);
    out += boost::json::serialize(boost::json::string(key)) + ": ";
    Append(value, depth + 1, out);
  }
  NewLine(depth, out);
  out += '}';
}

void AppendArray(const boost::json::array& array, std::size_t depth, std::string& out) {
  if (array.empty()) {
    out += "[]";
    return;
  }
  out += '[';
  bool first = true;
  for (const Json& value : array) {
    out += first ? "" : ",";
    first = false;
    NewLine(depth + 1, out);
    Append(value, depth + 1, out);
  }
  NewLine(depth, out);
  out += ']';
}

void Append(const Json& value, std::size_t depth, std::string& out) {
  if (value.is_object()) {
    AppendObject(value.as_object(), depth, out);
  } else if (value.is_array()) {
    AppendArray(value.as_array(), depth, out);
  } else {
    out += boost::json::serialize(value);
  }
}

char Upper(char c) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
}

bool IsUpper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}

std::string HeadingWord(std::string word) {
  if (word == "sid" || word == "id" || word == "url") {
    for (char& c : word) {
      c = Upper(c);
    }
    return word;
  }
  word.front() = Upper(word.front());
  return word;
}

/// The cloud's dates are to the second; the original CLI prints what JavaScript makes of them.
Json DateWithMilliseconds(const Json& value) {
  if (!value.is_string()) {
    return value;
  }
  std::string text(value.as_string());
  const bool to_the_second = text.size() == 20 && text.back() == 'Z' && text[10] == 'T' &&
                             text[13] == ':' && text[16] == ':';
  if (to_the_second) {
    text.insert(19, ".000");
  }
  return Json(text);
}

}  // namespace

std::string PrettyJson(const Json& value) {
  std::string out;
  Append(value, 0, out);
  return out;
}

std::string CamelCase(std::string_view snake) {
  std::string out;
  bool raise = false;
  for (const char c : snake) {
    if (c == '_') {
      raise = !out.empty();
      continue;
    }
    out.push_back(raise ? Upper(c) : c);
    raise = false;
  }
  return out;
}

std::string Heading(std::string_view camel) {
  std::string out;
  std::string word;
  const auto finish = [&out, &word] {
    if (!word.empty()) {
      out += (out.empty() ? "" : " ") + HeadingWord(word);
      word.clear();
    }
  };
  for (const char c : camel) {
    if (IsUpper(c)) {
      finish();
    }
    word.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  finish();
  return out;
}

JsonObject FromApi(const JsonObject& resource) {
  JsonObject record;
  for (const auto& [key, value] : resource) {
    const bool date = std::string_view(key).starts_with("date_");
    record[CamelCase(key)] = date ? DateWithMilliseconds(value) : value;
  }
  return record;
}

}  // namespace strata::cli
