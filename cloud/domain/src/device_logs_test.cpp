// SPDX-License-Identifier: Apache-2.0
#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Texts = std::vector<std::string>;

std::vector<std::uint8_t> Batch(const Texts& texts,
                                std::uint32_t dropped = 0,
                                std::uint32_t age_ms = 0) {
  wire::LogBatch batch{.dropped = dropped, .lines = {}, .count = 0};
  for (const std::string& text : texts) {
    batch.lines[batch.count++] = {
        .kind = wire::LogKind::kApp, .age_ms = age_ms, .text = AsBytes(text)};
  }
  std::vector<std::uint8_t> bytes(wire::kMaxLogBatchBytes);
  bytes.resize(wire::Encode(batch, bytes).value());
  return bytes;
}

class DeviceLogs : public testing::Test {
 protected:
  DeviceLogs() { SetLogging(true); }

  void SetLogging(bool enabled) {
    ASSERT_TRUE(
        world_.service->UpdateDevice(*world_.account, "board", {.logging_enabled = enabled}).ok());
  }

  ApiOutcome Post(const std::vector<std::uint8_t>& batch) {
    return world_.service->TakeLogs(device_.identity, batch);
  }

  PageOf<DeviceLogLine> Page(std::uint32_t size, std::optional<std::string> token = {}) {
    auto page = world_.service->ListLogs(
        *world_.account, "board", {.page_size = size, .page = 0, .page_token = std::move(token)});
    EXPECT_TRUE(page.ok());
    return std::move(page).value();
  }

  static Texts TextsOf(const std::vector<DeviceLogLine>& lines) {
    Texts texts;
    for (const DeviceLogLine& line : lines) {
      texts.push_back(line.text);
    }
    return texts;
  }

  TestWorld world_;
  TestWorld::TestDevice device_ = world_.MakeDevice("board");
};

TEST_F(DeviceLogs, Lines_AreListedNewestFirstPageByPage) {
  ASSERT_TRUE(Post(Batch({"a", "b", "c"})).ok());
  ASSERT_TRUE(Post(Batch({"d", "e"})).ok());
  const auto first = Page(2);
  EXPECT_THAT(TextsOf(first.items), ElementsAre("e", "d"));
  const auto second = Page(2, first.next_token);
  EXPECT_THAT(TextsOf(second.items), ElementsAre("c", "b"));
  EXPECT_THAT(TextsOf(Page(2, second.previous_token).items), ElementsAre("e", "d"));
  const auto other = world_.MakeDevice("other");
  const auto foreign = world_.service->ListLogs(
      *world_.account, "other", {.page_size = 2, .page = 0, .page_token = first.next_token});
  EXPECT_EQ(Refusal(foreign), std::pair(400, 20002)) << "a token belongs to its device";
}

TEST_F(DeviceLogs, Time_IsTheCloudsLessTheLinesAge) {
  ASSERT_TRUE(Post(Batch({"old"}, 0, 1'500)).ok());
  const auto page = Page(1);
  EXPECT_EQ(page.items.at(0).time, world_.clock.NowMicros() - 1'500'000);
}

TEST_F(DeviceLogs, Text_BecomesPlain) {
  ASSERT_TRUE(Post(Batch({"gr\xC3\xBC\xC3\x9F\tdich \x1B[31m \xFF \xC2\x85", ""})).ok());
  EXPECT_THAT(TextsOf(Page(5).items), ElementsAre("", "gr\xC3\xBC\xC3\x9F dich .[31m . ."));
}

TEST_F(DeviceLogs, WhatTheDeviceLost_IsALineOfItsOwn) {
  ASSERT_TRUE(Post(Batch({"after"}, 17)).ok());
  const auto page = Page(5);
  ASSERT_EQ(page.items.size(), 2U);
  EXPECT_EQ(page.items[1].type, LogType::kDropped);
  EXPECT_EQ(page.items[1].text, "17 lines were lost on the device");
}

TEST_F(DeviceLogs, LoggingOff_KeepsNothing) {
  SetLogging(false);
  EXPECT_TRUE(Post(Batch({"private"})).ok());
  EXPECT_THAT(Page(5).items, IsEmpty());
  EXPECT_THAT(world_.signals.TakeLogs(), IsEmpty());
  SetLogging(true);
  world_.clock.Advance(24 * 60 * 60);
  EXPECT_TRUE(Post(Batch({"expired"})).ok());
  EXPECT_THAT(Page(5).items, IsEmpty());
}

TEST_F(DeviceLogs, Followers_AreWokenAndReadWhatIsNew) {
  ASSERT_TRUE(Post(Batch({"before"})).ok());
  auto place = world_.service->FindLog(*world_.account, "board", std::nullopt);
  ASSERT_TRUE(place.ok());
  ASSERT_TRUE(Post(Batch({"x", "y", "z"})).ok());
  EXPECT_THAT(world_.signals.TakeLogs(), ElementsAre(device_.resource.sid, device_.resource.sid));
  const auto some = world_.service->LogsBehind(*world_.account, *place, 2);
  EXPECT_THAT(TextsOf(*some), ElementsAre("x", "y"));
  place->sequence = some->back().sequence;
  EXPECT_THAT(TextsOf(*world_.service->LogsBehind(*world_.account, *place, 9)), ElementsAre("z"));
  EXPECT_EQ(Refusal(world_.service->LogsBehind(*world_.stranger, *place, 9)),
            std::pair(404, 20404));
  EXPECT_EQ(Refusal(world_.service->FindLog(*world_.stranger, "board", 0)), std::pair(404, 20404));
}

TEST_F(DeviceLogs, AnIdOfTheFuture_MeansNow) {
  ASSERT_TRUE(Post(Batch({"a"})).ok());
  const auto now = world_.service->FindLog(*world_.account, "board", std::nullopt);
  const auto future = world_.service->FindLog(*world_.account, "board", 1'000'000'000);
  EXPECT_EQ(now->sequence, future->sequence) << "of a cloud that was restored";
  EXPECT_EQ(world_.service->FindLog(*world_.account, "board", 0)->sequence, 0);
}

TEST_F(DeviceLogs, OneMebibyteOfEachDevice_IsKept) {
  const Texts lines(15, std::string(wire::kMaxLogTextBytes, 'x'));
  constexpr std::size_t kFits = (1024 * 1024) / (1024 + 32);
  for (int i = 0; i < 80; ++i) {
    ASSERT_TRUE(Post(Batch(lines)).ok());
    world_.clock.Advance(1);
  }
  const auto kept = Page(1000);
  EXPECT_FALSE(kept.next_token.has_value());
  EXPECT_LE(kept.items.size(), kFits);
  EXPECT_GE(kept.items.size(), kFits - 2);
}

TEST_F(DeviceLogs, SevenDays_AreKept) {
  ASSERT_TRUE(Post(Batch({"old"})).ok());
  world_.clock.Advance(7 * 24 * 60 * 60 - 10);
  SetLogging(true);
  ASSERT_TRUE(Post(Batch({"young"})).ok());
  ASSERT_TRUE(world_.service->ForgetLogs().ok());
  EXPECT_EQ(Page(5).items.size(), 2U);
  world_.clock.Advance(11);
  ASSERT_TRUE(world_.service->ForgetLogs().ok());
  EXPECT_THAT(TextsOf(Page(5).items), ElementsAre("young"));
}

TEST_F(DeviceLogs, AFloodOfBatches_IsRefusedAndTheRestTaken) {
  int taken = 0;
  ApiOutcome last = Empty{};
  while (last.ok() && taken < 1'000) {
    last = Post(Batch({"flood"}));
    ++taken;
  }
  EXPECT_EQ(taken, 21);
  EXPECT_EQ(Refusal(last), std::pair(429, 20429));
  EXPECT_GT(last.error().retry_after_sec, 0);
  const auto other = world_.MakeDevice("other");
  EXPECT_TRUE(world_.service->TakeLogs(other.identity, Batch({"mine"})).ok());
  world_.clock.Advance(1);
  EXPECT_TRUE(Post(Batch({"again"})).ok());
}

TEST_F(DeviceLogs, WhatIsNoBatch_IsRefused) {
  const std::vector<std::uint8_t> nonsense{0x12, 0x00};
  EXPECT_EQ(Refusal(Post(nonsense)), std::pair(400, 20001));
}

}  // namespace
}  // namespace strata::cloud
