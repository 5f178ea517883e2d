// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class DeviceSide : public testing::Test {
 protected:
  ApiOutcome Send(const wire::ReceiptBody& receipt) {
    return world_.service->TakeReceipt(device_.identity, SignReceipt(receipt, device_.key));
  }

  wire::ReceiptBody Receipt(std::uint64_t counter, wire::Verdict verdict) {
    return ReceiptFor(world_.Fetch(device_), counter, verdict);
  }

  ApiOutcome Send(const wire::Report& report) {
    return world_.service->TakeReport(device_.identity, EncodeReport(report));
  }

  wire::DesiredState Desired() {
    const auto body = world_.service->Desired(device_.identity);
    EXPECT_TRUE(body.ok());
    return wire::DecodeDesiredState(body->bytes).value();
  }

  std::string Etag() { return world_.service->Desired(device_.identity)->etag; }

  TestWorld world_;
  TestWorld::TestDevice device_ = world_.MakeDevice("kitchen");
};

TEST_F(DeviceSide, Identify_ForeignKey_Is403) {
  EXPECT_EQ(Refusal(world_.service->IdentifyDevice(Digest{})), std::pair(403, 20006));
}

TEST_F(DeviceSide, Desired_NeverTargeted_IsEmpty) {
  EXPECT_EQ(Desired(), wire::DesiredState{});
  EXPECT_EQ(Etag().size(), 66U);
  EXPECT_EQ(Etag().front(), '"');
  EXPECT_EQ(Etag().back(), '"');
}

TEST_F(DeviceSide, Desired_AfterDeploy_NamesDeploymentAndEtagChangesWithEach) {
  const std::string none = Etag();
  const App app = world_.MakeApp();
  const Device device = world_.Deploy(device_, app);
  const wire::DesiredState state = Desired();
  ASSERT_TRUE(state.deployment.has_value());
  EXPECT_EQ(state.deployment->app, app.sid);
  EXPECT_EQ(state.deployment->manifest_hash, app.manifest_hash);
  EXPECT_EQ(state.deployment->id, *device.app.deployment_id);
  const std::string first = Etag();
  EXPECT_NE(first, none);
  EXPECT_EQ(Etag(), first);
  ASSERT_TRUE(Send(Receipt(1, wire::Verdict::kFailed)).ok());
  EXPECT_EQ(Etag(), first) << "a receipt is no change of what is desired";
  world_.Deploy(device_, app);
  EXPECT_NE(Etag(), first) << "the same app deployed again is a new deployment";
}

TEST_F(DeviceSide, Desired_TouchesLastSeenAtMostEvery30Seconds) {
  Desired();
  const UnixSeconds first = world_.clock.Now();
  EXPECT_EQ(world_.Fetch(device_).date_last_seen, first);
  const int writes = world_.store->writes;
  world_.clock.Advance(29);
  Desired();
  EXPECT_EQ(world_.store->writes, writes);
  EXPECT_EQ(world_.Fetch(device_).date_last_seen, first);
  world_.clock.Advance(1);
  Desired();
  EXPECT_EQ(world_.Fetch(device_).date_last_seen, first + 30);
  world_.clock.Advance(-1000);
  Desired();
  EXPECT_EQ(world_.Fetch(device_).date_last_seen, first - 970) << "a clock set back is followed";
}

TEST_F(DeviceSide, Desired_TouchFails_DeviceIsServedAnyway) {
  world_.store->calls_until_failure = 2;
  EXPECT_TRUE(world_.service->Desired(device_.identity).ok());
  EXPECT_LE(world_.store->calls_until_failure, 0);
}

TEST_F(DeviceSide, ManifestAndLayers_OfTargetApp_AreServed) {
  const auto bundle = world_.SignedBundle();
  const auto app = world_.UploadZip(*world_.account, bundle.zip);
  const Digest layer = bundle.body.layers.front().fetch_digest;
  EXPECT_EQ(Refusal(world_.service->ManifestForDevice(device_.identity, app->app.manifest_hash)),
            std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->LayerForDevice(device_.identity, layer)),
            std::pair(404, 20404));
  world_.Deploy(device_, app->app);
  const auto manifest = world_.service->ManifestForDevice(device_.identity, app->app.manifest_hash);
  ASSERT_TRUE(manifest.ok());
  EXPECT_EQ(*manifest, bundle::SerializeManifest(bundle.manifest));
  const auto handle = world_.service->LayerForDevice(device_.identity, layer);
  ASSERT_TRUE(handle.ok());
  EXPECT_EQ(handle->size_bytes, std::filesystem::file_size(handle->path));
}

TEST_F(DeviceSide, Layers_OfReportedAppAndRunningUpdate_StayReadableUntilTheyEnd) {
  const auto readable = [this](const App& app) {
    return world_.service->ManifestForDevice(device_.identity, app.manifest_hash).ok();
  };
  const App first = world_.MakeApp(0x11);
  const App second = world_.MakeApp(0x33);
  const App third = world_.MakeApp(0x55);
  world_.Deploy(device_, first);
  ASSERT_TRUE(Send(Receipt(1, wire::Verdict::kConfirmed)).ok());
  const Device updating = world_.Deploy(device_, second);
  EXPECT_TRUE(readable(first)) << "still runs";
  ASSERT_TRUE(Send(wire::Report{.deployment_id = *updating.app.deployment_id,
                                .state = wire::UpdateState::kVerifyingStaged,
                                .error = {}})
                  .ok());
  world_.Deploy(device_, third);
  EXPECT_TRUE(readable(first) && readable(second) && readable(third));
  ASSERT_TRUE(Send(Receipt(2, wire::Verdict::kConfirmed)).ok());
  EXPECT_FALSE(readable(first));
  EXPECT_FALSE(readable(second));
  EXPECT_TRUE(readable(third));
}

TEST_F(DeviceSide, Layer_ThatVanishedFromDisk_Is404) {
  const auto bundle = world_.SignedBundle();
  world_.Deploy(device_, world_.UploadZip(*world_.account, bundle.zip)->app);
  const Digest layer = bundle.body.layers.front().fetch_digest;
  ASSERT_TRUE(world_.blobs->Remove(layer).ok());
  EXPECT_EQ(Refusal(world_.service->LayerForDevice(device_.identity, layer)),
            std::pair(404, 20404));
}

TEST_F(DeviceSide, Report_OfCurrentDeployment_ShowsProgressAndNeverChangesStatus) {
  const Device device = world_.Deploy(device_, world_.MakeApp());
  wire::Report report{.deployment_id = *device.app.deployment_id,
                      .state = wire::UpdateState::kFetchingLayers,
                      .bytes_staged = 100,
                      .bytes_total = 20'000,
                      .error = Fail(Code::kCloudUnreachable)};
  ASSERT_TRUE(Send(report).ok());
  const Device shown = world_.Fetch(device_);
  EXPECT_EQ(shown.app.update_state, static_cast<std::uint32_t>(wire::UpdateState::kFetchingLayers));
  EXPECT_EQ(shown.app.bytes_staged, 100U);
  EXPECT_EQ(shown.app.bytes_total, 20'000U);
  EXPECT_EQ(shown.app.update_status, UpdateStatus::kPending);
  EXPECT_EQ(shown.app.update_error_code, 0U);
  report.state = wire::UpdateState::kConfirmed;
  ASSERT_TRUE(Send(report).ok());
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kPending);
  EXPECT_FALSE(world_.Fetch(device_).app.reported_sid.has_value());
}

TEST_F(DeviceSide, Report_OfAnotherDeployment_ChangesNothing) {
  world_.Deploy(device_, world_.MakeApp());
  ASSERT_TRUE(Send(wire::Report{.deployment_id = wire::DeploymentId{9},
                                .state = wire::UpdateState::kStaged,
                                .bytes_staged = 5,
                                .error = {}})
                  .ok());
  EXPECT_EQ(world_.Fetch(device_).app.update_state, 0U);
  EXPECT_EQ(world_.Fetch(device_).app.bytes_staged, 0U);
}

TEST_F(DeviceSide, Report_AboutKeysAlone_ChangesNoUpdate) {
  ASSERT_TRUE(Send(wire::Report{.state = wire::UpdateState::kFetchingLayers, .error = {}}).ok());
  EXPECT_EQ(world_.Fetch(device_).app.update_state, 0U);
}

TEST_F(DeviceSide, ReportsAboutKeys_LeaveOneEvent) {
  ASSERT_TRUE(
      world_.service
          ->UpdateDevice(*world_.account, device_.resource.sid.text(), {.unique_name = "renamed"})
          .ok());
  for (std::uint32_t sequence = 1; sequence < 20; ++sequence) {
    ASSERT_TRUE(Send(wire::Report{.error = {}, .keys_sequence = sequence % 2 + 1}).ok());
  }
  const auto events = world_.service->ListEvents(
      *world_.account, {.page_size = 100}, {.type = EventType::kDeviceChanged});
  ASSERT_EQ(events->items.size(), 2U) << "the name's and the newest";
  EXPECT_EQ(events->items[0].error.op, static_cast<std::uint32_t>(Op::kNewKeys));
  EXPECT_EQ(events->items[0].error.code, 0U);
  EXPECT_EQ(events->items[1].error.op, 0U);
}

TEST_F(DeviceSide, ReportsAndReceipts_TooOften_Are429) {
  const std::vector<std::uint8_t> nothing;
  const auto taken = [&](auto send) {
    int count = 0;
    while (count < 2'000 && Refusal(send()).first != 429) {
      ++count;
    }
    return count;
  };
  const auto report = [&] { return world_.service->TakeReport(device_.identity, nothing); };
  const auto receipt = [&] { return world_.service->TakeReceipt(device_.identity, nothing); };
  EXPECT_EQ(taken(report), 1'100);
  EXPECT_EQ(taken(receipt), 60) << "each has its own";
  EXPECT_EQ(receipt().error().retry_after_sec, 6);
  world_.clock.Advance(6);
  EXPECT_EQ(taken(report), 60);
  EXPECT_EQ(taken(receipt), 1);
}

TEST_F(DeviceSide, Report_Repeated_WritesOnce) {
  const Device device = world_.Deploy(device_, world_.MakeApp());
  const wire::Report report{
      .deployment_id = *device.app.deployment_id, .state = wire::UpdateState::kStaged, .error = {}};
  ASSERT_TRUE(Send(report).ok());
  const int writes = world_.store->writes;
  ASSERT_TRUE(Send(report).ok());
  EXPECT_EQ(world_.store->writes, writes);
}

TEST_F(DeviceSide, NewTarget_ClearsTheProgressOfTheOldOne) {
  const Device device = world_.Deploy(device_, world_.MakeApp(0x11));
  ASSERT_TRUE(Send(wire::Report{.deployment_id = *device.app.deployment_id,
                                .state = wire::UpdateState::kStaged,
                                .bytes_staged = 5,
                                .bytes_total = 5,
                                .error = {}})
                  .ok());
  const Device after = world_.Deploy(device_, world_.MakeApp(0x22));
  EXPECT_EQ(after.app.update_state, 0U);
  EXPECT_EQ(after.app.bytes_staged, 0U);
  EXPECT_EQ(after.app.bytes_total, 0U);
}

TEST_F(DeviceSide, ReportsAndReceipts_Malformed_Are400) {
  const std::vector<std::uint8_t> huge(5000, 0);
  for (const ByteSpan body : {AsBytes("rubbish"), ByteSpan(huge), ByteSpan()}) {
    EXPECT_EQ(Refusal(world_.service->TakeReport(device_.identity, body)), std::pair(400, 20001));
    EXPECT_EQ(Refusal(world_.service->TakeReceipt(device_.identity, body)), std::pair(400, 20001));
  }
}

TEST_F(DeviceSide, Receipt_Confirmed_IsUpToDateAndProvesTheApp) {
  const App app = world_.MakeApp();
  world_.Deploy(device_, app);
  world_.clock.Advance(60);
  ASSERT_TRUE(Send(Receipt(1, wire::Verdict::kConfirmed)).ok());
  const Device device = world_.Fetch(device_);
  EXPECT_EQ(device.app.update_status, UpdateStatus::kUpToDate);
  EXPECT_EQ(device.app.reported_sid, app.sid);
  EXPECT_EQ(device.app.date_reported, world_.clock.Now());
  EXPECT_EQ(device.date_updated, world_.clock.Now());
  EXPECT_EQ(device.date_last_seen, world_.clock.Now());
}

TEST_F(DeviceSide, Receipt_FailedOrReverted_IsAnErrorAndKeepsReportedApp) {
  const App good = world_.MakeApp(0x11);
  const App bad = world_.MakeApp(0x22);
  world_.Deploy(device_, good);
  ASSERT_TRUE(Send(Receipt(1, wire::Verdict::kConfirmed)).ok());
  world_.Deploy(device_, bad);
  wire::ReceiptBody receipt = Receipt(2, wire::Verdict::kReverted);
  receipt.error = Fail(Code::kTrialExpired, Op::kConfirm, 7);
  ASSERT_TRUE(Send(receipt).ok());
  const Device device = world_.Fetch(device_);
  EXPECT_EQ(device.app.update_status, UpdateStatus::kError);
  EXPECT_EQ(device.app.update_error_code, 502U);
  EXPECT_EQ(device.app.update_error_op, static_cast<std::uint32_t>(Op::kConfirm));
  EXPECT_EQ(device.app.update_error_detail, 7U);
  EXPECT_EQ(device.app.target_sid, bad.sid) << "the target app stays";
  EXPECT_EQ(device.app.reported_sid, good.sid);
}

TEST_F(DeviceSide, Receipt_FailedWithoutCode_StillShowsAnError) {
  world_.Deploy(device_, world_.MakeApp());
  ASSERT_TRUE(Send(Receipt(1, wire::Verdict::kFailed)).ok());
  EXPECT_EQ(world_.Fetch(device_).app.update_error_code, 106U);
}

TEST_F(DeviceSide, Receipt_ConfirmedAfterErrorOfTheSameDeployment_IsUpToDate) {
  const App app = world_.MakeApp();
  world_.Deploy(device_, app);
  wire::ReceiptBody failed = Receipt(1, wire::Verdict::kFailed);
  failed.error = Fail(Code::kDeviceSilent);
  ASSERT_TRUE(Send(failed).ok());
  ASSERT_TRUE(Send(Receipt(2, wire::Verdict::kConfirmed)).ok());
  const Device device = world_.Fetch(device_);
  EXPECT_EQ(device.app.update_status, UpdateStatus::kUpToDate);
  EXPECT_EQ(device.app.update_error_code, 0U);
  EXPECT_EQ(device.app.reported_sid, app.sid);
}

TEST_F(DeviceSide, Receipt_Repeated_ChangesNothing) {
  world_.Deploy(device_, world_.MakeApp());
  const wire::ReceiptBody receipt = Receipt(5, wire::Verdict::kConfirmed);
  ASSERT_TRUE(Send(receipt).ok());
  const Device before = world_.Fetch(device_);
  world_.clock.Advance(5);
  ASSERT_TRUE(Send(receipt).ok());
  EXPECT_EQ(world_.Fetch(device_).app.date_reported, before.app.date_reported);
}

TEST_F(DeviceSide, Receipt_CounterNotAboveTheLast_ChangesNothing) {
  world_.Deploy(device_, world_.MakeApp(0x11));
  ASSERT_TRUE(Send(Receipt(~std::uint64_t{0} - 1, wire::Verdict::kConfirmed)).ok())
      << "counters use all 64 bits";
  world_.Deploy(device_, world_.MakeApp(0x22));
  ASSERT_TRUE(Send(Receipt(7, wire::Verdict::kConfirmed)).ok());
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kPending);
  ASSERT_TRUE(Send(Receipt(~std::uint64_t{0}, wire::Verdict::kConfirmed)).ok());
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kUpToDate);
}

TEST_F(DeviceSide, Receipt_CounterZero_NeverCounts) {
  world_.Deploy(device_, world_.MakeApp());
  ASSERT_TRUE(Send(Receipt(0, wire::Verdict::kConfirmed)).ok());
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kPending);
}

TEST_F(DeviceSide, Receipt_OfUnknownDeploymentOrOtherManifest_ChangesNothing) {
  world_.Deploy(device_, world_.MakeApp(0x11));
  wire::ReceiptBody older_other_manifest = Receipt(1, wire::Verdict::kConfirmed);
  older_other_manifest.manifest_hash.bytes[0] ^= 1;
  wire::ReceiptBody unknown = Receipt(1, wire::Verdict::kConfirmed);
  unknown.deployment_id[0] ^= 1;
  world_.Deploy(device_, world_.MakeApp(0x22));
  ASSERT_TRUE(Send(older_other_manifest).ok());
  ASSERT_TRUE(Send(unknown).ok());
  wire::ReceiptBody other_manifest = Receipt(2, wire::Verdict::kConfirmed);
  other_manifest.manifest_hash.bytes[0] ^= 1;
  ASSERT_TRUE(Send(other_manifest).ok());
  const Device device = world_.Fetch(device_);
  EXPECT_EQ(device.app.update_status, UpdateStatus::kPending);
  EXPECT_FALSE(device.app.reported_sid.has_value());
  ASSERT_TRUE(Send(Receipt(1, wire::Verdict::kConfirmed)).ok());
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kUpToDate)
      << "a receipt that did not count used up no counter";
}

TEST_F(DeviceSide, Receipt_NeverTargeted_ChangesNothing) {
  wire::ReceiptBody receipt = Receipt(1, wire::Verdict::kConfirmed);
  receipt.deployment_id = wire::DeploymentId{1};
  EXPECT_TRUE(Send(receipt).ok());
  EXPECT_FALSE(world_.Fetch(device_).app.reported_sid.has_value());
}

TEST_F(DeviceSide, Receipt_SignedByAnotherKey_Is400) {
  world_.Deploy(device_, world_.MakeApp());
  const auto other = std::move(bundle::PrivateKey::Generate()).value();
  const auto body = SignReceipt(Receipt(1, wire::Verdict::kConfirmed), other);
  const auto refused = world_.service->TakeReceipt(device_.identity, body);
  EXPECT_EQ(Refusal(refused), std::pair(400, 20001));
  EXPECT_THAT(refused.error().message, HasSubstr("signature"));
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kPending);
}

TEST_F(DeviceSide, Receipt_SignedAsAnotherKindOfMessage_Is400) {
  world_.Deploy(device_, world_.MakeApp());
  std::vector<std::uint8_t> body(wire::kMaxReceiptBodyBytes);
  body.resize(wire::Encode(Receipt(1, wire::Verdict::kConfirmed), body).value());
  const Signature signature = device_.key.Sign(bundle::kManifestPrefix, body).value();
  std::vector<std::uint8_t> out(wire::kMaxReceiptBytes);
  out.resize(wire::Encode(wire::Receipt{body, signature}, out).value());
  EXPECT_EQ(Refusal(world_.service->TakeReceipt(device_.identity, out)), std::pair(400, 20001));
}

TEST_F(DeviceSide, Receipt_EachBitFlipped_NeverCounts) {
  world_.Deploy(device_, world_.MakeApp());
  const auto good = SignReceipt(Receipt(1, wire::Verdict::kConfirmed), device_.key);
  for (std::size_t i = 0; i < good.size(); i += 3) {
    auto bad = good;
    bad[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    EXPECT_FALSE(world_.service->TakeReceipt(device_.identity, bad).ok()) << i;
  }
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kPending);
}

TEST_F(DeviceSide, Receipt_OfAnotherDevice_Is400EvenIfSignedBySender) {
  const auto other = world_.MakeDevice();
  const App app = world_.MakeApp();
  world_.Deploy(device_, app);
  world_.Deploy(other, app);
  const auto theirs = ReceiptFor(world_.Fetch(other), 1, wire::Verdict::kConfirmed);
  EXPECT_EQ(Refusal(Send(theirs)), std::pair(400, 20001));
  EXPECT_EQ(Refusal(world_.service->TakeReceipt(device_.identity, SignReceipt(theirs, other.key))),
            std::pair(400, 20001));
  EXPECT_EQ(world_.Fetch(other).app.update_status, UpdateStatus::kPending);
}

TEST_F(DeviceSide, Receipt_CommitFails_ChangesNothingAndTheRetryCounts) {
  world_.Deploy(device_, world_.MakeApp());
  const wire::ReceiptBody receipt = Receipt(1, wire::Verdict::kConfirmed);
  Desired();  // so that the next call does not touch
  world_.store->calls_until_failure = 2;
  EXPECT_EQ(Refusal(Send(receipt)), std::pair(500, 20500));
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kPending);
  ASSERT_TRUE(Send(receipt).ok());
  EXPECT_EQ(world_.Fetch(device_).app.update_status, UpdateStatus::kUpToDate);
}

}  // namespace
}  // namespace strata::cloud
