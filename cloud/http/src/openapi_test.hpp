// SPDX-License-Identifier: Apache-2.0
/// OpenApi: api/openapi.yaml as tests see it. Every answer that a test of the servers gets is held
/// against it (TestClient::observer).
#pragma once

#include <set>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "client_test.hpp"

namespace strata::cloud {

class OpenApi {
 public:
  /// The file, read once.
  static const OpenApi& Get();

  /// "GET /v1/Apps/{}" for each operation.
  [[nodiscard]] std::set<std::string> operations() const;

  /// Names of all query parameters and of all fields of bodies.
  [[nodiscard]] std::set<std::string> request_fields() const;

  /// What is wrong with an answer; empty: it is as the file says, or no path of the file was asked.
  [[nodiscard]] std::string Check(std::string_view request, const TestResponse& answer) const;

 private:
  explicit OpenApi(boost::json::value document) : document_(std::move(document)) {}

  [[nodiscard]] const boost::json::object& Resolve(const boost::json::value& node) const;
  [[nodiscard]] const boost::json::object* FindPath(std::string_view path) const;
  [[nodiscard]] std::string CheckValue(const boost::json::value& schema,
                                       const boost::json::value& value,
                                       const std::string& where) const;
  [[nodiscard]] std::string CheckObject(const boost::json::object& schema,
                                        const boost::json::value& value,
                                        const std::string& where) const;
  void Collect(const boost::json::object& schema,
               boost::json::object& properties,
               std::set<std::string>& required) const;

  boost::json::value document_;
};

}  // namespace strata::cloud
