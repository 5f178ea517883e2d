// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kPath = "/device/v1/enrolment";

class EnrolmentServer : public ServerWorld {
 protected:
  /// The texts of new tokens.
  std::vector<std::string> Create(const std::string& form = "") {
    const auto made = People()->Ask(FormRequest("/v1/EnrolmentTokens", form));
    EXPECT_EQ(made.status, 201) << made.body;
    std::vector<std::string> texts;
    const auto answer = ParseJson(made.body);
    for (const auto& each : answer.at("enrolment_tokens").as_array()) {
      texts.push_back(JsonText(each.as_object(), "token"));
    }
    return texts;
  }

  TestResponse Enrol(const std::string& authorization, const std::string& form) {
    return Device(std::nullopt)
        ->Ask("POST " + kPath + " HTTP/1.1\r\nHost: cloud\r\n" + authorization +
              "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
              std::to_string(form.size()) + "\r\n\r\n" + form);
  }

  TestResponse EnrolWith(const std::string& token, const TestKey& key) {
    return Enrol("Authorization: Bearer " + token + "\r\n", "Csr=" + Encode(key.csr_pem));
  }
};

TEST_F(EnrolmentServer, Device_WithATokenAndNoCertificate_GetsOneThatWorks) {
  const auto tokens = Create("Count=2&Tags=line1&ValidSeconds=60");
  ASSERT_EQ(tokens.size(), 2U);
  const TestKey key = MakeTestKey();
  const auto enrolled = EnrolWith(tokens[0], key);
  ASSERT_EQ(enrolled.status, 201) << enrolled.body;
  EXPECT_EQ(enrolled.Header("cache-control"), "no-store");
  const auto device = ParseJson(enrolled.body);
  EXPECT_EQ(JsonText(device, "ca_certificate"), config.server_ca_pem);
  const TestIdentity identity{JsonText(device, "certificate"), key.key_pem};
  const auto desired =
      Device(identity)->Ask("GET /device/v1/desired HTTP/1.1\r\nHost: cloud\r\n\r\n");
  EXPECT_EQ(desired.status, 200);
  const auto second = EnrolWith(tokens[0], MakeTestKey());
  EXPECT_EQ(second.status, 403);
  EXPECT_EQ(ParseJson(second.body).at("code"), 65022);
  EXPECT_EQ(EnrolWith(tokens[0], key).status, 200) << "a lost answer";
  world.clock.Advance(60);
  const auto late = EnrolWith(tokens[1], MakeTestKey());
  EXPECT_EQ(late.status, 403);
  EXPECT_EQ(ParseJson(late.body).at("code"), 65023);
}

TEST_F(EnrolmentServer, Tokens_AreShownOnceAndRevokedAtOnce) {
  const std::string token = Create("FriendlyName=line%201").front();
  const std::string path = "/v1/EnrolmentTokens/" + token.substr(0, 34);
  const std::string secret = token.substr(35);
  EXPECT_THAT(People()->Ask(Request("GET", path)).body, Not(HasSubstr(secret)));
  EXPECT_THAT(People()->Ask(Request("GET", "/v1/EnrolmentTokens")).body, Not(HasSubstr(secret)));
  EXPECT_THAT(People()->Ask(Request("GET", "/v1/AuditLog")).body, Not(HasSubstr(secret)));
  EXPECT_EQ(People()->Ask(Request("DELETE", path)).status, 204);
  EXPECT_EQ(EnrolWith(token, MakeTestKey()).status, 401);
  EXPECT_EQ(People()->Ask(Request("GET", path)).status, 404);
}

TEST_F(EnrolmentServer, Enrolment_WithoutAGoodToken_ClosesBeforeTheBody) {
  const std::string token = Create().front();
  const std::string csr = "Csr=" + Encode(MakeTestKey().csr_pem);
  for (const std::string& header :
       std::vector<std::string>{"",
                                "Authorization: Bearer \r\n",
                                "Authorization: Bearer " + token.substr(0, 34) + "\r\n",
                                "Authorization: Basic " + token + "\r\n",
                                "Authorization: " + token + "\r\n"}) {
    const auto refused = Enrol(header, csr);
    EXPECT_EQ(refused.status, 401) << header;
    EXPECT_EQ(ParseJson(refused.body).at("code"), 20003);
    EXPECT_EQ(refused.Header("connection"), "close");
  }
  EXPECT_EQ(Enrol("", "Token=" + token + "&" + csr).status, 401) << "in no other place";
  EXPECT_EQ(Enrol("authorization: bearer " + token + "\r\n", csr).status, 201);
}

TEST_F(EnrolmentServer, Enrolment_WithABadRequest_LeavesTheTokenUnused) {
  const std::string token = Create().front();
  const std::string header = "Authorization: Bearer " + token + "\r\n";
  EXPECT_EQ(Enrol(header, "").status, 400);
  EXPECT_EQ(Enrol(header, "Csr=nonsense").status, 400);
  EXPECT_EQ(Device(std::nullopt)
                ->Ask("GET " + kPath + " HTTP/1.1\r\nHost: cloud\r\n" + header + "\r\n")
                .status,
            405);
  EXPECT_EQ(EnrolWith(token, MakeTestKey()).status, 201);
}

TEST_F(EnrolmentServer, Enrolment_TriedTooOften_Is429) {
  service = std::make_unique<Service>(Service::Ports{.store = world.store.get(),
                                                     .blobs = world.blobs.get(),
                                                     .signals = &polls,
                                                     .clock = &world.clock,
                                                     .random = &world.random,
                                                     .sealer = world.sealer.get(),
                                                     .audit_key = &world.audit_key},
                                      std::vector<std::uint8_t>(32, 7),
                                      AccountLimits{.enrolments_per_min = 2});
  const std::string token = Create().front();
  EXPECT_EQ(EnrolWith("ET" + std::string(32, '0') + ".x", MakeTestKey()).status, 401);
  EXPECT_EQ(EnrolWith("", MakeTestKey()).status, 401);
  const auto refused = EnrolWith(token, MakeTestKey());
  EXPECT_EQ(refused.status, 429);
  EXPECT_FALSE(refused.Header("retry-after").empty());
}

TEST_F(EnrolmentServer, Create_OfBadNumbers_Is400) {
  for (const char* form : {"Count=0",
                           "Count=1001",
                           "Count=-1",
                           "Count=x",
                           "Count=1x",
                           "Count=",
                           "Count=4294967297",
                           "ValidSeconds=59",
                           "ValidSeconds=-1",
                           "Hardware=toaster"}) {
    EXPECT_EQ(People()->Ask(FormRequest("/v1/EnrolmentTokens", form)).status, 400) << form;
  }
}

}  // namespace
}  // namespace strata::cloud
