// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;

class AuditServer : public ServerWorld {
 protected:
  boost::json::object Newest() {
    const auto list = ParseJson(People()->Ask(Request("GET", "/v1/AuditLog?PageSize=1")).body);
    return list.at("audit_log").as_array().at(0).as_object();
  }
};

TEST_F(AuditServer, Change_IsWrittenDownWithCallerAddressAndRequest) {
  const auto changed = People()->Ask(FormRequest("/v1/Account", "FriendlyName=one"));
  ASSERT_EQ(changed.status, 200);
  const auto entry = Newest();
  EXPECT_EQ(JsonText(entry, "actor"), world.account->sid.text());
  EXPECT_EQ(JsonText(entry, "address"), "127.0.0.1");
  EXPECT_EQ(JsonText(entry, "request"), changed.Header("twilio-request-id"));
  EXPECT_EQ(JsonText(entry, "action"), "account.update");
  EXPECT_EQ(JsonText(entry.at("after").as_object(), "friendly_name"), "one");

  const auto key = ParseJson(People()->Ask(FormRequest("/v1/ApiKeys", "Scopes=deploy")).body);
  const TestCredentials deployer{JsonText(key, "sid"), JsonText(key, "secret")};
  ASSERT_EQ(People()
                ->Ask(Request("POST",
                              "/v1/Configs",
                              "Key=a&Value=b",
                              "Content-Type: application/x-www-form-urlencoded\r\n",
                              deployer))
                .status,
            201);
  EXPECT_EQ(JsonText(Newest(), "actor"), deployer.user);
  EXPECT_EQ(People()->Ask(Request("GET", "/v1/AuditLog", "", "", deployer)).status, 403);
}

TEST_F(AuditServer, BehindATrustedProxy_TheAddressIsTheClients) {
  config.trusted_proxy = "127.0.0.0/8";
  int changes = 0;
  const auto change = [this, &changes](const char* forwarded) {
    return People()->Ask(Request("POST",
                                 "/v1/Configs",
                                 "Key=k" + std::to_string(++changes) + "&Value=b",
                                 "Content-Type: application/x-www-form-urlencoded\r\n"
                                 "X-Forwarded-For: " +
                                     std::string(forwarded) + "\r\n"));
  };
  ASSERT_EQ(change("192.0.2.1, 2001:db8::7").status, 201);
  EXPECT_EQ(JsonText(Newest(), "address"), "2001:db8::7");
  ASSERT_EQ(change("2001:db8::7, unknown").status, 201);
  EXPECT_EQ(JsonText(Newest(), "address"), "127.0.0.1") << "what is no address is not believed";
  ASSERT_EQ(change("2001:db8::7\r\nX-Forwarded-For: 192.0.2.9").status, 201);
  EXPECT_EQ(JsonText(Newest(), "address"), "192.0.2.9") << "the proxy's own line is the last";
}

TEST_F(AuditServer, XForwardedForOfAnyoneElse_IsNotBelieved) {
  ASSERT_EQ(People()
                ->Ask(Request("POST",
                              "/v1/Configs",
                              "Key=a&Value=b",
                              "Content-Type: application/x-www-form-urlencoded\r\n"
                              "X-Forwarded-For: 192.0.2.1\r\n"))
                .status,
            201);
  EXPECT_EQ(JsonText(Newest(), "address"), "127.0.0.1");
}

TEST_F(AuditServer, List_NarrowsByEveryFilterAndKeepsThemInItsLinks) {
  ASSERT_EQ(People()->Ask(FormRequest("/v1/Configs", "Key=a&Value=b")).status, 201);
  ASSERT_EQ(People()->Ask(FormRequest("/v1/Configs", "Key=b&Value=b")).status, 201);
  const std::string actor(world.account->sid.text());
  for (const std::string& query :
       {std::string("Action=config.create"),
        "Action=config.create&Actor=" + actor,
        std::string("Since=2023-01-01T00:00:00Z&Action=config.create")}) {
    const auto answer = People()->Ask(Request("GET", "/v1/AuditLog?PageSize=1&" + query));
    ASSERT_EQ(answer.status, 200) << query;
    const auto list = ParseJson(answer.body);
    EXPECT_EQ(list.at("audit_log").as_array().size(), 1U);
    EXPECT_THAT(JsonText(list.at("meta").as_object(), "next_page_url"),
                HasSubstr("Action=config.create"));
  }
  const auto none = ParseJson(People()->Ask(Request("GET", "/v1/AuditLog?Resource=x")).body);
  EXPECT_TRUE(none.at("audit_log").as_array().empty());
  EXPECT_EQ(People()->Ask(Request("GET", "/v1/AuditLog?Since=yesterday")).status, 400);
}

TEST_F(AuditServer, Checkpoint_IsMadeOnceForEachEntry) {
  const std::string make = Request("POST", "/v1/AuditCheckpoints", "", "Content-Length: 0\r\n");
  const auto made = People()->Ask(make);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(People()->Ask(make).status, 200);
  EXPECT_EQ(ParseJson(made.body).at("hash"), Newest().at("hash"));
  const auto list = ParseJson(People()->Ask(Request("GET", "/v1/AuditCheckpoints")).body);
  ASSERT_EQ(list.at("audit_checkpoints").as_array().size(), 1U);
  EXPECT_EQ(list.at("audit_checkpoints").as_array().at(0), ParseJson(made.body));
}

}  // namespace
}  // namespace strata::cloud
