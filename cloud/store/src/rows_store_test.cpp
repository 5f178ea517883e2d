// SPDX-License-Identifier: Apache-2.0
// Rows: every field comes back, and what must hold between them is kept by the schema itself.
#include "store_rows_test.hpp"

namespace strata::cloud {
namespace {

class StoreRows : public StoreTest {};

TEST_F(StoreRows, Write_FailingBody_ChangesNothing) {
  const Status failed = Write([](StoreTransaction& transaction) -> Status {
    STRATA_TRY(InsertApp(transaction, AppOf(1, 10)));
    STRATA_TRY_ASSIGN(const auto seen,
                      transaction.FindApp(SidOf<AccountSid>(1), SidOf<AppSid>(10)));
    EXPECT_TRUE(seen.has_value()) << "a transaction sees its own changes";
    return Fail(Code::kPermission, Op::kNone, 77);
  });
  EXPECT_EQ(failed.error(), Fail(Code::kPermission, Op::kNone, 77));
  EXPECT_FALSE(FindApp(1, 10).has_value());
}

TEST_F(StoreRows, Write_WhatIsTaken_IsAlreadyExists) {
  App named = AppOf(1, 10);
  named.unique_name = "blink";
  ASSERT_TRUE(Write([&](StoreTransaction& t) { return InsertApp(t, named); }).ok());
  App other = AppOf(1, 11);
  other.unique_name = "blink";
  const auto code = [&](const Store::WriteBody& body) { return Write(body).error().code; };
  EXPECT_EQ(code([&](StoreTransaction& t) { return InsertApp(t, other); }), Code::kAlreadyExists);
  EXPECT_EQ(code([&](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }),
            Code::kAlreadyExists);
  EXPECT_EQ(code([](StoreTransaction& t) { return t.InsertAccount(AccountOf(1)); }),
            Code::kAlreadyExists);
  other.account_sid = SidOf<AccountSid>(2);
  EXPECT_TRUE(Write([&](StoreTransaction& t) { return InsertApp(t, other); }).ok())
      << "names are each account's own";
  ASSERT_TRUE(Write([](StoreTransaction& t) { return t.InsertDevice(DeviceOf(1, 20)); }).ok());
  DeviceRecord twin = DeviceOf(2, 21);
  twin.fingerprint = DigestOf(20);
  EXPECT_EQ(code([&](StoreTransaction& t) { return t.InsertDevice(twin); }), Code::kAlreadyExists);
}

TEST_F(StoreRows, Write_ReferencesThatDoNotHold_AreInvalid) {
  EXPECT_EQ(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(3, 10)); }).error().code,
            Code::kInvalidArgument)
      << "no such account";
  ASSERT_TRUE(Write([](StoreTransaction& t) { return InsertApp(t, AppOf(1, 10)); }).ok());
  DeviceRecord device = DeviceOf(2, 20);
  device.device.app.target_sid = SidOf<AppSid>(10);
  EXPECT_EQ(Write([&](StoreTransaction& t) { return t.InsertDevice(device); }).error().code,
            Code::kInvalidArgument)
      << "the schema itself keeps a device from another account's app";
  device.device.account_sid = SidOf<AccountSid>(1);
  ASSERT_TRUE(Write([&](StoreTransaction& t) { return t.InsertDevice(device); }).ok());
  EXPECT_EQ(Write([](StoreTransaction& t) {
              return t.DeleteApp(SidOf<AccountSid>(1), SidOf<AppSid>(10));
            })
                .error()
                .code,
            Code::kInvalidArgument)
      << "an app in use can't go, even if a rule forgot to ask";
}

TEST_F(StoreRows, Device_EveryField_ComesBack) {
  ASSERT_TRUE(Write([](StoreTransaction& t) -> Status {
                STRATA_TRY(InsertApp(t, AppOf(1, 10)));
                STRATA_TRY(InsertApp(t, AppOf(1, 11)));
                STRATA_TRY(InsertApp(t, AppOf(1, 12)));
                return t.InsertDevice(DeviceOf(1, 20));
              }).ok());
  DeviceRecord wanted = DeviceOf(1, 20);
  wanted.device.unique_name = "kitchen";
  wanted.device.app = {.target_sid = SidOf<AppSid>(10),
                       .target_hash = DigestOf(10),
                       .date_targeted = 5,
                       .update_status = UpdateStatus::kError,
                       .update_error_code = 502,
                       .update_error_op = 9,
                       .update_error_detail = 0xFFFFFFFF,
                       .reported_sid = SidOf<AppSid>(11),
                       .date_reported = 6,
                       .deployment_id = std::array<std::uint8_t, 16>{1, 2, 3},
                       .update_state = 13,
                       .bytes_staged = 0xFFFFFFFE,
                       .bytes_total = 0xFFFFFFFF};
  wanted.device.logging_enabled = true;
  wanted.device.logging_expires = 7;
  wanted.device.restart_counter = 8;
  wanted.device.keys_sequence = 0xFFFFFFFD;
  wanted.device.keys_error_code = 441;
  wanted.device.date_updated = 200;
  wanted.receipt_counter = ~std::uint64_t{0};
  wanted.updating_sid = SidOf<AppSid>(12);
  ASSERT_TRUE(Write([&](StoreTransaction& t) -> Status {
                STRATA_TRY(t.UpdateDevice(wanted));
                return t.TouchDevice(SidOf<AccountSid>(1), SidOf<DeviceSid>(20), 300);
              }).ok());
  const auto found = Get<std::optional<DeviceRecord>>(
      [](StoreView& view) { return view.FindDeviceNamed(SidOf<AccountSid>(1), "kitchen"); });
  ASSERT_TRUE(found.has_value());
  const Device& device = found->device;
  EXPECT_EQ(device.sid, wanted.device.sid);
  EXPECT_EQ(device.app.target_sid, wanted.device.app.target_sid);
  EXPECT_EQ(device.app.target_hash, wanted.device.app.target_hash);
  EXPECT_EQ(device.app.date_targeted, 5);
  EXPECT_EQ(device.app.update_status, UpdateStatus::kError);
  EXPECT_EQ(device.app.update_error_code, 502U);
  EXPECT_EQ(device.app.update_error_op, 9U);
  EXPECT_EQ(device.app.update_error_detail, 0xFFFFFFFFU);
  EXPECT_EQ(device.app.reported_sid, wanted.device.app.reported_sid);
  EXPECT_EQ(device.app.date_reported, 6);
  EXPECT_EQ(device.app.deployment_id, wanted.device.app.deployment_id);
  EXPECT_EQ(device.app.update_state, 13U);
  EXPECT_EQ(device.app.bytes_staged, 0xFFFFFFFEU);
  EXPECT_EQ(device.app.bytes_total, 0xFFFFFFFFU);
  EXPECT_TRUE(device.logging_enabled);
  EXPECT_EQ(device.logging_expires, 7);
  EXPECT_EQ(device.restart_counter, 8U);
  EXPECT_EQ(device.keys_sequence, 0xFFFFFFFDU);
  EXPECT_EQ(device.keys_error_code, 441U);
  EXPECT_EQ(device.date_created, 100);
  EXPECT_EQ(device.date_updated, 200);
  EXPECT_EQ(device.date_last_seen, 300);
  EXPECT_EQ(found->receipt_counter, ~std::uint64_t{0});
  EXPECT_EQ(found->updating_sid, wanted.updating_sid);
  EXPECT_EQ(found->public_key, wanted.public_key);
  EXPECT_EQ(found->fingerprint, wanted.fingerprint);
}

TEST_F(StoreRows, KeysAndKeyMessages_EveryField_ComesBack) {
  SigningKey key{.key_id = static_cast<KeyId>(7),
                 .account_sid = SidOf<AccountSid>(1),
                 .friendly_name = "offline",
                 .date_created = 5,
                 .type = KeyType::kRotation};
  key.public_key.fill(4);
  KeyMessage message{.account_sid = SidOf<AccountSid>(1),
                     .sequence = 0xFFFFFFFF,
                     .body_hash = DigestOf(3),
                     .signer = static_cast<KeyId>(7),
                     .bytes = kManifest,
                     .date_created = 6};
  ASSERT_TRUE(Write([&](StoreTransaction& t) -> Status {
                STRATA_TRY(t.InsertKey(key));
                return t.InsertKeyMessage(message);
              }).ok());
  EXPECT_EQ(Write([&](StoreTransaction& t) { return t.InsertKeyMessage(message); }).error().code,
            Code::kAlreadyExists);
  const auto find = [&] {
    return *Get<std::optional<SigningKey>>(
        [&](StoreView& view) { return view.FindKey(key.account_sid, key.key_id); });
  };
  EXPECT_EQ(find().type, KeyType::kRotation);
  EXPECT_EQ(find().public_key, key.public_key);
  EXPECT_FALSE(find().revoked);
  key.revoked = true;
  key.added_by = 0xFFFFFFFE;
  ASSERT_TRUE(Write([&](StoreTransaction& t) { return t.UpdateKey(key); }).ok());
  EXPECT_TRUE(find().revoked);
  EXPECT_EQ(find().added_by, 0xFFFFFFFEU);
  EXPECT_TRUE(Get<std::vector<SigningKey>>([](StoreView& view) {
                return view.ActiveSigners(SidOf<AccountSid>(1));
              }).empty())
      << "a rotation key signs no manifest";

  const auto found = Get<std::optional<KeyMessage>>(
      [](StoreView& view) { return view.FindKeyMessage(SidOf<AccountSid>(1), 0xFFFFFFFF); });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->account_sid, message.account_sid);
  EXPECT_EQ(found->sequence, message.sequence);
  EXPECT_EQ(found->body_hash, message.body_hash);
  EXPECT_EQ(found->signer, message.signer);
  EXPECT_EQ(found->bytes, message.bytes);
  EXPECT_EQ(found->date_created, message.date_created);
  const auto newest = [&](std::uint8_t account) {
    return Get<std::uint32_t>(
        [&](StoreView& view) { return view.NewestKeySequence(SidOf<AccountSid>(account)); });
  };
  EXPECT_EQ(newest(1), 0xFFFFFFFFU);
  EXPECT_EQ(newest(2), 0U);
}

TEST_F(StoreRows, CountDevicesAt_TellsCurrentAndRefusedApart) {
  ASSERT_TRUE(Write([](StoreTransaction& t) -> Status {
                for (std::uint8_t i = 0; i < 6; ++i) {
                  DeviceRecord record = DeviceOf(i == 5 ? 2 : 1, static_cast<std::uint8_t>(20 + i));
                  record.device.keys_sequence = i / 2U;          // 0 0 1 1 2, and another account's
                  record.device.keys_error_code = i % 2 * 441U;  // every other one
                  STRATA_TRY(t.InsertDevice(record));
                }
                return {};
              }).ok());
  const auto count = [&](std::uint32_t sequence) {
    return Get<KeyChangeDevices>(
        [&](StoreView& view) { return view.CountDevicesAt(SidOf<AccountSid>(1), sequence); });
  };
  EXPECT_EQ(count(1).total, 5U);
  EXPECT_EQ(count(1).current, 3U);
  EXPECT_EQ(count(1).refused, 1U);
  EXPECT_EQ(count(2).current, 1U);
  EXPECT_EQ(count(2).refused, 1U);
  EXPECT_EQ(count(3).current, 0U);
  EXPECT_EQ(count(3).refused, 0U) << "it stands there without a complaint";
}

TEST_F(StoreRows, UsedLayers_AreThoseThatBeginSo) {
  const auto digest = [](std::uint8_t first, std::uint8_t rest) {
    Digest made;
    made.bytes.fill(rest);
    made.bytes.front() = first;
    return made;
  };
  const std::vector<Digest> all = {digest(0x00, 0x00),
                                   digest(0x00, 0xFF),
                                   digest(0x7F, 0xFF),
                                   digest(0xFF, 0x00),
                                   digest(0xFF, 0xFF)};
  std::vector<StoredLayer> layers;
  for (const Digest& each : all) {
    layers.push_back({each, 5});
  }
  const std::vector<std::uint8_t> manifest = {1};
  ASSERT_TRUE(
      Write([&](StoreTransaction& t) { return t.InsertApp(AppOf(1, 10), manifest, layers); }).ok());
  ASSERT_TRUE(
      Write([&](StoreTransaction& t) { return t.InsertApp(AppOf(2, 11), manifest, layers); }).ok());
  const auto used = [&](std::uint8_t first) {
    return Get<std::vector<Digest>>([first](StoreView& view) { return view.UsedLayers(first); });
  };
  EXPECT_THAT(used(0x00), testing::UnorderedElementsAre(all[0], all[1]));
  EXPECT_THAT(used(0x7F), testing::UnorderedElementsAre(all[2]));
  EXPECT_THAT(used(0x80), testing::IsEmpty());
  EXPECT_THAT(used(0xFF), testing::UnorderedElementsAre(all[3], all[4]));
}

TEST_F(StoreRows, Text_WithQuotesAndNul_IsData) {
  App app = AppOf(1, 10);
  app.unique_name = "'; DROP TABLE apps; --";
  app.app_version = std::string("a\0b", 3);
  ASSERT_TRUE(Write([&](StoreTransaction& t) { return InsertApp(t, app); }).ok());
  const auto found = Get<std::optional<App>>(
      [&](StoreView& view) { return view.FindAppNamed(SidOf<AccountSid>(1), *app.unique_name); });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->app_version, app.app_version);
}

}  // namespace
}  // namespace strata::cloud
