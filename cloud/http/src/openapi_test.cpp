// SPDX-License-Identifier: Apache-2.0
#include "openapi_test.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <vector>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "console.hpp"
#include "refusal_table_test.hpp"
#include "site.hpp"

namespace strata::cloud {
namespace {

namespace json = boost::json;

/// As YAML 1.2 has it: `off` is a word, and so is whatever stands in quotes.
json::value ScalarOf(const YAML::Node& node) {
  const bool plain = node.Tag() == "?";
  if (plain && (node.Scalar() == "true" || node.Scalar() == "false")) {
    return node.Scalar() == "true";
  }
  std::int64_t number = 0;
  if (plain && YAML::convert<std::int64_t>::decode(node, number)) {
    return number;
  }
  return json::value(node.Scalar());
}

json::value JsonOf(const YAML::Node& node) {
  if (node.IsMap()) {
    json::object members;
    for (const auto& member : node) {
      members[member.first.Scalar()] = JsonOf(member.second);
    }
    return members;
  }
  if (node.IsSequence()) {
    json::array items;
    for (const YAML::Node& item : node) {
      items.push_back(JsonOf(item));
    }
    return items;
  }
  return node.IsScalar() ? ScalarOf(node) : json::value();
}

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

const OpenApi& OpenApi::Get() {
  static const OpenApi kFile = [] {
    return OpenApi(JsonOf(YAML::LoadFile(STRATA_SOURCE_DIR "/api/openapi.yaml")));
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

std::set<std::string> OpenApi::request_fields() const {
  std::set<std::string> all;
  for (const auto& [path, item] : document_.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      const bool shared = method == "parameters";
      const json::value* const own =
          shared ? nullptr : operation.as_object().if_contains("parameters");
      const json::value* const parameters = shared ? &operation : own;
      for (const json::value& node :
           parameters != nullptr ? parameters->as_array() : json::array()) {
        const json::object& parameter = Resolve(node);
        if (parameter.at("in") == "query") {
          all.insert(parameter.at("name").as_string().c_str());
        }
      }
      const json::value* const body =
          shared ? nullptr : operation.as_object().if_contains("requestBody");
      for (const auto& [type, content] :
           body != nullptr ? Resolve(*body).at("content").as_object() : json::object()) {
        json::object properties;
        std::set<std::string> required;
        Collect(Resolve(content.at("schema")), properties, required);
        for (const auto& [name, property] : properties) {
          all.insert(std::string(name));
        }
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
  if (std::string refusal = CheckRefusal(answer); !refusal.empty()) {
    return refusal;
  }
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

/// Served without a table of routes: PeopleSite and MetricsSite know them.
const std::set<std::string> kPages = {"GET /healthz",
                                      "GET /readyz",
                                      "GET /metrics",
                                      "GET /docs/spec/rest.md",
                                      "GET /docs/spec/errors.md"};

TEST(OpenApiFile, Operations_AreTheRoutes) {
  std::set<std::string> routes = kPages;
  for (const auto& some : {http::PeopleRoutes(), http::DeviceSideRoutes(), http::ConsoleRoutes()}) {
    for (const http::Route& route : some) {
      routes.insert(std::string(route.method) + " " + std::string(route.pattern));
    }
  }
  EXPECT_EQ(OpenApi::Get().operations(), routes);
}

/// What an operation takes is read in its handler by name; the file has these names and no others.
TEST(OpenApiFile, ParametersAndFormFields_AreThoseThatHandlersAskFor) {
  std::set<std::string> read = {"File"};  // the upload's part
  const std::regex by_name(
      R"re((?:Get|GetBool|GetNumber(?:<[^>]*>)?|GetDate|Require)\(\s*"([A-Z]\w+)")re");
  for (const auto& entry :
       std::filesystem::directory_iterator(STRATA_SOURCE_DIR "/cloud/http/src")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".cpp") || name.ends_with("_test.cpp")) {
      continue;
    }
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (std::sregex_iterator at(text.begin(), text.end(), by_name), end; at != end; ++at) {
      read.insert((*at)[1]);
    }
  }
  EXPECT_EQ(OpenApi::Get().request_fields(), read);
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

}  // namespace
}  // namespace strata::cloud
