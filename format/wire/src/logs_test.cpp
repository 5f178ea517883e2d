// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "strata/format/wire/wire.hpp"

namespace strata::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

LogLine LineOf(std::string_view text, LogKind kind = LogKind::kApp, std::uint32_t age_ms = 0) {
  return {.kind = kind, .age_ms = age_ms, .text = AsBytes(text)};
}

LogBatch BatchOf(std::initializer_list<LogLine> lines, std::uint32_t dropped = 0) {
  LogBatch batch{.dropped = dropped, .lines = {}, .count = 0};
  for (const LogLine& line : lines) {
    batch.lines[batch.count++] = line;
  }
  return batch;
}

Bytes Encoded(const LogBatch& batch) {
  Bytes out(kMaxLogBatchBytes);
  out.resize(Encode(batch, out).value());
  return out;
}

TEST(LogBatch, RoundTrips_KindsAgesTextsAndTheLost) {
  const Bytes bytes = Encoded(BatchOf({LineOf("boot"),
                                       LineOf("", LogKind::kUpdate, 7),
                                       LineOf("\xFF\x01", LogKind::kConnection, 4'294'967'295)},
                                      12));
  const auto batch = DecodeLogBatch(bytes);
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch->dropped, 12U);
  ASSERT_EQ(batch->count, 3U);
  EXPECT_EQ(AsText(batch->lines[0].text), "boot");
  EXPECT_EQ(batch->lines[1].kind, LogKind::kUpdate);
  EXPECT_EQ(batch->lines[1].age_ms, 7U);
  EXPECT_TRUE(batch->lines[1].text.empty());
  EXPECT_EQ(AsText(batch->lines[2].text), "\xFF\x01");
  EXPECT_EQ(batch->lines[2].age_ms, 4'294'967'295U);
}

TEST(LogBatch, OnlyLost_IsABatch_NothingIsNone) {
  EXPECT_TRUE(DecodeLogBatch(Encoded(BatchOf({}, 1))).ok());
  Bytes room(64);
  EXPECT_EQ(Encode(BatchOf({}), room).error().code, Code::kInvalidArgument);
  EXPECT_EQ(DecodeLogBatch({}).error().code, Code::kMalformed);
}

TEST(LogBatch, Limits_HoldInBothDirections) {
  const std::string longest(kMaxLogTextBytes, 'x');
  const std::string longer(kMaxLogTextBytes + 1, 'x');
  Bytes room(kMaxLogBatchBytes);
  EXPECT_TRUE(DecodeLogBatch(Encoded(BatchOf({LineOf(longest)}))).ok());
  EXPECT_EQ(Encode(BatchOf({LineOf(longer)}), room).error().code, Code::kInvalidArgument);
  LogBatch many = BatchOf({LineOf("a")});
  for (many.count = 0; many.count < kMaxLogLines; ++many.count) {
    many.lines[many.count] = LineOf("a");
  }
  const Bytes full = Encoded(many);
  EXPECT_TRUE(DecodeLogBatch(full).ok());
  Bytes more = full;
  more.insert(more.end(), full.begin(), full.begin() + 7);  // one line more
  EXPECT_EQ(DecodeLogBatch(more).error().code, Code::kMalformed);
  EXPECT_EQ(DecodeLogBatch(Bytes(kMaxLogBatchBytes + 1)).error().code, Code::kMalformed);
  LogBatch large = many;
  for (LogLine& line : large.lines) {
    line = LineOf(longest);
  }
  EXPECT_EQ(Encode(large, room).error().code, Code::kTooLarge);
}

TEST(LogBatch, RoomOfALine_IsEnough) {
  const Bytes one =
      Encoded(BatchOf({LineOf(std::string(kMaxLogTextBytes, 'x'), LogKind::kApp, 4'294'967'295)}));
  EXPECT_LE(one.size(), kMaxLogTextBytes + kLogLineRoom);
}

TEST(LogBatch, UnknownKindOrForeignWireType_IsMalformed) {
  EXPECT_TRUE(DecodeLogBatch(Bytes{0x12, 2, 0x08, 1}).ok());
  EXPECT_FALSE(DecodeLogBatch(Bytes{0x12, 2, 0x08, 0}).ok());
  EXPECT_FALSE(DecodeLogBatch(Bytes{0x12, 2, 0x08, 4}).ok());
  EXPECT_FALSE(DecodeLogBatch(Bytes{0x12, 0}).ok());
  EXPECT_FALSE(DecodeLogBatch(Bytes{0x10, 1}).ok());                    // lines as a number
  EXPECT_FALSE(DecodeLogBatch(Bytes{0x12, 4, 0x08, 1, 0x18, 1}).ok());  // text as a number
}

}  // namespace
}  // namespace strata::wire
