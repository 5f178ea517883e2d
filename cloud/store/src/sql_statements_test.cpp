// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "migrations.hpp"
#include "sql_transaction.hpp"
#include "sqlite_connection.hpp"

namespace strata::cloud {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

/// Notes each statement and answers with nothing.
class MockConnection final : public DbConnection {
 public:
  Result<Rows> Query(std::string_view sql, const Values&) override {
    statements.insert(std::string(sql));
    if (sql.find("RETURNING") != std::string_view::npos || sql.starts_with("SELECT count(*)")) {
      const bool two = sql.find("coalesce(sum(size_bytes)") != std::string_view::npos;
      const bool three = sql.find("coalesce(sum(CASE") != std::string_view::npos;
      return Rows{Values(three ? 3 : (two ? 2 : 1), Value(std::int64_t{1}))};
    }
    return Rows{};
  }

  std::set<std::string> statements;
};

/// Calls every function of the store once.
std::set<std::string> AllStatements() {
  MockConnection connection;
  SqlTransaction store(connection);
  const std::array<std::uint8_t, 16> zeros{};
  const auto account = AccountSid::FromBytes(zeros);
  const auto app = AppSid::FromBytes(zeros);
  const auto device = DeviceSid::FromBytes(zeros);
  const auto api_key = ApiKeySid::FromBytes(zeros);
  const auto webhook = WebhookSid::FromBytes(zeros);
  const DeviceRecord record{.device = {.sid = device, .account_sid = account}};
  EXPECT_TRUE(store.FindAccount(account).ok());
  EXPECT_TRUE(store.ListAccounts().ok());
  EXPECT_TRUE(store.CountAll().ok());
  EXPECT_TRUE(store.FindApiKeyBySid(api_key).ok());
  EXPECT_TRUE(store.FindApiKey(account, api_key).ok());
  EXPECT_TRUE(store.FindSession(Digest{}).ok());
  EXPECT_TRUE(store.FindApp(account, app).ok());
  EXPECT_TRUE(store.FindAppNamed(account, "x").ok());
  EXPECT_TRUE(store.FindManifest(account, app).ok());
  EXPECT_TRUE(store.FindLayer(account, app, Digest{}).ok());
  EXPECT_TRUE(store.HasLayer(account, Digest{}).ok());
  EXPECT_TRUE(store.IsLayerUsed(Digest{}).ok());
  EXPECT_TRUE(store.UsedLayers(0).ok());
  EXPECT_TRUE(store.LayersOf(account, app).ok());
  EXPECT_TRUE(store.LockLayers().ok());
  EXPECT_TRUE(store.UsageOf(account).ok());
  EXPECT_TRUE(store.FindAppUsers(account, app, 3).ok());
  EXPECT_TRUE(store.FindUpload(account, "x", 0).ok());
  EXPECT_TRUE(store.FindKey(account, KeyId::kNone).ok());
  EXPECT_TRUE(store.ActiveSigners(account).ok());
  EXPECT_TRUE(store.FindKeyMessage(account, 1).ok());
  EXPECT_TRUE(store.NewestKeySequence(account).ok());
  EXPECT_TRUE(store.CountDevicesAt(account, 1).ok());
  EXPECT_TRUE(store.FindDevice(account, device).ok());
  EXPECT_TRUE(store.FindDeviceNamed(account, "x").ok());
  EXPECT_TRUE(store.FindDeviceByFingerprint(Digest{}).ok());
  for (const bool newer : {false, true}) {
    for (const auto& position :
         {std::optional<ListPosition>(), std::optional(ListPosition{1, 1})}) {
      const ListQuery query{.position = position, .newer = newer, .limit = 1};
      EXPECT_TRUE(store.ListApiKeys(account, query).ok());
      EXPECT_TRUE(store.ListApps(account, query).ok());
      EXPECT_TRUE(store.ListKeys(account, query).ok());
      EXPECT_TRUE(store.ListKeyMessages(account, query).ok());
      EXPECT_TRUE(store.ListDevices(account, query, {}).ok());
    }
  }
  for (const auto& owner : {std::optional<DeviceSid>(), std::optional(device)}) {
    for (const SettingKind kind : {SettingKind::kConfig, SettingKind::kSecret}) {
      const SettingScope scope{account, kind, owner};
      const SettingRecord setting{
          .setting = {.kind = kind, .account_sid = account, .device_sid = owner}};
      EXPECT_TRUE(store.FindSetting(scope, "x").ok());
      EXPECT_TRUE(store.ListSettings(scope, {.limit = 1}).ok());
      EXPECT_TRUE(store.CountSettings(scope).ok());
      EXPECT_TRUE(store.InsertSetting(setting).ok());
      EXPECT_TRUE(store.UpdateSetting(setting).ok());
      EXPECT_TRUE(store.DeleteSetting(scope, "x").ok());
    }
  }
  const ListQuery first{.position = std::nullopt, .newer = false, .limit = 1};
  const DeviceFilter narrow{.status = UpdateStatus::kError,
                            .target = app,
                            .name_prefix = "a",
                            .name_end = "b",
                            .tag = "t",
                            .silent_since = 1};
  EXPECT_TRUE(store.ListDevices(account, first, narrow).ok());
  EXPECT_TRUE(store.SilentDevices(record, 0, 0, 1).ok());
  EXPECT_TRUE(store.CountDevices(account).ok());
  EXPECT_TRUE(store.CountRunning(account).ok());
  EXPECT_TRUE(store.ListHours(account, {.target = app, .limit = 1}).ok());
  EXPECT_TRUE(store.SetTags(account, device, {"t"}).ok());
  EXPECT_TRUE(store.RecordHour(0).ok());
  EXPECT_TRUE(store.ForgetHours(0).ok());
  const AuditFilter one_change{
      .actor = "a", .action = "b", .resource = "c", .since = 1, .until = 2};
  for (const bool newer : {false, true}) {
    const ListQuery query{.position = ListPosition{1, 1}, .newer = newer, .limit = 1};
    EXPECT_TRUE(store.ListAudit(account, query, {}).ok());
    EXPECT_TRUE(store.ListAudit(account, query, one_change).ok());
    EXPECT_TRUE(store.ListAuditCheckpoints(account, query).ok());
  }
  EXPECT_TRUE(store.FindAuditHead(account).ok());
  EXPECT_TRUE(store.FindAuditOlder(account, 0).ok());
  EXPECT_TRUE(store.FindAuditCheckpoint(account, 1).ok());
  EXPECT_TRUE(store.InsertAudit({.account_sid = account}).ok());
  EXPECT_TRUE(store.InsertAuditCheckpoint({.account_sid = account}).ok());
  EXPECT_TRUE(store.DeleteAudit(account, 1).ok());
  for (const ListQuery& query :
       {ListQuery{.limit = 1},
        ListQuery{.newer = true, .limit = 1},
        ListQuery{.position = ListPosition{0, 1}, .limit = 1},
        ListQuery{.position = ListPosition{0, 1}, .newer = true, .limit = 1}}) {
    EXPECT_TRUE(store.ListLogs(account, device, query).ok());
    EXPECT_TRUE(store.ListUpdates(account, device, query).ok());
    EXPECT_TRUE(store.ListDeadLetters(account, webhook, query).ok());
    for (const EventFilter& filter :
         {EventFilter{},
          EventFilter{.device = device},
          EventFilter{.type = EventType::kAppCreated},
          EventFilter{.device = device, .type = EventType::kAppCreated}}) {
      EXPECT_TRUE(store.ListEvents(account, query, filter).ok());
    }
  }
  EXPECT_TRUE(store.FindUpdate(account, device, zeros).ok());
  EXPECT_TRUE(store.NewestSequence(account).ok());
  EXPECT_TRUE(store.InsertEvent({.account_sid = account}).ok());
  EXPECT_TRUE(
      store.InsertEvent({.type = EventType::kDeploymentProgress, .account_sid = account}).ok());
  EXPECT_TRUE(store
                  .InsertEvent({.type = EventType::kDeviceChanged,
                                .account_sid = account,
                                .error = {.op = static_cast<std::uint32_t>(Op::kNewKeys)}})
                  .ok());
  EXPECT_TRUE(store.ForgetEvents(0).ok());
  const UpdateRecord update{.account_sid = account, .device_sid = device, .app_sid = app};
  EXPECT_TRUE(store.InsertUpdate(update, 1).ok());
  EXPECT_TRUE(store.ChangeUpdate(update).ok());
  EXPECT_TRUE(store.DeleteDevice(account, device).ok());
  const WebhookRecord hook{.webhook = {.sid = webhook, .account_sid = account}};
  const Delivery delivery{.account_sid = account, .webhook_sid = webhook};
  EXPECT_TRUE(store.FindWebhook(account, webhook).ok());
  EXPECT_TRUE(store.ListWebhooks(account, {.limit = 1}).ok());
  EXPECT_TRUE(store.CountWebhooks(account).ok());
  EXPECT_TRUE(store.FindEvent(account, 1).ok());
  EXPECT_TRUE(store.FindDelivery(account, webhook, 1).ok());
  EXPECT_TRUE(store.DueDeliveries(0, 1, 1).ok());
  EXPECT_TRUE(store.DeliveryTimes().ok());
  EXPECT_TRUE(store.CrowdedWebhooks(1).ok());
  EXPECT_TRUE(store.PullDeliveriesBack(0).ok());
  EXPECT_TRUE(store.BuryDeliveries(account, webhook, 1, "x", 0).ok());
  EXPECT_TRUE(store.WebhooksNotUnder("x").ok());
  EXPECT_TRUE(store.InsertWebhook(hook).ok());
  EXPECT_TRUE(store.UpdateWebhook(hook).ok());
  EXPECT_TRUE(store.DeleteWebhook(account, webhook).ok());
  EXPECT_TRUE(store.QueueDeliveries(account, 1, 0, std::nullopt).ok());
  EXPECT_TRUE(store.QueueDeliveries(account, 1, 0, webhook).ok());
  EXPECT_TRUE(store.ReviveDeliveries(account, webhook, std::nullopt, 0).ok());
  EXPECT_TRUE(store.ReviveDeliveries(account, webhook, 1, 0).ok());
  EXPECT_TRUE(store.UpdateDelivery(delivery).ok());
  EXPECT_TRUE(store.DeleteDelivery(delivery).ok());
  EXPECT_TRUE(store.ForgetDeliveries(0).ok());
  EXPECT_TRUE(store.NewestLogSequence(account, device).ok());
  EXPECT_TRUE(store.AppendLogs(account, device, {{.text = "x"}}, 1).ok());
  EXPECT_TRUE(store.ForgetLogs(0).ok());
  EXPECT_TRUE(store.SecretsBehind(std::nullopt, 1).ok());
  EXPECT_TRUE(store.MasterKeyIds().ok());
  EXPECT_TRUE(store.DevelopmentKeysNotUnder("x").ok());
  EXPECT_TRUE(store.IsMasterKeyUsed("x").ok());
  EXPECT_TRUE(store.InsertMasterKeyId("x", 0).ok());
  EXPECT_TRUE(store.DeleteMasterKeyId("x").ok());
  EXPECT_TRUE(store.InsertAccount({.account = {.sid = account}}).ok());
  EXPECT_TRUE(store.UpdateAccount({.account = {.sid = account}}).ok());
  EXPECT_TRUE(store.InsertApiKey({.key = {.sid = api_key, .account_sid = account}}).ok());
  EXPECT_TRUE(store.DeleteApiKey(account, api_key).ok());
  EXPECT_TRUE(store.TouchApiKey(account, api_key, 0).ok());
  const EnrolmentToken token{.sid = EnrolmentTokenSid::FromBytes(zeros), .account_sid = account};
  EXPECT_TRUE(store.FindEnrolmentTokenBySid(token.sid).ok());
  EXPECT_TRUE(store.FindEnrolmentToken(account, token.sid).ok());
  EXPECT_TRUE(store.ListEnrolmentTokens(account, {.limit = 1}).ok());
  EXPECT_TRUE(store.CountEnrolmentTokens(account, 0).ok());
  EXPECT_TRUE(store.InsertEnrolmentToken({.token = token}).ok());
  EXPECT_TRUE(store.UseEnrolmentToken(token).ok());
  EXPECT_TRUE(store.DeleteEnrolmentToken(account, token.sid).ok());
  EXPECT_TRUE(store.ForgetEnrolmentTokens(0).ok());
  EXPECT_TRUE(store.InsertSession({.account_sid = account}).ok());
  EXPECT_TRUE(store.DeleteSession(account, Digest{}).ok());
  EXPECT_TRUE(store.TrimSessions(account, Digest{}, 1).ok());
  EXPECT_TRUE(store.ForgetSessions(0).ok());
  EXPECT_TRUE(store.InsertApp({.sid = app, .account_sid = account}, {}, {{Digest{}, 1}}).ok());
  EXPECT_TRUE(store.DeleteApp(account, app).ok());
  EXPECT_TRUE(store.RememberUpload(account, "x", app, 0).ok());
  EXPECT_TRUE(store.ForgetUploads(account, 0).ok());
  EXPECT_TRUE(store.InsertKey({.account_sid = account}).ok());
  EXPECT_TRUE(store.DeleteKey(account, KeyId::kNone).ok());
  EXPECT_TRUE(store.UpdateKey({.account_sid = account}).ok());
  EXPECT_TRUE(store.InsertKeyMessage({.account_sid = account}).ok());
  EXPECT_TRUE(store.InsertDevice(record).ok());
  EXPECT_TRUE(store.UpdateDevice(record).ok());
  EXPECT_TRUE(store.TouchDevice(account, device, 0).ok());
  return connection.statements;
}

TEST(SqlStatements, EachBelowAnAccount_NamesIt) {
  const std::set<std::string> statements = AllStatements();
  EXPECT_GT(statements.size(), 30U);
  for (const std::string& sql : statements) {
    if (sql.find("FROM devices WHERE fingerprint = $1") != std::string::npos ||
        sql.find("FROM api_keys WHERE sid = $1") != std::string::npos ||
        sql.find("FROM sessions WHERE token_hash = $1") != std::string::npos ||
        sql == "DELETE FROM sessions WHERE date_expires <= $1" ||
        sql.find("FROM enrolment_tokens WHERE sid = $1") != std::string::npos ||
        sql == "DELETE FROM enrolment_tokens WHERE date_expires < $1" ||
        sql.ends_with("FROM accounts ORDER BY date_created, sid") ||
        sql == "DELETE FROM device_hours WHERE hour < $1" ||
        sql.find("INTO markers") != std::string::npos || sql == "SELECT count(*) FROM accounts" ||
        sql == "SELECT count(*) FROM apps" ||
        sql.ends_with("FROM devices GROUP BY update_status") ||
        sql.ends_with("FROM app_layers WHERE digest = $1 LIMIT 1") ||
        sql.ends_with("FROM app_layers WHERE digest >= $1 AND digest < $2") ||
        sql == "DELETE FROM device_logs WHERE date_us < $1" ||
        sql == "DELETE FROM events WHERE date_us < $1" ||
        sql == "DELETE FROM webhook_deliveries WHERE date_created < $1" ||
        sql.find("min(account_sid) FROM webhook_deliveries") != std::string::npos ||
        sql.find("min(next_attempt) FROM webhook_deliveries") != std::string::npos ||
        sql.ends_with("WHERE dead = 0 AND next_attempt > $1 + 86400") ||
        sql.ends_with("FROM webhooks WHERE master_key_id <> $1") ||
        sql == "SELECT count(*) FROM webhooks WHERE master_key_id = $1" ||
        sql.find("FROM devices WHERE update_status = 1 AND (account_sid, sid) >") !=
            std::string::npos ||
        sql.find("master_keys") != std::string::npos ||
        sql.find("accounts WHERE development_master_key_id") != std::string::npos ||
        sql == "SELECT count(*) FROM settings WHERE master_key_id = $1") {
      continue;  // the exceptions of store.hpp
    }
    EXPECT_THAT(sql,
                AnyOf(HasSubstr("account_sid = $1"),
                      HasSubstr("(account_sid, "),  // also SecretsBehind, an exception
                      HasSubstr("accounts WHERE sid = $1"),
                      AllOf(HasSubstr("UPDATE accounts SET friendly_name = $2"),
                            HasSubstr("WHERE sid = $1")),
                      HasSubstr("accounts SET last_sequence = last_sequence + 1 WHERE sid = $1"),
                      HasSubstr("INTO accounts (sid, ")));
  }
}

TEST(SqlStatements, NoneUsesWhatOnlyOneEngineHas) {
  for (const std::string& sql : AllStatements()) {
    for (const char* word : {"?", "rowid", "INSERT OR", "REPLACE", "IFNULL", "LIMIT -1", "\""}) {
      EXPECT_EQ(sql.find(word), std::string::npos) << word << " in " << sql;
    }
  }
}

class Migration : public testing::Test {
 protected:
  Migration() { connection_ = std::move(SqliteConnection::Open(":memory:", 100)).value(); }

  std::int64_t Version() {
    const auto rows = connection_->Query("SELECT max(version) FROM schema_version", {});
    return std::get<std::int64_t>(rows.value().at(0).at(0));
  }

  std::unique_ptr<SqliteConnection> connection_;
};

TEST_F(Migration, Migrate_Empty_MakesTheNewestAndAgainIsNothing) {
  ASSERT_TRUE(Migrate(*connection_, Migrations()).ok());
  EXPECT_EQ(Version(), static_cast<std::int64_t>(Migrations().size()));
  ASSERT_TRUE(Migrate(*connection_, Migrations()).ok());
  EXPECT_EQ(Version(), static_cast<std::int64_t>(Migrations().size()));
}

TEST_F(Migration, Migrate_Upgrade_RunsOnlyTheNewSteps) {
  const std::array<std::string_view, 1> first = {"CREATE TABLE a (x INTEGER)"};
  const std::array<std::string_view, 1> second = {"CREATE TABLE b (x INTEGER)"};
  const std::array<MigrationStep, 2> steps = {MigrationStep(first), MigrationStep(second)};
  ASSERT_TRUE(Migrate(*connection_, std::span(steps).first(1)).ok());
  EXPECT_EQ(Version(), 1);
  ASSERT_TRUE(Migrate(*connection_, steps).ok());
  EXPECT_EQ(Version(), 2);
  const Status older = Migrate(*connection_, std::span(steps).first(1));
  EXPECT_EQ(older.error().code, Code::kUnsupported);
  EXPECT_EQ(older.error().detail, 2U);
}

TEST_F(Migration, Migrate_FailingStep_LeavesTheOldSchema) {
  const std::array<std::string_view, 2> broken = {"CREATE TABLE a (x INTEGER)", "nonsense"};
  const std::array<MigrationStep, 1> steps = {MigrationStep(broken)};
  EXPECT_FALSE(
      connection_->Transact("BEGIN IMMEDIATE", [&](DbConnection& db) { return Migrate(db, steps); })
          .ok());
  const auto tables = connection_->Query("SELECT count(*) FROM sqlite_schema", {});
  EXPECT_EQ(tables.value().at(0).at(0), Value(std::int64_t{0}));
}

TEST_F(Migration, Schema_IsWhatTheSpecSays) {
  ASSERT_TRUE(Migrate(*connection_, Migrations()).ok());
  std::ifstream file(std::string(STRATA_SOURCE_DIR) + "/docs/spec/storage.md");
  const std::string spec{std::istreambuf_iterator<char>(file), {}};
  const Rows tables =
      connection_->Query("SELECT name FROM sqlite_schema WHERE type = 'table'", {}).value();
  EXPECT_EQ(tables.size(), 23U);
  for (const Values& table : tables) {
    const auto& name = std::get<std::string>(table.at(0));
    std::string row = "| `" + name + "` | ";
    const Rows columns =
        connection_->Query("SELECT name FROM pragma_table_info($1)", {Value(name)}).value();
    for (const Values& column : columns) {
      row += (row.ends_with("| ") ? "`" : ", `") + std::get<std::string>(column.at(0)) + "`";
    }
    EXPECT_THAT(spec, HasSubstr(row + " |"));
  }
}

TEST_F(Migration, Statements_AllPrepareAgainstTheSchema) {
  ASSERT_TRUE(Migrate(*connection_, Migrations()).ok());
  for (const std::string& sql : AllStatements()) {
    EXPECT_TRUE(connection_->Query("EXPLAIN " + sql, {}).ok()) << sql;
  }
}

}  // namespace
}  // namespace strata::cloud
