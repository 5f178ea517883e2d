// SPDX-License-Identifier: Apache-2.0
#include "app_link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::device {
namespace {

using ports::AppEvent;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

LineCutter Link() {
  return {kMaxLinkLineBytes, LineCutter::TooLong::kDrop};
}

TEST(LineCutter, Feed_InPieces_GivesWholeLinesWithoutTheirEnds) {
  LineCutter cutter = Link();
  EXPECT_THAT(cutter.Feed("rea"), IsEmpty());
  EXPECT_THAT(cutter.Feed("dy\r\ndefer\napp"), ElementsAre("ready", "defer"));
  EXPECT_EQ(cutter.TakeRest(), "app");
  EXPECT_EQ(cutter.TakeRest(), "");
}

TEST(LineCutter, Feed_OfALineOver64Bytes_DropsItWhole) {
  LineCutter cutter = Link();
  const std::string longest(64, 'a');
  EXPECT_THAT(cutter.Feed(longest + "\n"), ElementsAre(longest));
  EXPECT_THAT(cutter.Feed(longest + "\r\n"), ElementsAre(longest));
  EXPECT_THAT(cutter.Feed(longest + "b\nready\n"), ElementsAre("ready"));
  EXPECT_THAT(cutter.Feed(longest + "\rb\nready\n"), ElementsAre("ready"));
  EXPECT_THAT(cutter.Feed(std::string(1'000'000, 'x') + "ready\n"), IsEmpty());
}

TEST(LineCutter, Feed_OfALongLogLine_CutsIt) {
  LineCutter cutter(4, LineCutter::TooLong::kCut);
  EXPECT_THAT(cutter.Feed("abcdefghij\n"), ElementsAre("abcd", "efgh", "ij"));
}

TEST(AppLink, EventOf_KnownLinesOnly_MeansSomething) {
  EXPECT_EQ(EventOf("ready"), AppEvent::kReady);
  EXPECT_EQ(EventOf("defer"), AppEvent::kDefer);
  EXPECT_EQ(EventOf("apply-now"), AppEvent::kApplyNow);
  for (const char* line :
       {"", "Ready", "ready ", " ready", "readyy", "crashed", "update-downloaded"}) {
    EXPECT_EQ(EventOf(line), AppEvent::kNone) << line;
  }
}

TEST(EventQueue, Pop_KeepsOrderAndDropsRepetitions) {
  EventQueue queue;
  queue.Push(AppEvent::kDefer);
  queue.Push(AppEvent::kDefer);
  queue.Push(AppEvent::kNone);
  queue.Push(AppEvent::kApplyNow);
  EXPECT_EQ(queue.Pop(), AppEvent::kDefer);
  EXPECT_EQ(queue.Pop(), AppEvent::kApplyNow);
  EXPECT_EQ(queue.Pop(), AppEvent::kNone);
}

TEST(EventQueue, Push_WithoutRoom_KeepsTheOldest) {
  EventQueue queue;
  queue.Push(AppEvent::kReady);
  for (int i = 0; i < 100; ++i) {
    queue.Push(i % 2 == 0 ? AppEvent::kDefer : AppEvent::kApplyNow);
  }
  EXPECT_EQ(queue.Pop(), AppEvent::kReady);
  int rest = 0;
  while (queue.Pop() != AppEvent::kNone) {
    ++rest;
  }
  EXPECT_EQ(rest, 15);
}

}  // namespace
}  // namespace strata::device
