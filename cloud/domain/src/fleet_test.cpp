// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "names.hpp"
#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Fleet : public testing::Test {
 protected:
  std::vector<std::string> Names(const DeviceQuery& query) {
    const auto page = world_.service->ListDevices(*world_.account, {}, query);
    std::vector<std::string> names;
    for (const Device& device : page.ok() ? page->items : std::vector<Device>()) {
      names.push_back(device.unique_name.value_or(""));
    }
    return page.ok() ? names : std::vector<std::string>{"refused"};
  }

  ApiResult<Device> Update(std::string_view name, const DeviceUpdate& update) {
    return world_.service->UpdateDevice(*world_.account, name, update);
  }

  /// A receipt by which `device` confirms its target app, or fails it.
  void Report(const TestWorld::TestDevice& device, wire::Verdict verdict) {
    auto body = ReceiptFor(world_.Fetch(device), ++receipts_, verdict);
    if (verdict != wire::Verdict::kConfirmed) {
      body.error = Fail(Code::kAppCrashed);
    }
    ASSERT_TRUE(world_.service->TakeReceipt(device.identity, SignReceipt(body, device.key)).ok());
  }

  TestWorld world_;
  std::uint64_t receipts_ = 0;
};

TEST(Tags, AreTrimmedSortedAndBounded) {
  EXPECT_THAT(ParseTags("").value(), IsEmpty());
  EXPECT_THAT(ParseTags("lab, attic ,lab,batch 7").value(), ElementsAre("attic", "batch 7", "lab"));
  EXPECT_THAT(ParseTags(std::string(64, 't')).value(), ElementsAre(std::string(64, 't')));
  std::string sixteen = "t0";
  for (int i = 1; i < 16; ++i) {
    sixteen += ",t" + std::to_string(i);
  }
  EXPECT_EQ(ParseTags(sixteen)->size(), 16U);
  for (const std::string& bad : {sixteen + ",one more",
                                 std::string(65, 't'),
                                 std::string(","),
                                 std::string("a,"),
                                 std::string(" "),
                                 std::string("a\nb"),
                                 std::string("\xff")}) {
    EXPECT_EQ(Refusal(ParseTags(bad)), std::pair(400, 20001)) << bad;
  }
}

TEST(TextBehind, IsTheNextInOrder) {
  EXPECT_EQ(TextBehind("abc"), "abd");
  EXPECT_EQ(TextBehind("a\x7F"), "a\xC2\x80");
  EXPECT_EQ(TextBehind("\xC3\xBF"), "\xC4\x80");
  EXPECT_EQ(TextBehind("\xDF\xBF"), "\xE0\xA0\x80");
  EXPECT_EQ(TextBehind("\xED\x9F\xBF"), "\xEE\x80\x80") << "no surrogates";
  EXPECT_EQ(TextBehind("\xEF\xBF\xBF"), "\xF0\x90\x80\x80");
  EXPECT_EQ(TextBehind("a\xF4\x8F\xBF\xBF"), "b");
  EXPECT_EQ(TextBehind("\xF4\x8F\xBF\xBF"), std::nullopt);
  EXPECT_EQ(TextBehind(""), std::nullopt);
  EXPECT_EQ(TextBehind("\xff"), std::nullopt);
}

TEST_F(Fleet, Tags_AreSetWholeAndTogetherWithTheRest) {
  const auto device = world_.MakeDevice("kitchen");
  EXPECT_THAT(world_.Fetch(device).tags, IsEmpty());
  EXPECT_THAT(Update("kitchen", {.tags = "lab,blue"})->tags, ElementsAre("blue", "lab"));
  EXPECT_THAT(world_.Fetch(device).tags, ElementsAre("blue", "lab"));
  EXPECT_THAT(world_.signals.Take(), IsEmpty()) << "nothing for the device";
  EXPECT_FALSE(Update("kitchen", {.unique_name = "attic", .tags = "a,,b"}).ok());
  EXPECT_FALSE(Update("kitchen", {.target_app = "none", .tags = "red"}).ok());
  EXPECT_THAT(world_.Fetch(device).tags, ElementsAre("blue", "lab"));
  EXPECT_EQ(world_.Fetch(device).unique_name, "kitchen");
  ASSERT_TRUE(Update("kitchen", {.unique_name = "attic"}).ok());
  EXPECT_THAT(world_.Fetch(device).tags, ElementsAre("blue", "lab")) << "absent: they stay";
  EXPECT_THAT(Update("attic", {.tags = ""})->tags, IsEmpty());
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  const auto made = world_.service->ProvisionDevice(
      *world_.account, {.public_key = key.public_key(), .tags = "batch 7"});
  ASSERT_TRUE(made.ok());
  EXPECT_THAT(world_.service->FetchDevice(*world_.account, made->device.sid.text())->tags,
              ElementsAre("batch 7"));
}

TEST_F(Fleet, Filters_NarrowTheListEachAndTogether) {
  const App app = world_.MakeApp(0x11, "blink");
  const auto one = world_.MakeDevice("lab-1");
  const auto two = world_.MakeDevice("lab-2");
  const auto three = world_.MakeDevice("attic");
  world_.Deploy(one, app);
  world_.Deploy(two, app);
  Report(two, wire::Verdict::kFailed);
  ASSERT_TRUE(Update("attic", {.tags = "blue"}).ok());
  ASSERT_TRUE(Update("lab-1", {.tags = "blue,red"}).ok());
  EXPECT_THAT(Names({}), ElementsAre("attic", "lab-2", "lab-1"));
  EXPECT_THAT(Names({.status = UpdateStatus::kPending}), ElementsAre("lab-1"));
  EXPECT_THAT(Names({.status = UpdateStatus::kError}), ElementsAre("lab-2"));
  EXPECT_THAT(Names({.status = UpdateStatus::kUpToDate}), ElementsAre("attic"));
  EXPECT_THAT(Names({.app = "blink"}), ElementsAre("lab-2", "lab-1"));
  EXPECT_THAT(Names({.app = std::string(app.sid.text())}), ElementsAre("lab-2", "lab-1"));
  EXPECT_THAT(Names({.app = "none"}), ElementsAre("refused"));
  EXPECT_THAT(Names({.name_prefix = "lab-"}), ElementsAre("lab-2", "lab-1"));
  EXPECT_THAT(Names({.name_prefix = "LAB"}), IsEmpty());
  EXPECT_THAT(Names({.name_prefix = "a\n"}), ElementsAre("refused"));
  EXPECT_THAT(Names({.tag = "blue"}), ElementsAre("attic", "lab-1"));
  EXPECT_THAT(Names({.tag = "blu"}), IsEmpty());
  EXPECT_THAT(Names({.tag = ""}), ElementsAre("refused"));
  EXPECT_THAT(
      Names({.status = UpdateStatus::kPending, .app = "blink", .name_prefix = "lab", .tag = "red"}),
      ElementsAre("lab-1"));
  EXPECT_THAT(Names({.status = UpdateStatus::kError, .tag = "red"}), IsEmpty());
}

TEST_F(Fleet, SilentSince_IsNeverHeardOrHeardBefore) {
  world_.MakeDevice("never");
  const auto early = world_.MakeDevice("early");
  const auto late = world_.MakeDevice("late");
  ASSERT_TRUE(world_.service->Desired(early.identity).ok());
  world_.clock.Advance(1000);
  ASSERT_TRUE(world_.service->Desired(late.identity).ok());
  const UnixSeconds now = world_.clock.Now();
  EXPECT_THAT(Names({.silent_since = now + 1}), ElementsAre("late", "early", "never"));
  EXPECT_THAT(Names({.silent_since = now}), ElementsAre("early", "never"));
  EXPECT_THAT(Names({.silent_since = now - 1000}), ElementsAre("never"));
}

TEST_F(Fleet, PageToken_BelongsToItsFilters) {
  for (const char* name : {"a1", "a2", "a3"}) {
    world_.MakeDevice(name);
    ASSERT_TRUE(Update(name, {.tags = "t"}).ok());
  }
  const auto list = [&](const PageRequest& request, const DeviceQuery& query) {
    return world_.service->ListDevices(*world_.account, request, query);
  };
  const DeviceQuery tagged{.tag = "t"};
  const auto first = list({.page_size = 2}, tagged);
  ASSERT_TRUE(first.ok() && first->next_token);
  const PageRequest next{.page_size = 2, .page = 1, .page_token = first->next_token};
  EXPECT_EQ(list(next, tagged)->items.size(), 1U);
  for (const DeviceQuery& other : {DeviceQuery{},
                                   DeviceQuery{.name_prefix = "a"},
                                   DeviceQuery{.name_prefix = "t"},
                                   DeviceQuery{.status = UpdateStatus::kUpToDate, .tag = "t"},
                                   DeviceQuery{.tag = "T"}}) {
    EXPECT_EQ(Refusal(list(next, other)), std::pair(400, 20002));
  }
}

TEST_F(Fleet, Counts_ByStateAndApp) {
  const App blink = world_.MakeApp(0x11, "blink");
  const App fade = world_.MakeApp(0x22);
  std::vector<TestWorld::TestDevice> devices;
  for (int i = 0; i < 5; ++i) {
    devices.push_back(world_.MakeDevice());
  }
  for (int i = 0; i < 3; ++i) {
    world_.Deploy(devices[static_cast<std::size_t>(i)], blink);
  }
  Report(devices[0], wire::Verdict::kConfirmed);
  Report(devices[1], wire::Verdict::kFailed);
  world_.Deploy(devices[0], fade);
  const auto counts = world_.service->CountDevices(*world_.account);
  ASSERT_TRUE(counts.ok());
  EXPECT_EQ(counts->devices, (DeviceTally{.up_to_date = 2, .pending = 2, .error = 1}));
  EXPECT_EQ(counts->date, world_.clock.Now());
  ASSERT_EQ(counts->apps.size(), 3U);
  EXPECT_EQ(counts->apps[0].app, blink.sid);
  EXPECT_EQ(counts->apps[0].unique_name, "blink");
  EXPECT_EQ(counts->apps[0].devices, (DeviceTally{.up_to_date = 0, .pending = 1, .error = 1}));
  EXPECT_EQ(counts->apps[0].running, 1U);
  EXPECT_EQ(counts->apps[1].app, std::nullopt);
  EXPECT_EQ(counts->apps[1].devices.up_to_date, 2U);
  EXPECT_EQ(counts->apps[2].app, fade.sid);
  EXPECT_EQ(counts->apps[2].running, 0U);
  EXPECT_EQ(world_.service->CountDevices(*world_.stranger)->devices.total(), 0U);
}

TEST_F(Fleet, History_IsCountedOnceAnHourAndKeptFor31Days) {
  const App blink = world_.MakeApp(0x11, "blink");
  const auto device = world_.MakeDevice();
  const auto history = [&](const HistoryRequest& request) {
    return world_.service->DeviceHistory(*world_.account, request);
  };
  world_.clock.Advance(3600 - world_.clock.Now() % 3600 + 5);
  const UnixSeconds start = world_.clock.Now() - 5;
  ASSERT_TRUE(world_.service->RecordHour().ok());
  world_.Deploy(device, blink);
  ASSERT_TRUE(world_.service->RecordHour().ok());
  world_.clock.Advance(3600);
  ASSERT_TRUE(world_.service->RecordHour().ok());
  const auto both = history({});
  ASSERT_EQ(both->size(), 2U);
  EXPECT_EQ(both->at(0).hour, start);
  EXPECT_EQ(both->at(0).app, std::nullopt);
  EXPECT_EQ(both->at(0).devices, (DeviceTally{.up_to_date = 1, .pending = 0, .error = 0}));
  EXPECT_EQ(both->at(1).hour, start + 3600);
  EXPECT_EQ(both->at(1).app, blink.sid);
  EXPECT_EQ(both->at(1).devices, (DeviceTally{.up_to_date = 0, .pending = 1, .error = 0}));
  EXPECT_EQ(history({.app = "blink"})->size(), 1U);
  EXPECT_EQ(history({.app = std::string(blink.sid.text())})->size(), 1U);
  EXPECT_EQ(history({.since = start, .until = start + 3600})->size(), 1U);
  EXPECT_EQ(Refusal(history({.app = "none"})), std::pair(400, 20001));
  EXPECT_EQ(Refusal(history({.since = start, .until = start})), std::pair(400, 20001));
  EXPECT_EQ(Refusal(history({.since = start - 31 * 86'400 - 1, .until = start})),
            std::pair(400, 20001));
  const auto strangers = world_.service->DeviceHistory(*world_.stranger, {});
  ASSERT_EQ(strangers->size(), 2U);
  EXPECT_EQ(strangers->at(0).devices.total() + strangers->at(1).devices.total(), 0U);
  world_.clock.Advance(31 * 86'400);
  ASSERT_TRUE(world_.service->RecordHour().ok());
  EXPECT_EQ(history({.since = start, .until = start + 86'400})->size(), 1U)
      << "the first hour is forgotten";
}

TEST_F(Fleet, History_OfAnHourThatBeganWithoutDevices_StaysEmpty) {
  world_.clock.Advance(3600 - world_.clock.Now() % 3600 + 5);
  ASSERT_TRUE(world_.service->RecordHour().ok());
  const auto first = world_.MakeDevice("first");
  world_.clock.Advance(60);
  ASSERT_TRUE(world_.service->RecordHour().ok()) << "that hour was counted already";
  world_.clock.Advance(3600);
  ASSERT_TRUE(world_.service->RecordHour().ok());
  const auto hours = world_.service->DeviceHistory(*world_.account, {});
  ASSERT_EQ(hours->size(), 2U);
  EXPECT_EQ(hours->at(0).app, std::nullopt);
  EXPECT_EQ(hours->at(0).devices.total(), 0U);
  EXPECT_EQ(hours->at(1).devices.total(), 1U);
  ASSERT_TRUE(world_.service->RemoveDevice(*world_.account, "first").ok());
  ASSERT_TRUE(world_.service->RecordHour().ok());
  world_.clock.Advance(3600);
  ASSERT_TRUE(world_.service->RecordHour().ok());
  const auto later = world_.service->DeviceHistory(*world_.account, {});
  ASSERT_EQ(later->size(), 3U);
  EXPECT_EQ(later->at(1).devices.total(), 1U) << "as it stood when the hour began";
  EXPECT_EQ(later->at(2).devices.total(), 0U);
}

}  // namespace
}  // namespace strata::cloud
