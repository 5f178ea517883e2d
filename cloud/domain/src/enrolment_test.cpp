// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/domain/enrolment.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Enrolment : public testing::Test {
 protected:
  NewEnrolmentToken Make(const EnrolmentTokenRequest& request = {}) {
    auto made = world_.service->CreateEnrolmentTokens(*world_.account, request);
    EXPECT_TRUE(made.ok());
    return made->front();
  }

  static PublicKey NewKey() { return bundle::PrivateKey::Generate().value().public_key(); }

  ApiResult<ProvisionedDevice> Enrol(const NewEnrolmentToken& token, EnrolmentRequest request) {
    const auto caller = world_.service->AuthenticateEnrolment(token.text);
    if (!caller.ok()) {
      return caller.error();
    }
    return world_.service->EnrolDevice(*caller, request);
  }

  EnrolmentToken Fetch(const NewEnrolmentToken& token) {
    return world_.service->FetchEnrolmentToken(*world_.account, token.token.sid.text()).value();
  }

  std::size_t Devices() { return world_.service->ListDevices(*world_.account, {})->items.size(); }

  TestWorld world_;
};

TEST_F(Enrolment, Enrol_MakesTheTokensDeviceAndUsesTheTokenUp) {
  const auto token = Make({.hardware_type = "mps2-an505", .tags = "b,a"});
  const auto made = Enrol(token, {.public_key = NewKey(), .unique_name = "kitchen"});
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_FALSE(made->existed);
  EXPECT_EQ(made->device.hardware_type, "mps2-an505");
  EXPECT_FALSE(made->device.development);
  const Device device = world_.service->FetchDevice(*world_.account, "kitchen").value();
  EXPECT_THAT(device.tags, ElementsAre("a", "b"));
  EXPECT_EQ(Fetch(token).device_sid, device.sid);
  EXPECT_EQ(Fetch(token).date_used, world_.clock.Now());
}

TEST_F(Enrolment, UsedToken_LetsNobodyElseIn) {
  const auto token = Make();
  const PublicKey key = NewKey();
  const auto first = Enrol(token, {.public_key = key});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(Refusal(Enrol(token, {.public_key = NewKey()})), std::pair(403, 65022));
  EXPECT_EQ(Devices(), 1U);
  // A lost answer: the same key asks again.
  const auto again = Enrol(token, {.public_key = key});
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->existed);
  EXPECT_EQ(again->device.sid, first->device.sid);
  // Nor is it a way back for a device that was removed.
  ASSERT_TRUE(world_.service->RemoveDevice(*world_.account, first->device.sid.text()).ok());
  EXPECT_EQ(Refusal(Enrol(token, {.public_key = key})), std::pair(403, 65022));
  EXPECT_EQ(Devices(), 0U);
}

TEST_F(Enrolment, UsedToken_IsNoWayToAnotherDevicesCertificate) {
  const auto device = world_.MakeDevice("attic");
  const auto token = Make();
  ASSERT_TRUE(Enrol(token, {.public_key = NewKey()}).ok());
  EXPECT_EQ(Refusal(Enrol(token, {.public_key = device.key.public_key()})), std::pair(403, 65022));
}

TEST_F(Enrolment, KeyThatIsKnown_IsNothingNew) {
  const auto device = world_.MakeDevice("attic");
  const auto token = Make();
  world_.signals.TakeEvents();
  const auto again = Enrol(token, {.public_key = device.key.public_key()});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_TRUE(again->existed);
  EXPECT_EQ(again->device.sid, device.identity.sid);
  EXPECT_THAT(world_.signals.TakeEvents(), IsEmpty());
  const auto newest = world_.service->ListAudit(*world_.account, {.page_size = 1})->items.at(0);
  EXPECT_THAT(newest.json, HasSubstr("\"action\":\"enrolment-token.create\""));
}

TEST_F(Enrolment, TokenOfAClockThatWasAhead_LetsNobodyIn) {
  world_.clock.Advance(300);
  const auto slack = Make();
  world_.clock.Advance(1);
  const auto ahead = Make();
  world_.clock.Advance(-301);  // it is set right
  EXPECT_EQ(Refusal(Enrol(ahead, {.public_key = NewKey()})), std::pair(403, 65023));
  EXPECT_TRUE(Enrol(slack, {.public_key = NewKey()}).ok());
}

TEST_F(Enrolment, Refusals_LeaveTheTokenUnused) {
  const auto token = Make();
  world_.MakeDevice("kitchen");
  EXPECT_EQ(Refusal(Enrol(token, {.public_key = NewKey(), .unique_name = "kitchen"})),
            std::pair(409, 20409));
  EXPECT_EQ(Refusal(Enrol(token, {.public_key = NewKey(), .unique_name = "a/b"})),
            std::pair(400, 20001));
  EXPECT_EQ(Refusal(Enrol(token, {.public_key = NewKey(), .hardware_type = "mps2-an505"})),
            std::pair(400, 20001));
  EXPECT_EQ(Fetch(token).date_used, std::nullopt);
  EXPECT_EQ(Devices(), 1U);
  EXPECT_TRUE(Enrol(token, {.public_key = NewKey(), .hardware_type = "stm32u585"}).ok());
}

TEST_F(Enrolment, ExpiredAndRevokedTokens_LetNobodyIn) {
  const auto expires = Make({.valid_sec = 60});
  world_.clock.Advance(59);
  EXPECT_TRUE(world_.service->AuthenticateEnrolment(expires.text).ok());
  world_.clock.Advance(1);
  EXPECT_EQ(Refusal(Enrol(expires, {.public_key = NewKey()})), std::pair(403, 65023));
  const auto revoked = Make();
  const auto caller = world_.service->AuthenticateEnrolment(revoked.text);
  ASSERT_TRUE(world_.service->DeleteEnrolmentToken(*world_.account, revoked.token.sid.text()).ok());
  EXPECT_EQ(Refusal(Enrol(revoked, {.public_key = NewKey()})), std::pair(401, 20003));
  EXPECT_EQ(Refusal(world_.service->EnrolDevice(*caller, {.public_key = NewKey()})),
            std::pair(401, 20003))
      << "also when it was revoked behind its door";
  EXPECT_EQ(Devices(), 0U);
}

TEST_F(Enrolment, Authenticate_AnythingElse_IsTheSameRefusal) {
  const auto token = Make();
  const std::string sid(token.token.sid.text());
  const std::string secret = token.text.substr(sid.size() + 1);
  const std::string wrong = world_.service->AuthenticateEnrolment("").error().message;
  const std::vector<std::string> bad = {sid,
                                        sid + ".",
                                        sid + secret,
                                        secret,
                                        token.text + "0",
                                        token.text.substr(0, token.text.size() - 1),
                                        "ET" + std::string(32, '0') + "." + secret,
                                        sid + "." + Make().text.substr(sid.size() + 1),
                                        world_.token,
                                        std::string(world_.account->sid.text()) + "." + secret};
  for (const std::string& text : bad) {
    const auto refused = world_.service->AuthenticateEnrolment(text);
    EXPECT_EQ(Refusal(refused), std::pair(401, 20003)) << text;
    EXPECT_EQ(refused.error().message, wrong);
  }
  EXPECT_TRUE(world_.service->AuthenticateEnrolment(token.text).ok());
}

TEST_F(Enrolment, Create_GivesDifferentTokensAndKeepsHashesOnly) {
  const auto made = world_.service->CreateEnrolmentTokens(*world_.account, {.count = 50});
  ASSERT_TRUE(made.ok());
  std::set<std::string> texts;
  for (const NewEnrolmentToken& each : *made) {
    texts.insert(each.text);
  }
  EXPECT_EQ(texts.size(), 50U);
  const auto audit = world_.service->ListAudit(*world_.account, {.page_size = 1});
  const std::string& entry = audit->items.at(0).json;
  EXPECT_THAT(entry, HasSubstr("enrolment-token.create"));
  for (const NewEnrolmentToken& each : *made) {
    EXPECT_THAT(entry, HasSubstr(std::string(each.token.sid.text())));
    EXPECT_THAT(entry, Not(HasSubstr(each.text.substr(35))));
  }
  EXPECT_EQ(world_.service->ListEnrolmentTokens(*world_.account, {})->items.size(), 50U);
}

TEST_F(Enrolment, Create_OutsideItsLimits_MakesNone) {
  const auto create = [&](const EnrolmentTokenRequest& request) {
    return Refusal(world_.service->CreateEnrolmentTokens(*world_.account, request));
  };
  EXPECT_EQ(create({.count = 0}), std::pair(400, 20001));
  EXPECT_EQ(create({.count = 1'001}), std::pair(400, 20001));
  EXPECT_EQ(create({.valid_sec = 59}), std::pair(400, 20001));
  EXPECT_EQ(create({.valid_sec = kLongestTokenSec + 1}), std::pair(400, 20001));
  EXPECT_EQ(create({.hardware_type = "toaster"}), std::pair(400, 20001));
  EXPECT_EQ(create({.tags = "a,,b"}), std::pair(400, 20001));
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(create({.count = 1'000, .valid_sec = 60}), std::pair(200, 0));
  }
  EXPECT_EQ(create({}), std::pair(400, 65024));
  world_.clock.Advance(60);
  EXPECT_EQ(create({}), std::pair(200, 0)) << "what has expired waits no more";
}

TEST_F(Enrolment, OldTokens_AreForgottenAndTheirDevicesNot) {
  const auto token = Make({.valid_sec = 60});
  ASSERT_TRUE(Enrol(token, {.public_key = NewKey()}).ok());
  world_.clock.Advance(31 * 24 * 60 * 60);
  Make();
  EXPECT_EQ(world_.service->ListEnrolmentTokens(*world_.account, {})->items.size(), 1U);
  EXPECT_EQ(Devices(), 1U);
}

TEST_F(Enrolment, TokensOfAnotherAccount_DoNotExist) {
  const auto token = Make();
  const std::string_view sid = token.token.sid.text();
  EXPECT_EQ(Refusal(world_.service->FetchEnrolmentToken(*world_.stranger, sid)),
            std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->DeleteEnrolmentToken(*world_.stranger, sid)),
            std::pair(404, 20404));
  EXPECT_TRUE(world_.service->ListEnrolmentTokens(*world_.stranger, {})->items.empty());
  EXPECT_EQ(world_.service->AuthenticateEnrolment(token.text)->account.sid, world_.account->sid);
}

TEST_F(Enrolment, Admit_SlowsOneAddressDownAndNoOther) {
  const std::uint32_t limit = world_.service->limits().enrolments_per_min;
  for (std::uint32_t i = 0; i < limit; ++i) {
    ASSERT_TRUE(world_.service->AdmitEnrolment("192.0.2.1").ok());
  }
  EXPECT_EQ(Refusal(world_.service->AdmitEnrolment("192.0.2.1")), std::pair(429, 20429));
  EXPECT_TRUE(world_.service->AdmitEnrolment("192.0.2.2").ok());
}

}  // namespace
}  // namespace strata::cloud
