// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;

wire::SettingName NameOf(wire::SettingKind kind, wire::SettingScope scope, std::string_view key) {
  return {.kind = kind, .scope = scope, .key = *wire::SettingKey::Parse(key)};
}

const wire::SettingName kMyConfig =
    NameOf(wire::SettingKind::kConfig, wire::SettingScope::kDevice, "k");
const wire::SettingName kMySecret =
    NameOf(wire::SettingKind::kSecret, wire::SettingScope::kDevice, "k");
const wire::SettingName kOurConfig =
    NameOf(wire::SettingKind::kConfig, wire::SettingScope::kAccount, "k");
const wire::SettingName kOurSecret =
    NameOf(wire::SettingKind::kSecret, wire::SettingScope::kAccount, "k");

std::vector<std::uint8_t> Encoded(const std::vector<wire::SettingName>& names) {
  wire::SettingsRequest request{.names = {}, .count = static_cast<std::uint32_t>(names.size())};
  std::copy(names.begin(), names.end(), request.names.begin());
  std::vector<std::uint8_t> out(wire::kMaxSettingsRequestBytes);
  out.resize(wire::Encode(request, out).value());
  return out;
}

class DeviceSettings : public testing::Test {
 protected:
  void Create(const SettingPlace& place, std::string_view key, std::string_view value) {
    const auto made = world_.service->CreateSetting(*world_.account, place, key, value);
    ASSERT_TRUE(made.ok()) << made.error().message;
  }

  /// Each item as its value, "not found" or "server error".
  std::vector<std::string> Ask(const DeviceIdentity& device,
                               const std::vector<wire::SettingName>& names) {
    const auto answer = world_.service->SettingsForDevice(device, Encoded(names));
    if (!answer.ok()) {
      return {"refused"};
    }
    const auto decoded = wire::DecodeSettingsAnswer(*answer);
    std::vector<std::string> texts;
    for (std::size_t i = 0; decoded.ok() && i < decoded->count; ++i) {
      const wire::SettingItem& item = decoded->items[i];
      texts.push_back(item.status == wire::SettingStatus::kOk ? std::string(AsText(item.value))
                      : item.status == wire::SettingStatus::kKeyNotFound ? "not found"
                                                                         : "server error");
    }
    return texts;
  }

  TestWorld world_;
  TestWorld::TestDevice kitchen_ = world_.MakeDevice("kitchen");
  TestWorld::TestDevice attic_ = world_.MakeDevice("attic");
};

TEST_F(DeviceSettings, EachStore_AnswersInTheOrderAsked) {
  Create({kConfig, "kitchen"}, "k", "my config");
  Create({kSecret, "kitchen"}, "k", "my secret");
  Create({kConfig, std::nullopt}, "k", "our config");
  Create({kSecret, std::nullopt}, "k", "");
  const auto unknown = NameOf(wire::SettingKind::kConfig, wire::SettingScope::kDevice, "other");
  EXPECT_THAT(
      Ask(kitchen_.identity, {kOurSecret, kMySecret, unknown, kOurConfig, kMyConfig, kMySecret}),
      ElementsAre("", "my secret", "not found", "our config", "my config", "my secret"));
  EXPECT_TRUE(world_.Fetch(kitchen_).date_last_seen.has_value());
}

TEST_F(DeviceSettings, Updated_IsWhatTheNextRequestSees) {
  Create({kSecret, "kitchen"}, "k", "old");
  EXPECT_THAT(Ask(kitchen_.identity, {kMySecret}), ElementsAre("old"));
  ASSERT_TRUE(
      world_.service->UpdateSetting(*world_.account, {kSecret, "kitchen"}, "k", "new").ok());
  EXPECT_THAT(Ask(kitchen_.identity, {kMySecret}), ElementsAre("new"));
  ASSERT_TRUE(world_.service->DeleteSetting(*world_.account, {kSecret, "kitchen"}, "k").ok());
  EXPECT_THAT(Ask(kitchen_.identity, {kMySecret}), ElementsAre("not found"));
}

TEST_F(DeviceSettings, OfOtherDevicesAndAccounts_AreNotFound) {
  Create({kConfig, "attic"}, "k", "v");
  Create({kSecret, "attic"}, "k", "v");
  for (const SettingKind kind : {kConfig, kSecret}) {
    ASSERT_TRUE(
        world_.service->CreateSetting(*world_.stranger, {kind, std::nullopt}, "k", "v").ok());
  }
  EXPECT_THAT(Ask(kitchen_.identity, {kMyConfig, kMySecret, kOurConfig, kOurSecret}),
              ElementsAre("not found", "not found", "not found", "not found"));
  DeviceIdentity moved = attic_.identity;
  moved.account_sid = world_.stranger->sid;
  EXPECT_THAT(Ask(moved, {kMyConfig, kOurSecret}), ElementsAre("refused"));
}

TEST_F(DeviceSettings, Largest_EightTimes16KiB) {
  std::string value;
  for (int i = 0; i < 4096; ++i) {
    value += "\xF0\x9F\x94\x91";
  }
  Create({kSecret, std::nullopt}, "k", value);
  const std::vector<std::string> all =
      Ask(kitchen_.identity, std::vector<wire::SettingName>(8, kOurSecret));
  EXPECT_THAT(all, ElementsAre(value, value, value, value, value, value, value, value));
}

TEST_F(DeviceSettings, SecretThatDoesNotOpen_IsAServerErrorOfItsOwn) {
  Create({kSecret, "kitchen"}, "k", "lost");
  Create({kConfig, "kitchen"}, "k", "there");
  const auto other = std::move(pki::MasterKeys::Generate()).value();
  Service service({.store = world_.store.get(), .clock = &world_.clock, .sealer = other.get()}, {});
  const auto answer = service.SettingsForDevice(kitchen_.identity, Encoded({kMySecret, kMyConfig}));
  ASSERT_TRUE(answer.ok());
  const auto decoded = wire::DecodeSettingsAnswer(*answer);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->items[0].status, wire::SettingStatus::kServerError);
  EXPECT_TRUE(decoded->items[0].value.empty());
  EXPECT_EQ(AsText(decoded->items[1].value), "there");
}

TEST_F(DeviceSettings, AnythingElse_IsRefused) {
  const std::vector<std::vector<std::uint8_t>> bodies = {
      {}, {0xFF}, std::vector<std::uint8_t>(5000), {0x0A, 4, 0x08, 2, 0x10, 2}};
  for (const std::vector<std::uint8_t>& body : bodies) {
    EXPECT_EQ(Refusal(world_.service->SettingsForDevice(kitchen_.identity, body)),
              std::pair(400, 20001));
  }
}

}  // namespace
}  // namespace strata::cloud
