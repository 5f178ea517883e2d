// SPDX-License-Identifier: Apache-2.0
#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access.hpp"
#include "server_world_test.hpp"
#include "site.hpp"
#include "spec_page.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;

class ApiKeyServer : public ServerWorld {
 protected:
  /// A key made over the API.
  TestCredentials Make(const std::string& scopes) {
    const auto made = People()->Ask(FormRequest("/v1/ApiKeys", "Scopes=" + scopes));
    EXPECT_EQ(made.status, 201) << made.body;
    const auto key = ParseJson(made.body);
    return {JsonText(key, "sid"), JsonText(key, "secret")};
  }
};

TEST_F(ApiKeyServer, Create_ShowsTheSecretOnceAndFetchNever) {
  const auto made =
      People()->Ask(FormRequest("/v1/ApiKeys", "Scopes=provision,read&FriendlyName=line%201"));
  ASSERT_EQ(made.status, 201) << made.body;
  const auto key = ParseJson(made.body);
  const std::string path = "/v1/ApiKeys/" + JsonText(key, "sid");
  EXPECT_EQ(JsonText(key, "sid").substr(0, 2), "SK");
  EXPECT_EQ(JsonText(key, "friendly_name"), "line 1");
  EXPECT_EQ(JsonText(key, "url"), "https://cloud.test:1234" + path);
  EXPECT_EQ(boost::json::serialize(key.at("scopes")), "[\"read\",\"provision\"]");
  EXPECT_TRUE(key.at("date_last_used").is_null());
  EXPECT_EQ(JsonText(key, "secret").size(), 32U);
  const auto fetched = ParseJson(People()->Ask(Request("GET", path)).body);
  EXPECT_FALSE(fetched.contains("secret"));
  EXPECT_EQ(fetched.size() + 1, key.size());
  const auto list = ParseJson(People()->Ask(Request("GET", "/v1/ApiKeys")).body);
  ASSERT_EQ(list.at("api_keys").as_array().size(), 1U);
  EXPECT_EQ(list.at("api_keys").as_array().at(0), fetched);
}

TEST_F(ApiKeyServer, Create_WithoutOrWithUnknownScopes_Is400) {
  for (const char* form : {"", "Scopes=", "Scopes=read,write", "FriendlyName=x"}) {
    const auto refused = People()->Ask(FormRequest("/v1/ApiKeys", form));
    EXPECT_EQ(refused.status, 400) << form;
    EXPECT_EQ(ParseJson(refused.body).at("code"), 20001);
  }
}

TEST_F(ApiKeyServer, Key_OpensWhatItsScopesAllowUntilItIsRevoked) {
  const TestCredentials reader = Make("read");
  const auto get = [&](const std::string& path) {
    return People()->Ask(Request("GET", path, "", "", reader));
  };
  EXPECT_EQ(get("/v1/Apps").status, 200);
  EXPECT_EQ(get("/v1/Nothing").status, 404);
  const auto refused = get("/v1/ApiKeys");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(ParseJson(refused.body).at("code"), 20006);
  EXPECT_THAT(refused.body, HasSubstr("the scope admin; this one has read"));
  ASSERT_EQ(People()->Ask(Request("DELETE", "/v1/ApiKeys/" + reader.user)).status, 204);
  EXPECT_EQ(get("/v1/Apps").status, 401);
}

TEST_F(ApiKeyServer, Upload_WithoutTheScope_IsRefusedBeforeItsBody) {
  const TestCredentials reader = Make("read,provision");
  const auto response = People()->Ask(Request("POST",
                                              "/v1/Apps",
                                              "",
                                              "Content-Type: multipart/form-data; boundary=b\r\n"
                                              "Content-Length: 60000000\r\n"
                                              "Expect: 100-continue\r\n",
                                              reader));
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(response.body, HasSubstr("deploy or admin"));
  EXPECT_EQ(TempFiles(), 0U);
}

/// "GET /v1/Apps/{} read, deploy" for each row.
std::set<std::string> RowsOfTheSpec() {
  const std::string page(http::SpecPage("/docs/spec/rest.md"));
  const std::regex row("\n\\| `([A-Z]+ /v1/[^`]*)` \\| ((?:`[a-z]+`(?:, )?)+) \\|");
  std::set<std::string> rows;
  for (std::sregex_iterator it(page.begin(), page.end(), row), end; it != end; ++it) {
    const std::string request =
        std::regex_replace((*it)[1].str(), std::regex("\\{[a-z_]*\\}"), "{}");
    rows.insert(request + " " + std::regex_replace((*it)[2].str(), std::regex("`"), ""));
  }
  return rows;
}

TEST(Access, Table_IsWhatTheSpecSaysForEveryRoute) {
  std::set<std::string> rules;
  std::set<std::string> ruled;
  for (const http::AccessRule& rule : http::AccessRules()) {
    const std::string request = std::string(rule.method) + " " + std::string(rule.pattern);
    EXPECT_TRUE(ruled.insert(request).second) << "twice: " << request;
    EXPECT_FALSE(rule.scopes == Scopes()) << request;
    rules.insert(request + " " + ScopesText(rule.scopes, ", "));
  }
  std::set<std::string> routes;
  for (const http::Route& route : http::PeopleRoutes()) {
    routes.insert(std::string(route.method) + " " + std::string(route.pattern));
  }
  EXPECT_EQ(routes, ruled) << "each route has a rule in access.cpp, each rule a route";
  EXPECT_EQ(RowsOfTheSpec(), rules);
}

TEST(Access, Route_WithoutARule_IsForAdminAlone) {
  const http::Route unknown{.method = "GET", .pattern = "/v1/New"};
  EXPECT_TRUE(http::CheckAccess(unknown, Scope::kAdmin).ok());
  for (const Scope scope : {Scope::kRead, Scope::kDeploy, Scope::kProvision}) {
    EXPECT_FALSE(http::CheckAccess(unknown, scope).ok());
  }
  EXPECT_FALSE(http::CheckAccess(unknown, Scopes()).ok());
}

}  // namespace
}  // namespace strata::cloud
