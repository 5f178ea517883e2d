// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/http/log_line.hpp"

#include <algorithm>
#include <ctime>

#include <boost/json.hpp>
#include <unistd.h>

#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud {
namespace {

std::string Quoted(std::string_view value) {
  return boost::json::serialize(http::Text(value));
}

/// Whether a reader of pairs takes it for one word.
bool IsWord(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '=' && c != '\\';
  });
}

}  // namespace

LogLine::LogLine() {
  Add("time", http::DateText(static_cast<UnixSeconds>(std::time(nullptr))));
}

LogLine& LogLine::Add(std::string_view name, std::string_view value) {
  fields_.push_back({std::string(name), std::string(value), false});
  return *this;
}

LogLine& LogLine::AddNumber(std::string_view name, std::int64_t value) {
  fields_.push_back({std::string(name), std::to_string(value), true});
  return *this;
}

std::string LogLine::Text(LogFormat format) const {
  const bool json = format == LogFormat::kJson;
  std::string text;
  for (const Field& field : fields_) {
    text += text.empty() ? (json ? "{" : "") : (json ? "," : " ");
    text += json ? Quoted(field.name) + ":" : field.name + "=";
    const bool bare = field.number || (!json && IsWord(field.value));
    text += bare ? field.value : Quoted(field.value);
  }
  return text + (json ? "}\n" : "\n");
}

void LogLine::Write(const LogSink& sink) const {
  if (sink.fd < 0) {
    return;
  }
  const std::string text = Text(sink.format);
  [[maybe_unused]] const ssize_t written = write(sink.fd, text.data(), text.size());
}

}  // namespace strata::cloud
