// SPDX-License-Identifier: Apache-2.0
// Many devices: that lists, counts and hours are right, and that no list reads all of them.
#include "store_rows_test.hpp"

namespace strata::cloud {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint32_t kDevices = 10'000;

const AccountSid kAccount = SidOf<AccountSid>(1);
const AccountSid kOther = SidOf<AccountSid>(2);
const AppSid kApp = SidOf<AppSid>(3);
const AppSid kRare = SidOf<AppSid>(4);

class FleetStore : public PlanTest {
 protected:
  FleetStore() {
    for (const AccountSid& account : {kAccount, kOther}) {
      EXPECT_TRUE(store_.InsertAccount({.account = {.sid = account}}).ok());
    }
    for (const AppSid& app : {kApp, kRare}) {
      EXPECT_TRUE(store_.InsertApp({.sid = app, .account_sid = kAccount}, {}, {}).ok());
    }
  }

  /// 10 000 devices made one second after the other: every second one targeted to kApp, each
  /// hundredth to kRare and in error; each tenth runs kApp; each fourth was heard at its number.
  void Fill() {
    const Rows none = connection_
                          ->Query(
                              "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                              "WHERE i < 10000) INSERT INTO devices (account_sid, sid, "
                              "sequence, unique_name, hardware_type, development, public_key, "
                              "fingerprint, receipt_counter, target_sid, target_hash, "
                              "deployment_id, date_targeted, update_status, update_error_code, "
                              "update_error_op, update_error_detail, update_state, bytes_staged, "
                              "bytes_total, reported_sid, date_reported, updating_sid, "
                              "logging_enabled, logging_expires, restart_counter, date_created, "
                              "date_updated, date_last_seen) SELECT $1, "
                              "printf('UV%032x', i), i, printf('dev-%05d', i), 'stm32u585', 0, "
                              "x'00', CAST(printf('%032x', i) AS BLOB), 0, "
                              "CASE WHEN i % 100 = 0 THEN $3 WHEN i % 2 = 0 THEN $2 END, NULL, "
                              "NULL, NULL, CASE WHEN i % 100 = 0 THEN 2 WHEN i % 2 = 0 THEN 1 "
                              "ELSE 0 END, 0, 0, 0, 0, 0, 0, CASE WHEN i % 10 = 0 THEN $2 END, "
                              "NULL, NULL, 0, NULL, 0, 1000 + i, 1000 + i, "
                              "CASE WHEN i % 4 = 0 THEN i END FROM n",
                              {Value(std::string(kAccount.text())),
                               Value(std::string(kApp.text())),
                               Value(std::string(kRare.text()))})
                          .value();
    EXPECT_TRUE(none.empty());
  }

  /// Everything of a list, page by page in both directions.
  std::vector<Device> All(const DeviceFilter& filter) {
    std::vector<Device> all;
    std::optional<ListPosition> position;
    for (bool more = true; more;) {
      const auto page = store_.ListDevices(
          kAccount, {.position = position, .newer = false, .limit = 333}, filter);
      EXPECT_TRUE(page.ok());
      for (const auto& row : *page) {
        EXPECT_TRUE(!position || row.position < *position);
        position = row.position;
        all.push_back(row.item);
      }
      more = page->size() == 333;
    }
    const auto last =
        store_.ListDevices(kAccount, {.position = std::nullopt, .newer = true, .limit = 1}, filter);
    EXPECT_TRUE(all.empty() || last->at(0).item.sid == all.back().sid);
    return all;
  }
};

TEST_F(FleetStore, TenThousandDevices_FiltersFindExactlyTheirs) {
  Fill();
  EXPECT_EQ(All({}).size(), kDevices);
  EXPECT_EQ(All({.status = UpdateStatus::kPending}).size(), 4900U);
  EXPECT_EQ(All({.status = UpdateStatus::kError}).size(), 100U);
  EXPECT_EQ(All({.target = kRare}).size(), 100U);
  EXPECT_EQ(All({.target = SidOf<AppSid>(9)}).size(), 0U);
  EXPECT_EQ(All({.name_prefix = "dev-012", .name_end = "dev-013"}).size(), 100U);
  EXPECT_EQ(All({.silent_since = 100}).size(), 7500U + 24U);
  const auto some = All({.status = UpdateStatus::kError,
                         .target = kRare,
                         .name_prefix = "dev-0",
                         .name_end = "dev-1",
                         .silent_since = 301});
  ASSERT_EQ(some.size(), 3U);
  EXPECT_EQ(some.front().unique_name, "dev-00300");
  EXPECT_TRUE(
      store_.ListDevices(kOther, {.position = std::nullopt, .newer = false, .limit = 9}, {})
          ->empty());
}

TEST_F(FleetStore, Lists_NeverScanAllDevices) {
  const std::vector<DeviceFilter> filters = {{},
                                             {.status = UpdateStatus::kError},
                                             {.target = kRare},
                                             {.name_prefix = "a", .name_end = "b"},
                                             {.name_prefix = "a"},
                                             {.tag = "lab"},
                                             {.silent_since = 5},
                                             {.status = UpdateStatus::kError,
                                              .target = kApp,
                                              .name_prefix = "a",
                                              .name_end = "b",
                                              .tag = "lab",
                                              .silent_since = 5}};
  for (const DeviceFilter& filter : filters) {
    for (const auto& position :
         {std::optional<ListPosition>(), std::optional(ListPosition{5, 5})}) {
      for (const bool newer : {false, true}) {
        recorder_.statements.clear();
        ASSERT_TRUE(
            store_
                .ListDevices(kAccount, {.position = position, .newer = newer, .limit = 50}, filter)
                .ok());
        ASSERT_EQ(recorder_.statements.size(), 1U);
        const auto plan = PlanOf(*recorder_.statements.begin());
        EXPECT_THAT(plan, Not(Contains(HasSubstr("SCAN")))) << *recorder_.statements.begin();
        EXPECT_THAT(plan, Contains(HasSubstr("account_sid=?")));
        const bool simple = filter.name_prefix.empty() && !filter.tag && !filter.silent_since;
        if (simple) {
          EXPECT_THAT(plan, Not(Contains(HasSubstr("TEMP B-TREE")))) << "read in order, no sorting";
        }
        if (simple && filter.status) {
          EXPECT_THAT(plan, Contains(HasSubstr("devices_list_status")));
        }
        if (simple && filter.target) {
          EXPECT_THAT(plan, Contains(HasSubstr("devices_list_target")));
        }
      }
    }
  }
}

TEST_F(FleetStore, Counts_ReadAnIndexAlone) {
  Fill();
  recorder_.statements.clear();
  const auto counts = store_.CountDevices(kAccount);
  const auto running = store_.CountRunning(kAccount);
  ASSERT_TRUE(counts.ok() && running.ok());
  std::uint64_t total = 0;
  for (const DeviceCount& count : *counts) {
    total += count.devices;
    if (count.target == kRare) {
      EXPECT_EQ(count.status, UpdateStatus::kError);
      EXPECT_EQ(count.devices, 100U);
    }
  }
  EXPECT_EQ(counts->size(), 3U);
  EXPECT_EQ(total, kDevices);
  ASSERT_EQ(running->size(), 1U);
  EXPECT_EQ(running->front().devices, 1000U);
  EXPECT_TRUE(store_.CountDevices(kOther)->empty());
  for (const std::string& sql : recorder_.statements) {
    EXPECT_THAT(PlanOf(sql), Contains(HasSubstr("USING COVERING INDEX"))) << sql;
  }
}

TEST_F(FleetStore, Hours_AreCountedOnceAndKeptByAccount) {
  Fill();
  ASSERT_TRUE(store_.RecordHour(3600).ok());
  ASSERT_TRUE(connection_->Query("UPDATE devices SET update_status = 0", {}).ok());
  ASSERT_TRUE(store_.RecordHour(3600).ok()) << "nothing more for that hour";
  ASSERT_TRUE(store_.RecordHour(7200).ok());
  const auto hours = [&](const HourQuery& query) {
    return store_.ListHours(kAccount, query).value();
  };
  const HourQuery all{.since = 0, .until = 10'000, .limit = 100};
  EXPECT_EQ(hours(all).size(), 6U);
  const auto rare = hours({.since = 0, .until = 7200, .target = kRare, .limit = 100});
  ASSERT_EQ(rare.size(), 1U);
  EXPECT_EQ(rare.front().hour, 3600);
  EXPECT_EQ(rare.front().count.status, UpdateStatus::kError);
  EXPECT_EQ(rare.front().count.devices, 100U);
  EXPECT_EQ(hours({.since = 3600, .until = 10'000, .limit = 2}).size(), 2U);
  const auto others = store_.ListHours(kOther, all);
  ASSERT_EQ(others->size(), 2U) << "0 is a count too";
  EXPECT_EQ(others->at(0).count.devices + others->at(1).count.devices, 0U);
  ASSERT_TRUE(store_.ForgetHours(7200).ok());
  EXPECT_EQ(hours(all).size(), 3U);
  for (const std::string& sql : recorder_.statements) {
    if (sql.find("device_hours WHERE account_sid") != std::string::npos) {
      EXPECT_THAT(PlanOf(sql), Not(Contains(HasSubstr("SCAN")))) << sql;
    }
  }
}

TEST_F(FleetStore, Tags_AreReplacedAndGoWithTheDevice) {
  const auto first = SidOf<DeviceSid>(1);
  const auto second = SidOf<DeviceSid>(2);
  for (const DeviceSid& sid : {first, second}) {
    DeviceRecord record{.device = {.sid = sid, .account_sid = kAccount}};
    record.fingerprint.bytes.fill(sid == first ? 1 : 2);
    ASSERT_TRUE(store_.InsertDevice(record).ok());
  }
  ASSERT_TRUE(store_.SetTags(kAccount, first, {"attic", "lab"}).ok());
  ASSERT_TRUE(store_.SetTags(kAccount, second, {"lab"}).ok());
  EXPECT_EQ(All({.tag = "lab"}).size(), 2U);
  EXPECT_EQ(All({.tag = "attic"}).at(0).tags, (std::vector<std::string>{"attic", "lab"}));
  EXPECT_EQ(store_.FindDevice(kAccount, first).value()->device.tags.size(), 2U);
  ASSERT_TRUE(store_.SetTags(kAccount, first, {"cellar"}).ok());
  EXPECT_EQ(All({.tag = "lab"}).size(), 1U);
  ASSERT_TRUE(store_.SetTags(kOther, second, {}).ok());
  EXPECT_EQ(All({.tag = "lab"}).size(), 1U) << "another account's device stays";
  ASSERT_TRUE(connection_->Query("DELETE FROM devices", {}).ok());
  const Rows left = connection_->Query("SELECT count(*) FROM device_tags", {}).value();
  EXPECT_EQ(left.at(0).at(0), Value(std::int64_t{0}));
}

}  // namespace
}  // namespace strata::cloud
