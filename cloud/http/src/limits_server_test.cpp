// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server_world_test.hpp"
#include "unsent_bodies.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;

class LimitsServer : public ServerWorld {
 protected:
  void Limit(const AccountLimits& limits) {
    service = std::make_unique<Service>(Service::Ports{.store = world.store.get(),
                                                       .blobs = world.blobs.get(),
                                                       .signals = &polls,
                                                       .clock = &world.clock,
                                                       .random = &world.random},
                                        std::vector<std::uint8_t>(32, 0x5A),
                                        limits);
  }
};

TEST_F(LimitsServer, ApiRate_IsAnswered429UntilTheTimeItNames) {
  Limit({.requests_per_sec = 2});
  const auto client = People();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(client->Ask(Request("GET", "/v1/Apps")).status, 200) << i;
  }
  const auto refused = client->Ask(Request("GET", "/v1/Apps"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(ParseJson(refused.body).at("code"), 20429);
  EXPECT_EQ(refused.Header("retry-after"), "1");
  EXPECT_EQ(refused.Header("connection"), "keep-alive");
  EXPECT_EQ(client->Ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  world.token = "wrong";
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Apps")).status, 401) << "wrong credentials use up none";
  world.clock.Advance(1);
  const TestCredentials wrong{"AC" + std::string(32, '0'), "x"};
  EXPECT_EQ(client->Ask(Request("GET", "/v1/Apps", "", "", wrong)).status, 401);
}

AccountSid TestAccount(std::uint8_t seed) {
  std::array<std::uint8_t, 16> bytes{};
  bytes.fill(seed);
  return AccountSid::FromBytes(bytes);
}

TEST(UnsentBodies, OneIsAlwaysAllowedAndTheRestUpToTheLimit) {
  using http::UnsentBodies;
  UnsentBodies unsent;
  const AccountSid one = TestAccount(1);
  std::optional<UnsentBodies::Hold> first;
  std::optional<UnsentBodies::Hold> second;
  EXPECT_TRUE(unsent.Take(one, 2 * UnsentBodies::kPerAccount, first));
  EXPECT_FALSE(unsent.Take(one, 1, second));
  EXPECT_FALSE(second.has_value());
  std::optional<UnsentBodies::Hold> others;
  EXPECT_TRUE(unsent.Take(TestAccount(2), 1, others));
  first.reset();
  EXPECT_TRUE(unsent.Take(one, UnsentBodies::kPerAccount, second));
  EXPECT_FALSE(unsent.Take(one, 1, first));
  second.reset();
  EXPECT_TRUE(unsent.Take(one, 1, first));
}

TEST_F(LimitsServer, LongEntries_EndAPageEarlyAndTheNextLeadsOn) {
  const std::string value = "Value=" + Encode(std::string(4095, '\x01'));
  ASSERT_EQ(People()->Ask(FormRequest("/v1/Configs", "Key=k&" + value)).status, 201);
  for (int i = 0; i < 60; ++i) {
    const std::string other = value + "%0" + std::to_string(1 + i % 2);
    ASSERT_EQ(People()->Ask(FormRequest("/v1/Configs/k", other)).status, 200);
  }
  const auto page = People()->Ask(Request("GET", "/v1/AuditLog?PageSize=1000"));
  EXPECT_EQ(page.status, 200);
  EXPECT_LT(page.body.size(), std::size_t{5} << 19) << "2.5 MiB";
  const auto json = ParseJson(page.body);
  EXPECT_LT(json.at("audit_log").as_array().size(), 60U);
  EXPECT_TRUE(json.at("meta").at("next_page_url").is_string());
}

TEST_F(LimitsServer, UploadRate_IsAnsweredBeforeTheBody) {
  Limit({.uploads_per_min = 1});
  MakeApp();
  const auto refused = People()->Ask(Request("POST",
                                             "/v1/Apps",
                                             "",
                                             "Content-Type: multipart/form-data; boundary=b\r\n"
                                             "Content-Length: 60000000\r\n"
                                             "Expect: 100-continue\r\n"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(ParseJson(refused.body).at("code"), 20429);
  EXPECT_EQ(refused.Header("retry-after"), "60");
  EXPECT_EQ(TempFiles(), 0U);
  EXPECT_EQ(People()->Ask(Request("GET", "/v1/Apps")).status, 200) << "nothing else is held up";
}

TEST_F(LimitsServer, Account_ShowsUsageAndLimits) {
  Limit({.apps = 1, .app_bytes = 0});
  MakeApp();
  const auto usage =
      ParseJson(People()->Ask(Request("GET", "/v1/Account")).body).at("usage").as_object();
  EXPECT_EQ(usage.at("apps"), 1);
  EXPECT_EQ(usage.at("apps_limit"), 1);
  EXPECT_GT(usage.at("bytes").as_int64(), 0);
  EXPECT_TRUE(usage.at("bytes_limit").is_null());
  const auto full = People()->Ask(UploadRequest(AsText(world.SignedBundle(2).zip)));
  EXPECT_EQ(full.status, 400);
  EXPECT_EQ(ParseJson(full.body).at("code"), 65010);
}

TEST_F(LimitsServer, BodiesAndHeaders_AreBoundedAsConfigured) {
  config.limits.form_bytes = 1000;
  config.limits.header_bytes = 2000;
  const std::string form(1000, 'a');
  EXPECT_EQ(People()->Ask(FormRequest("/v1/Account", form)).status, 200) << "exactly the limit";
  const auto body = People()->Ask(FormRequest("/v1/Account", form + "a"));
  EXPECT_EQ(body.status, 413);
  EXPECT_THAT(body.body, HasSubstr("larger than 1000 bytes"));
  const auto headers =
      People()->Ask(Request("GET", "/v1/Apps", "", "X: " + std::string(2000, 'x') + "\r\n"));
  EXPECT_EQ(headers.status, 431);
  EXPECT_THAT(headers.body, HasSubstr("larger than 2000 bytes"));
}

TEST_F(LimitsServer, Cors_NeverWithCredentials) {
  const std::string origin = "Origin: https://pages.example\r\n";
  const auto preflight =
      People()->Ask("OPTIONS /v1/Apps HTTP/1.1\r\nHost: x\r\n" + origin +
                    "Access-Control-Request-Method: POST\r\n"
                    "Access-Control-Request-Headers: authorization,idempotency-key\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_THAT(preflight.Header("access-control-allow-methods"), HasSubstr("POST"));
  EXPECT_THAT(preflight.Header("access-control-allow-headers"), HasSubstr("Authorization"));
  EXPECT_THAT(preflight.Header("access-control-allow-headers"), HasSubstr("Idempotency-Key"));
  EXPECT_EQ(preflight.Header("access-control-max-age"), "86400");
  const auto good = People()->Ask(Request("GET", "/v1/Apps", "", origin));
  world.token = "wrong";
  const auto refused = People()->Ask(Request("GET", "/v1/Apps", "", origin));
  for (const TestResponse& answer : {preflight, good, refused}) {
    EXPECT_EQ(answer.Header("access-control-allow-origin"), "*") << answer.status;
    EXPECT_EQ(answer.headers.count("access-control-allow-credentials"), 0U);
    EXPECT_THAT(answer.Header("access-control-expose-headers"), HasSubstr("WWW-Authenticate"));
  }
  EXPECT_EQ(People()->Ask("OPTIONS /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n").status, 404);
}

}  // namespace
}  // namespace strata::cloud
