// SPDX-License-Identifier: Apache-2.0
// What devices see of the chain of NewKeys messages, and what their reports say of it.
#include "key_changes_test.hpp"

namespace strata::cloud {
namespace {

using testing::IsEmpty;

using KeyChangesOfDevices = KeyChangesWorld;

TEST_F(KeyChangesOfDevices, Desired_NamesTheNewestAndChangesItsEtag) {
  const auto device = world_.MakeDevice();
  const std::string before = world_.service->Desired(device.identity)->etag;
  EXPECT_EQ(Desired(device).keys_sequence, 0U);
  ASSERT_TRUE(Send(Adding(NewKey())).ok());
  EXPECT_EQ(Desired(device).keys_sequence, 1U);
  EXPECT_NE(world_.service->Desired(device.identity)->etag, before);
  ASSERT_TRUE(Send(Next()).ok());
  EXPECT_EQ(Desired(device).keys_sequence, 2U);
}

TEST_F(KeyChangesOfDevices, DevicesFetchTheirOwnAccountsMessages) {
  const auto device = world_.MakeDevice();
  const auto made = Send(Adding(NewKey()));
  ASSERT_TRUE(made.ok());
  world_.signals.TakeKeys();
  EXPECT_EQ(world_.service->KeysForDevice(device.identity, "1").value(), made->first.message);
  for (const char* name : {"0", "2", "01", "+1", "1 ", "", "4294967297", "-1", "x"}) {
    EXPECT_EQ(Refusal(world_.service->KeysForDevice(device.identity, name)), std::pair(404, 20404))
        << name;
    EXPECT_EQ(Refusal(world_.service->FetchKeyChange(*world_.account, name)), std::pair(404, 20404))
        << name;
  }
  const auto key = NewKey();
  ASSERT_TRUE(world_.service
                  ->ProvisionDevice(*world_.stranger,
                                    {.public_key = key.public_key(), .hardware_type = "stm32u585"})
                  .ok());
  const auto theirs =
      world_.service->IdentifyDevice(bundle::PublicKeyFingerprint(key.public_key()));
  EXPECT_EQ(Refusal(world_.service->KeysForDevice(*theirs, "1")), std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->FetchKeyChange(*world_.stranger, "1")), std::pair(404, 20404));
  EXPECT_THAT(world_.service->ListKeyChanges(*world_.stranger, {})->items, IsEmpty());
  ExpectRefused(world_.service->CreateKeyChange(*world_.stranger, made->first.message),
                Code::kRotationKeyUnknown);
}

TEST_F(KeyChangesOfDevices, Reports_SayWhereDevicesStand) {
  const auto ahead = world_.MakeDevice();
  const auto behind = world_.MakeDevice();
  world_.MakeDevice();
  ASSERT_TRUE(Send(Adding(NewKey())).ok());
  ASSERT_TRUE(Send(Next()).ok());
  ASSERT_TRUE(Report(ahead, {.error = {}, .keys_sequence = 2}).ok());
  ASSERT_TRUE(
      Report(behind, {.error = Fail(Code::kLastSigner, Op::kNewKeys), .keys_sequence = 1}).ok());
  EXPECT_EQ(world_.Fetch(ahead).keys_sequence, 2U);
  EXPECT_EQ(world_.Fetch(behind).keys_sequence, 1U);
  EXPECT_EQ(world_.Fetch(behind).keys_error_code, 444U);
  const auto first = world_.service->FetchKeyChange(*world_.account, "1");
  EXPECT_EQ(first->devices.total, 3U);
  EXPECT_EQ(first->devices.current, 2U);
  EXPECT_EQ(first->devices.refused, 0U);
  const auto second = world_.service->FetchKeyChange(*world_.account, "2");
  EXPECT_EQ(second->devices.current, 1U);
  EXPECT_EQ(second->devices.refused, 1U);

  // It went on: the error is over. A report on an update says nothing about keys.
  const Device deployed = world_.Deploy(behind, world_.MakeApp());
  wire::Report update{.deployment_id = deployed.app.deployment_id,
                      .state = wire::UpdateState::kFetchingLayers,
                      .error = Fail(Code::kLayerHashMismatch, Op::kFetchLayer)};
  ASSERT_TRUE(Report(behind, update).ok());
  EXPECT_EQ(world_.Fetch(behind).keys_sequence, 1U);
  EXPECT_EQ(world_.Fetch(behind).keys_error_code, 444U);
  update.keys_sequence = 2;
  ASSERT_TRUE(Report(behind, update).ok());
  EXPECT_EQ(world_.Fetch(behind).keys_sequence, 2U);
  EXPECT_EQ(world_.Fetch(behind).keys_error_code, 0U);
}

TEST_F(KeyChangesOfDevices, ReportsAndReceipts_NeverChangeKeys) {
  const auto device = world_.MakeDevice();
  const Device deployed = world_.Deploy(device, world_.MakeApp());
  ASSERT_TRUE(Send(Adding(NewKey())).ok());
  const std::size_t keys = world_.service->ListKeys(*world_.account, {})->items.size();
  world_.signals.TakeKeys();
  ASSERT_TRUE(Report(device, {.error = {}, .keys_sequence = UINT32_MAX}).ok());
  ASSERT_TRUE(Report(device,
                     {.deployment_id = deployed.app.deployment_id,
                      .error = Fail(Code::kNewKeysMalformed, Op::kNewKeys),
                      .keys_sequence = 7})
                  .ok());
  ASSERT_TRUE(
      world_.service
          ->TakeReceipt(device.identity,
                        SignReceipt(ReceiptFor(deployed, 1, wire::Verdict::kConfirmed), device.key))
          .ok());
  const auto message = world_.service->FetchKeyChange(*world_.account, "1")->message;
  EXPECT_FALSE(world_.service->TakeReceipt(device.identity, message).ok());
  EXPECT_EQ(ChainLength(), 1U);
  EXPECT_EQ(Desired(device).keys_sequence, 1U);
  EXPECT_EQ(world_.service->ListKeys(*world_.account, {})->items.size(), keys);
  EXPECT_THAT(world_.signals.TakeKeys(), IsEmpty());
}

}  // namespace
}  // namespace strata::cloud
