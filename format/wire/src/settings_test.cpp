// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/format/wire/wire.hpp"

namespace strata::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

SettingName NameOf(std::string_view key,
                   SettingKind kind = SettingKind::kSecret,
                   SettingScope scope = SettingScope::kDevice) {
  return {.kind = kind, .scope = scope, .key = *SettingKey::Parse(key)};
}

Bytes Encoded(const SettingsRequest& request) {
  Bytes out(kMaxSettingsRequestBytes);
  out.resize(Encode(request, out).value());
  return out;
}

Bytes Encoded(const SettingsAnswer& answer) {
  Bytes out(kMaxSettingsAnswerBytes);
  out.resize(Encode(answer, out).value());
  return out;
}

/// The answer as a peer would write it by hand: one item per pair.
Bytes HandMade(const std::vector<std::pair<int, std::string>>& items) {
  Bytes out;
  for (const auto& [status, value] : items) {
    const auto inner = static_cast<std::uint8_t>(2 + (value.empty() ? 0 : 2 + value.size()));
    out.insert(out.end(), {0x0A, inner, 0x08, static_cast<std::uint8_t>(status)});
    if (!value.empty()) {
      out.insert(out.end(), {0x12, static_cast<std::uint8_t>(value.size())});
      out.insert(out.end(), value.begin(), value.end());
    }
  }
  return out;
}

TEST(SettingKey, IsOneToHundredPrintableAscii) {
  EXPECT_EQ(SettingKey::Parse("a/b c~")->text(), "a/b c~");
  EXPECT_EQ(SettingKey::Parse(std::string(100, 'k'))->text().size(), 100U);
  for (const std::string& bad : {std::string(),
                                 std::string(101, 'k'),
                                 std::string("a\nb"),
                                 std::string("\x7F"),
                                 std::string("\xC3\xBC"),
                                 std::string("a\0b", 3)}) {
    EXPECT_FALSE(SettingKey::Parse(bad).has_value());
  }
}

TEST(SettingsRequest, LargestRoundTrips) {
  SettingsRequest request{.names = {}, .count = kMaxSettings};
  for (std::size_t i = 0; i < kMaxSettings; ++i) {
    request.names[i] = NameOf(std::string(100, static_cast<char>('a' + i)));
  }
  request.names[3] = NameOf("k", SettingKind::kConfig, SettingScope::kAccount);
  const Bytes bytes = Encoded(request);
  EXPECT_LE(bytes.size(), kMaxSettingsRequestBytes);
  const auto decoded = DecodeSettingsRequest(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, request);
}

TEST(SettingsRequest, WithoutTheFormOfTheSpec_IsMalformed) {
  const Bytes good = Encoded({.names = {NameOf("k")}, .count = 1});
  ASSERT_EQ(good, (Bytes{0x0A, 7, 0x08, 2, 0x10, 2, 0x1A, 1, 'k'}));
  const std::vector<Bytes> bad = {
      {},
      {0x0A, 0},
      {0x0A, 7, 0x08, 3, 0x10, 2, 0x1A, 1, 'k'},
      {0x0A, 7, 0x08, 2, 0x10, 3, 0x1A, 1, 'k'},
      {0x0A, 5, 0x10, 2, 0x1A, 1, 'k'},
      {0x0A, 5, 0x08, 2, 0x1A, 1, 'k'},
      {0x0A, 4, 0x08, 2, 0x10, 2},
      {0x0A, 6, 0x08, 2, 0x10, 2, 0x1A, 0},
      {0x0A, 7, 0x08, 2, 0x10, 2, 0x1A, 1, '\n'},
      {0x0A, 9, 0x08, 2, 0x10, 2, 0x1A, 3, 'k', 0, 'k'},
      Bytes(kMaxMessageBytes + 1),
  };
  for (const Bytes& bytes : bad) {
    EXPECT_EQ(DecodeSettingsRequest(bytes).error().code, Code::kMalformed)
        << testing::PrintToString(bytes);
  }
  Bytes nine;
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(DecodeSettingsRequest(nine).ok(), i > 0);
    nine.insert(nine.end(), good.begin(), good.end());
  }
  EXPECT_FALSE(DecodeSettingsRequest(nine).ok());
}

TEST(SettingsRequest, EncodeOfWhatNoDecoderTakes_IsRefused) {
  Bytes out(kMaxSettingsRequestBytes);
  EXPECT_EQ(Encode(SettingsRequest{}, out).error().code, Code::kInvalidArgument);
  EXPECT_EQ(Encode(SettingsRequest{.names = {}, .count = 1}, out).error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(Encode(SettingsRequest{.names = {}, .count = 9}, out).error().code,
            Code::kInvalidArgument);
  EXPECT_EQ(Encode(SettingsRequest{.names = {NameOf("k")}, .count = 1},
                   MutableByteSpan(out).first(kMaxSettingsRequestBytes - 1))
                .error()
                .code,
            Code::kTooLarge);
}

TEST(SettingsAnswer, LargestRoundTripsWithoutACopy) {
  const Bytes value(kMaxSettingBytes, 'v');
  SettingsAnswer answer{.items = {}, .count = kMaxSettings};
  answer.items.fill({SettingStatus::kOk, value});
  answer.items[1] = {SettingStatus::kKeyNotFound, {}};
  answer.items[2] = {SettingStatus::kServerError, {}};
  answer.items[3] = {SettingStatus::kOk, {}};
  const Bytes bytes = Encoded(answer);
  const auto decoded = DecodeSettingsAnswer(bytes);
  ASSERT_TRUE(decoded.ok());
  ASSERT_EQ(decoded->count, kMaxSettings);
  for (std::size_t i = 0; i < kMaxSettings; ++i) {
    EXPECT_EQ(decoded->items[i].status, answer.items[i].status) << i;
    EXPECT_TRUE(Equal(decoded->items[i].value, answer.items[i].value)) << i;
  }
  EXPECT_GE(decoded->items[0].value.data(), bytes.data());
  EXPECT_LE(decoded->items[0].value.data() + kMaxSettingBytes, bytes.data() + bytes.size());
  answer.items.fill({SettingStatus::kOk, value});
  EXPECT_LE(Encoded(answer).size(), kMaxSettingsAnswerBytes);
}

TEST(SettingsAnswer, HandMade_IsReadAndTheRestRefused) {
  const Bytes good = HandMade({{1, "on"}, {2, ""}, {3, ""}, {1, ""}});
  const auto decoded = DecodeSettingsAnswer(good);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->count, 4U);
  EXPECT_EQ(AsText(decoded->items[0].value), "on");
  EXPECT_EQ(Encoded(*decoded), good);
  const std::vector<Bytes> bad = {
      {},
      HandMade({{0, ""}}),
      HandMade({{4, ""}}),
      HandMade({{2, "x"}}),
      HandMade(std::vector<std::pair<int, std::string>>(9, {1, ""})),
      {0x0A, 4, 0x08, 1, 0x12, 5},
      {0x0A, 0x80},
      // An item, and a value, that are numbers and no bytes.
      {0x08, 0x7F},
      {0x09, 1, 2, 3, 4, 5, 6, 7, 8},
      {0x0A, 4, 0x08, 1, 0x10, 5},
      {0x0A, 11, 0x08, 1, 0x11, 1, 2, 3, 4, 5, 6, 7, 8},
      Bytes(kMaxSettingsAnswerBytes + 1),
  };
  for (const Bytes& bytes : bad) {
    EXPECT_EQ(DecodeSettingsAnswer(bytes).error().code, Code::kMalformed)
        << testing::PrintToString(bytes).substr(0, 80);
  }
  for (std::size_t size = 1; size < good.size(); ++size) {
    const auto cut = DecodeSettingsAnswer(ByteSpan(good).first(size));
    EXPECT_TRUE(!cut.ok() || cut->count < 4) << size;
  }
}

TEST(SettingsAnswer, EncodeOfWhatNoDecoderTakes_IsRefused) {
  Bytes out(kMaxSettingsAnswerBytes);
  const Bytes large(kMaxSettingBytes + 1);
  SettingsAnswer answer{.items = {}, .count = 1};
  for (const SettingItem& item : {SettingItem{static_cast<SettingStatus>(0), {}},
                                  SettingItem{SettingStatus::kKeyNotFound, large},
                                  SettingItem{SettingStatus::kOk, large}}) {
    answer.items[0] = item;
    EXPECT_EQ(Encode(answer, out).error().code, Code::kInvalidArgument);
  }
  EXPECT_EQ(Encode(SettingsAnswer{}, out).error().code, Code::kInvalidArgument);
  answer.items[0] = {SettingStatus::kOk, ByteSpan(large).first(100)};
  EXPECT_EQ(Encode(answer, MutableByteSpan(out).first(50)).error().code, Code::kTooLarge);
}

}  // namespace
}  // namespace strata::wire
