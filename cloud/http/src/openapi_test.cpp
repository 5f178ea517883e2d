// SPDX-License-Identifier: Apache-2.0
#include "openapi_test.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "site.hpp"

namespace strata::cloud {
namespace {

namespace json = boost::json;

struct Line {
  std::size_t indent = 0;
  std::size_t number = 0;
  std::string text;
};

class Yaml {
 public:
  explicit Yaml(std::string_view text) {
    for (std::size_t number = 1; !text.empty(); ++number) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      const std::size_t indent = line.find_first_not_of(' ');
      if (indent != std::string_view::npos && line[indent] != '#') {
        lines_.push_back({indent, number, std::string(line.substr(indent))});
      }
    }
  }

  json::value Document() {
    json::value value = Block(0);
    return next_ == lines_.size() ? value : Fail();
  }

 private:
  [[noreturn]] json::value Fail() const {
    const std::size_t number = next_ < lines_.size() ? lines_[next_].number : 0;
    throw std::runtime_error("can't read line " + std::to_string(number));
  }

  [[nodiscard]] bool At(std::size_t indent) const {
    return next_ < lines_.size() && lines_[next_].indent == indent;
  }

  [[nodiscard]] bool AtItem(std::size_t indent) const {
    return At(indent) && lines_[next_].text.starts_with("- ");
  }

  json::value Block(std::size_t indent) {
    if (AtItem(indent)) {
      json::array items;
      while (AtItem(indent)) {
        lines_[next_].text.erase(0, 2);
        lines_[next_].indent += 2;
        const bool mapping = KeyEnd(lines_[next_].text) != std::string::npos;
        items.push_back(mapping ? Block(indent + 2) : Inline(lines_[next_++].text));
      }
      return items;
    }
    json::object members;
    while (At(indent)) {
      const std::size_t end = KeyEnd(lines_[next_].text);
      if (end == std::string::npos) {
        Fail();
      }
      std::string key = lines_[next_].text.substr(0, end);
      if (key.starts_with('"')) {
        key = key.substr(1, key.size() - 2);
      }
      members[key] = ValueBehind(end, indent);
    }
    return members;
  }

  /// What stands behind `key:` of the present line, which is passed.
  json::value ValueBehind(std::size_t colon, std::size_t indent) {
    std::string rest = lines_[next_].text.substr(colon + 1);
    rest.erase(0, rest.find_first_not_of(' '));
    ++next_;
    if (rest == ">-") {
      std::string folded;
      for (; next_ < lines_.size() && lines_[next_].indent > indent; ++next_) {
        folded += (folded.empty() ? "" : " ") + lines_[next_].text;
      }
      return json::value(folded);
    }
    if (!rest.empty()) {
      return Inline(rest);
    }
    return next_ < lines_.size() && lines_[next_].indent > indent ? Block(lines_[next_].indent)
                                                                  : json::value();
  }

  /// Where the colon behind a block mapping's key is.
  static std::size_t KeyEnd(const std::string& text) {
    if (text.starts_with('{') || text.starts_with('[')) {
      return std::string::npos;
    }
    const std::size_t from = text.starts_with('"') ? text.find('"', 1) : 0;
    const std::size_t colon = text.find(':', from);
    const bool ends =
        colon != std::string::npos && (colon + 1 == text.size() || text[colon + 1] == ' ');
    return ends ? colon : std::string::npos;
  }

  /// Also a whole flow collection.
  json::value Inline(std::string_view text) {
    const bool flow = text.starts_with('{') || text.starts_with('[') || text.starts_with('"');
    if (!flow) {
      return Scalar(std::string(text));
    }
    json::value value = Flow(text);
    if (!text.empty()) {
      --next_;
      Fail();
    }
    return value;
  }

  static void SkipSpaces(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }

  json::value Flow(std::string_view& text) {
    SkipSpaces(text);
    if (text.starts_with('{')) {
      json::object members;
      while (Enter(text, '}')) {
        const std::size_t colon = text.find(':');
        std::string key(text.substr(0, colon));
        text.remove_prefix(colon + 1);
        members[key] = Flow(text);
      }
      return members;
    }
    if (text.starts_with('[')) {
      json::array items;
      while (Enter(text, ']')) {
        items.push_back(Flow(text));
      }
      return items;
    }
    if (text.starts_with('"')) {
      return Quoted(text);
    }
    const std::size_t end = std::min(text.find_first_of(",}]"), text.size());
    const std::string plain(text.substr(0, end));
    text.remove_prefix(end);
    return Scalar(plain);
  }

  /// Passes the bracket or comma before another member; false: it passed the closing one.
  bool Enter(std::string_view& text, char closing) {
    SkipSpaces(text);
    if (text.empty()) {
      Fail();
    }
    const bool more = text.front() != closing;
    text.remove_prefix(1);
    SkipSpaces(text);
    if (more && text.starts_with(closing)) {
      text.remove_prefix(1);
      return false;
    }
    return more;
  }

  json::value Quoted(std::string_view& text) {
    std::string out;
    for (text.remove_prefix(1); !text.empty() && text.front() != '"'; text.remove_prefix(1)) {
      if (text.front() == '\\') {
        text.remove_prefix(1);
      }
      out += text.front();
    }
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
    return json::value(out);
  }

  static json::value Scalar(const std::string& text) {
    if (text == "true" || text == "false") {
      return text == "true";
    }
    if (text == "null") {
      return nullptr;
    }
    const bool number = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
      return std::isdigit(c) != 0;
    });
    return number ? json::value(std::stoll(text)) : json::value(text);
  }

  std::vector<Line> lines_;
  std::size_t next_ = 0;
};

std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool Matches(std::string_view pattern, const std::vector<std::string>& path) {
  const std::vector<std::string> wanted = Segments(pattern);
  return std::equal(wanted.begin(),
                    wanted.end(),
                    path.begin(),
                    path.end(),
                    [](const std::string& each, const std::string& given) {
                      return each.starts_with('{') ? !given.empty() : each == given;
                    });
}

/// What any operation may answer besides what the file lists for it; its description says so.
bool IsGeneral(int status) {
  return status == 408 || status == 413 || status == 431 || status == 500 || status == 503;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

}  // namespace

json::value ParseYaml(std::string_view text) {
  return Yaml(text).Document();
}

const OpenApi& OpenApi::Get() {
  static const OpenApi kFile = [] {
    std::ifstream file(STRATA_SOURCE_DIR "/api/openapi.yaml");
    return OpenApi(ParseYaml(std::string{std::istreambuf_iterator<char>(file), {}}));
  }();
  return kFile;
}

std::set<std::string> OpenApi::operations() const {
  std::set<std::string> all;
  const std::regex parameter("\\{[^}]*\\}");
  for (const auto& [path, item] : document_.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (method != "parameters") {
        std::string name(method);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
          return static_cast<char>(std::toupper(c));
        });
        all.insert(name + " " + std::regex_replace(std::string(path), parameter, "{}"));
      }
    }
  }
  return all;
}

const json::object& OpenApi::Resolve(const json::value& node) const {
  const json::value* at = &node;
  while (at->is_object() && at->as_object().contains("$ref")) {
    const std::string reference(at->at("$ref").as_string().c_str());
    at = &document_;
    for (const std::string& step : Segments(reference.substr(1))) {
      at = &at->at(step);
    }
  }
  return at->as_object();
}

const json::object* OpenApi::FindPath(std::string_view path) const {
  std::vector<std::string> segments = Segments(path);
  if (!segments.empty() && segments.back().ends_with(".json")) {
    segments.back().resize(segments.back().size() - 5);
  }
  const json::object* found = nullptr;
  for (const auto& [pattern, item] : document_.at("paths").as_object()) {
    if (Matches(pattern, segments)) {
      found = &item.as_object();
    }
  }
  return found;
}

std::string OpenApi::Check(std::string_view request, const TestResponse& answer) const {
  const std::size_t space = std::min(request.find(' '), request.size());
  const std::string method = Lower(request.substr(0, space));
  std::string target(request.substr(std::min(space + 1, request.size())));
  target = target.substr(0, target.find_first_of(" ?\r"));
  if (const std::size_t scheme = target.find("://"); scheme != std::string::npos) {
    target.erase(0, target.find('/', scheme + 3));
  }
  const json::object* const item = FindPath(target);
  if (item == nullptr || !item->contains(method) || answer.status < 200) {
    return {};
  }
  const std::string status = std::to_string(answer.status);
  const std::string where = std::string(request.substr(0, space)) + " " + target + " " + status;
  const json::object& responses = item->at(method).at("responses").as_object();
  if (!responses.contains(status)) {
    return IsGeneral(answer.status) ? std::string()
                                    : where + ": the file does not list this status";
  }
  const json::object& response = Resolve(responses.at(status));
  if (!response.contains("content")) {
    return answer.body.empty() ? std::string() : where + ": the file lists no body";
  }
  const json::object& content = response.at("content").as_object();
  const std::string type = answer.Header("content-type");
  if (!content.contains(type)) {
    return where + ": the file does not list the type '" + type + "'";
  }
  if (type != "application/json") {
    return {};
  }
  json::error_code error;
  const json::value body = json::parse(answer.body, error);
  return error ? where + ": no JSON" : CheckValue(content.at(type).at("schema"), body, where);
}

void OpenApi::Collect(const json::object& schema,
                      json::object& properties,
                      std::set<std::string>& required) const {
  if (const json::value* const parts = schema.if_contains("allOf")) {
    for (const json::value& part : parts->as_array()) {
      Collect(Resolve(part), properties, required);
    }
  }
  if (const json::value* const own = schema.if_contains("properties")) {
    for (const auto& [name, property] : own->as_object()) {
      properties[name] = property;
    }
  }
  if (const json::value* const own = schema.if_contains("required")) {
    for (const json::value& name : own->as_array()) {
      required.insert(name.as_string().c_str());
    }
  }
}

std::string OpenApi::CheckObject(const json::object& schema,
                                 const json::value& value,
                                 const std::string& where) const {
  if (!value.is_object()) {
    return where + ": no object";
  }
  json::object properties;
  std::set<std::string> required;
  Collect(schema, properties, required);
  std::string problems;
  for (const std::string& name : required) {
    if (!value.as_object().contains(name)) {
      problems += where + ": lacks " + name + "\n";
    }
  }
  for (const auto& [name, member] : value.as_object()) {
    const json::value* const property = properties.if_contains(name);
    problems += property == nullptr
                    ? where + ": the file does not name " + std::string(name) + "\n"
                    : CheckValue(*property, member, where + "." + std::string(name));
  }
  return problems;
}

std::string OpenApi::CheckValue(const json::value& node,
                                const json::value& value,
                                const std::string& where) const {
  const json::object& schema = Resolve(node);
  const json::value* const nullable = schema.if_contains("nullable");
  if (value.is_null()) {
    return nullable != nullptr && nullable->as_bool() ? "" : where + ": must not be null\n";
  }
  if (schema.contains("allOf") || schema.at("type") == "object") {
    return CheckObject(schema, value, where);
  }
  const std::string type(schema.at("type").as_string().c_str());
  if (type == "array") {
    std::string problems = value.is_array() ? "" : where + ": no array\n";
    for (const json::value& item : value.is_array() ? value.as_array() : json::array()) {
      problems += CheckValue(schema.at("items"), item, where + "[]");
    }
    return problems;
  }
  const bool fits = (type == "string" && value.is_string()) ||
                    (type == "integer" && (value.is_int64() || value.is_uint64())) ||
                    (type == "boolean" && value.is_bool());
  if (!fits) {
    return where + ": no " + type + "\n";
  }
  if (const json::value* const all = schema.if_contains("enum")) {
    const json::array& allowed = all->as_array();
    return std::find(allowed.begin(), allowed.end(), value) != allowed.end()
               ? ""
               : where + ": a value that the file does not list\n";
  }
  const json::value* const pattern = schema.if_contains("pattern");
  const bool good =
      pattern == nullptr || std::regex_match(std::string(value.as_string().c_str()),
                                             std::regex(pattern->as_string().c_str()));
  return good ? ""
              : where + ": not of the form " + std::string(pattern->as_string().c_str()) + "\n";
}

namespace {

TEST(OpenApiFile, Operations_AreTheRoutes) {
  std::set<std::string> routes = {"GET /healthz", "GET /readyz"};
  for (const auto& some : {http::PeopleRoutes(), http::DeviceSideRoutes()}) {
    for (const http::Route& route : some) {
      routes.insert(std::string(route.method) + " " + std::string(route.pattern));
    }
  }
  EXPECT_EQ(OpenApi::Get().operations(), routes);
}

TEST(OpenApiFile, Check_SeesWhatDiffers) {
  const OpenApi& file = OpenApi::Get();
  const auto answer = [](int status, std::string body, std::string type = "application/json") {
    return TestResponse{status, {{"content-type", std::move(type)}}, std::move(body)};
  };
  const std::string get = "GET /v1/ApiKeys/SK1 HTTP/1.1\r\n";
  const std::string good =
      R"({"sid":"SK)" + std::string(32, '0') + R"(","account_sid":"AC)" + std::string(32, '0') +
      R"(","friendly_name":"","scopes":["read"],"date_created":"2026-01-31T12:34:56Z",)"
      R"("date_last_used":null,"url":"https://x/")";
  EXPECT_EQ(file.Check(get, answer(200, good + "}")), "");
  EXPECT_NE(file.Check(get, answer(200, good + R"(,"secret":"x"})")), "");
  EXPECT_NE(file.Check(get, answer(200, R"({"sid":"SK"})")), "");
  EXPECT_NE(file.Check(get, answer(200, "[]")), "");
  EXPECT_NE(file.Check(get, answer(200, "text", "text/plain")), "");
  EXPECT_NE(file.Check(get, answer(418, "{}")), "");
  EXPECT_NE(file.Check(get, answer(404, "{}")), "");
  EXPECT_NE(file.Check("DELETE /v1/ApiKeys/SK1 HTTP/1.1\r\n", answer(204, "x")), "");
  EXPECT_EQ(file.Check("GET /v1/Other HTTP/1.1\r\n", answer(404, "{}")), "");
}

TEST(OpenApiFile, ParseYaml_WhatItDoesNotKnow_IsAnError) {
  EXPECT_EQ(boost::json::serialize(ParseYaml("a:\n  - b: {c: [1, \"d, e\"], f: true}\n    g: >-\n  "
                                             "    h\n      i\n  - j\n\"k\": null\n")),
            R"({"a":[{"b":{"c":[1,"d, e"],"f":true},"g":"h i"},"j"],"k":null})");
  for (const char* bad : {"a\n", "a: [1\n", "a: b\n    c: d\n"}) {
    EXPECT_THROW(ParseYaml(bad), std::runtime_error) << bad;
  }
}

}  // namespace
}  // namespace strata::cloud
