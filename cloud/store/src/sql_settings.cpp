// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadSetting takes them.
#define STRATA_SETTING_COLUMNS \
  "kind, account_sid, device_sid, setting_key, value, date_created, date_updated"
// And these ReadRecord, after them.
#define STRATA_SETTING_RECORD_COLUMNS STRATA_SETTING_COLUMNS ", version, master_key_id, sealed"

std::string TextOrEmpty(RowReader& row) {
  return row.Optional([](RowReader& r) { return r.Text(); }).value_or(std::string());
}

Setting ReadSetting(RowReader& row) {
  return {.kind = row.Number<SettingKind>(),
          .account_sid = row.TakeSid<AccountSid>(),
          .device_sid = row.Optional([](RowReader& r) { return r.TakeSid<DeviceSid>(); }),
          .key = row.Text(),
          .value = TextOrEmpty(row),
          .date_created = row.Number<UnixSeconds>(),
          .date_updated = row.Number<UnixSeconds>()};
}

SettingRecord ReadRecord(RowReader& row) {
  SettingRecord record{.setting = ReadSetting(row), .version = row.Number<std::uint64_t>()};
  record.sealed.master_key_id = TextOrEmpty(row);
  record.sealed.bytes =
      row.Optional([](RowReader& r) { return r.Bytes(); }).value_or(std::vector<std::uint8_t>());
  return record;
}

Value ScopeValue(const std::optional<DeviceSid>& device) {
  return device ? ToValue(*device) : ToValue(std::string_view());
}

Value KindValue(SettingKind kind) {
  return Value(static_cast<std::int64_t>(kind));
}

SettingScope ScopeOf(const Setting& setting) {
  return {setting.account_sid, setting.kind, setting.device_sid};
}

/// The values of $1 … $3 of every statement about one scope.
Values ScopeValues(const SettingScope& scope) {
  return {ToValue(scope.account), ScopeValue(scope.device), KindValue(scope.kind)};
}

Values PlaceValues(const SettingScope& scope, std::string_view key) {
  Values values = ScopeValues(scope);
  values.push_back(ToValue(key));
  return values;
}

/// `value`, `sealed` and `master_key_id`: a config has the first, a secret the others.
void AppendValue(Values& values, const SettingRecord& record) {
  const bool secret = record.setting.kind == SettingKind::kSecret;
  values.push_back(secret ? Value() : ToValue(record.setting.value));
  values.push_back(secret ? ToValue(ByteSpan(record.sealed.bytes)) : Value());
  values.push_back(secret ? ToValue(record.sealed.master_key_id) : Value());
}

}  // namespace

Result<std::optional<SettingRecord>> SqlTransaction::FindSetting(const SettingScope& scope,
                                                                 std::string_view key) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_SETTING_RECORD_COLUMNS
                        " FROM settings WHERE account_sid = $1 AND scope = $2 AND kind = $3 "
                        "AND setting_key = $4",
                        PlaceValues(scope, key)));
  return OneRow(rows, ReadRecord);
}

Result<ListedRows<Setting>> SqlTransaction::ListSettings(const SettingScope& scope,
                                                         const ListQuery& query) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      ListPage("SELECT date_created, sequence, " STRATA_SETTING_COLUMNS " FROM settings",
               scope.account,
               query,
               {{"scope = #", ScopeValue(scope.device)}, {"kind = #", KindValue(scope.kind)}}));
  return AllRows(rows, ReadSetting);
}

Result<std::uint64_t> SqlTransaction::CountSettings(const SettingScope& scope) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT count(*) FROM settings WHERE account_sid = $1 "
                                      "AND scope = $2 AND kind = $3",
                                      ScopeValues(scope)));
  return OneNumber(rows);
}

Result<std::vector<SettingRecord>> SqlTransaction::SecretsBehind(
    const std::optional<SettingRecord>& last, std::uint32_t limit) {
  const Value kind = KindValue(SettingKind::kSecret);
  Values params = {ToValue(std::string_view()),
                   ToValue(std::string_view()),
                   kind,
                   ToValue(std::string_view()),
                   ToValue(limit)};
  if (last) {
    params[0] = ToValue(last->setting.account_sid);
    params[1] = ScopeValue(last->setting.device_sid);
    params[3] = ToValue(last->setting.key);
  }
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_SETTING_RECORD_COLUMNS " FROM settings WHERE kind = $3 "
                        "AND (account_sid, scope, kind, setting_key) > ($1, $2, $3, $4) "
                        "ORDER BY account_sid, scope, kind, setting_key LIMIT $5",
                        params));
  std::vector<SettingRecord> records;
  for (const Values& values : rows) {
    RowReader row(values);
    records.push_back(ReadRecord(row));
    if (!row.ok()) {
      return DamagedRow();
    }
  }
  return records;
}

Result<std::vector<std::string>> SqlTransaction::MasterKeyIds() {
  STRATA_TRY_ASSIGN(const Rows rows, connection_.Query("SELECT key_id FROM master_keys", {}));
  std::vector<std::string> ids;
  for (const Values& values : rows) {
    RowReader row(values);
    ids.push_back(row.Text());
    if (!row.ok()) {
      return DamagedRow();
    }
  }
  return ids;
}

Result<bool> SqlTransaction::IsMasterKeyUsed(std::string_view key_id) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT count(*) FROM settings WHERE master_key_id = $1",
                                      {ToValue(key_id)}));
  STRATA_TRY_ASSIGN(const std::uint64_t secrets, OneNumber(rows));
  STRATA_TRY_ASSIGN(
      const Rows account_rows,
      connection_.Query("SELECT count(*) FROM accounts WHERE development_master_key_id = $1",
                        {ToValue(key_id)}));
  STRATA_TRY_ASSIGN(const std::uint64_t keys, OneNumber(account_rows));
  STRATA_TRY_ASSIGN(const Rows webhook_rows,
                    connection_.Query("SELECT count(*) FROM webhooks WHERE master_key_id = $1",
                                      {ToValue(key_id)}));
  STRATA_TRY_ASSIGN(const std::uint64_t webhooks, OneNumber(webhook_rows));
  return secrets + keys + webhooks != 0;
}

Status SqlTransaction::InsertSetting(const SettingRecord& record) {
  const Setting& setting = record.setting;
  STRATA_TRY_ASSIGN(const std::int64_t sequence, NextSequence(setting.account_sid));
  Values values = PlaceValues(ScopeOf(setting), setting.key);
  AppendValue(values, record);
  for (Value& value : Values{ToValue(setting.device_sid),
                             ToValue(sequence),
                             ToValue(record.version),
                             ToValue(setting.date_created),
                             ToValue(setting.date_updated)}) {
    values.push_back(std::move(value));
  }
  return Run(
      "INSERT INTO settings (account_sid, scope, kind, setting_key, value, sealed, master_key_id, "
      "device_sid, sequence, version, date_created, date_updated) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
      values);
}

Status SqlTransaction::UpdateSetting(const SettingRecord& record) {
  Values values = PlaceValues(ScopeOf(record.setting), record.setting.key);
  AppendValue(values, record);
  values.push_back(ToValue(record.version));
  values.push_back(ToValue(record.setting.date_updated));
  return Run(
      "UPDATE settings SET value = $5, sealed = $6, master_key_id = $7, version = $8, "
      "date_updated = $9 WHERE account_sid = $1 AND scope = $2 AND kind = $3 AND setting_key = $4",
      values);
}

Status SqlTransaction::DeleteSetting(const SettingScope& scope, std::string_view key) {
  return Run(
      "DELETE FROM settings WHERE account_sid = $1 AND scope = $2 AND kind = $3 "
      "AND setting_key = $4",
      PlaceValues(scope, key));
}

Status SqlTransaction::InsertMasterKeyId(std::string_view key_id, UnixSeconds now) {
  return Run(
      "INSERT INTO master_keys (key_id, date_created) VALUES ($1, $2) "
      "ON CONFLICT (key_id) DO NOTHING",
      {ToValue(key_id), ToValue(now)});
}

Status SqlTransaction::DeleteMasterKeyId(std::string_view key_id) {
  return Run("DELETE FROM master_keys WHERE key_id = $1", {ToValue(key_id)});
}

}  // namespace strata::cloud
