// SPDX-License-Identifier: Apache-2.0
#include "status_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::device {
namespace {

using ::testing::HasSubstr;

const DeviceSid kSid = *DeviceSid::Parse("UV0123456789abcdef0123456789abcdef");

engine::Snapshot WithApp() {
  engine::Snapshot snapshot;
  snapshot.state = engine::State::kConfirmed;
  snapshot.current = wire::Deployment{
      *AppSid::Parse("KA0123456789abcdef0123456789abcdef"), Digest{}, wire::DeploymentId{1, 2, 3}};
  return snapshot;
}

TEST(Status, Json_OfADeviceWithoutApp_HasNulls) {
  EXPECT_EQ(StatusJson(kSid, engine::Snapshot{}),
            "{\"sid\": \"UV0123456789abcdef0123456789abcdef\", \"state\": \"Idle\", "
            "\"currentApp\": null, \"manifestHash\": null, \"deploymentId\": null, "
            "\"keysSequence\": 0, \"lastError\": null}\n");
}

TEST(Status, Json_OfADeviceWithApp_NamesIt) {
  const std::string text = StatusJson(kSid, WithApp());
  EXPECT_THAT(text, HasSubstr("\"state\": \"Confirmed\""));
  EXPECT_THAT(text, HasSubstr("\"currentApp\": \"KA0123456789abcdef0123456789abcdef\""));
  EXPECT_THAT(text, HasSubstr("\"manifestHash\": \"" + std::string(64, '0') + "\""));
  EXPECT_THAT(text, HasSubstr("\"deploymentId\": \"01020300000000000000000000000000\""));
}

TEST(Status, Json_OfAnError_HasItsFiveFields) {
  engine::Snapshot snapshot = WithApp();
  snapshot.last_error = Fail(Code::kLayerHashMismatch, Op::kFetchLayer, 2);
  const std::string text = StatusJson(kSid, snapshot);
  EXPECT_THAT(
      text,
      HasSubstr("\"lastError\": {\"code\": 300, \"name\": \"LayerHashMismatch\", \"op\": \""));
  EXPECT_THAT(text, HasSubstr("\"detail\": 2, \"message\": \""));
  EXPECT_TRUE(text.ends_with("\"}}\n"));
}

TEST(Status, KeysSequence_IsSaid) {
  engine::Snapshot snapshot;
  snapshot.keys_sequence = 7;
  EXPECT_THAT(StatusJson(kSid, snapshot), HasSubstr("\"keysSequence\": 7, "));
  EXPECT_THAT(StatusForPeople(kSid, snapshot), HasSubstr("key change 7\n"));
}

TEST(Status, ForPeople_Always_SaysStateAppAndError) {
  EXPECT_THAT(StatusForPeople(kSid, engine::Snapshot{}), HasSubstr("none installed"));
  engine::Snapshot snapshot = WithApp();
  snapshot.last_error = Fail(Code::kTrialExpired, Op::kConfirm);
  const std::string text = StatusForPeople(kSid, snapshot);
  EXPECT_THAT(text, HasSubstr("KA0123456789abcdef0123456789abcdef"));
  EXPECT_THAT(text, HasSubstr("TrialExpired, code 502"));
}

}  // namespace
}  // namespace strata::device
