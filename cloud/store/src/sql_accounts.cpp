// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadAccount and ReadRecord take them.
#define STRATA_ACCOUNT_COLUMNS \
  "sid, friendly_name, date_created, development_signing, development_signer"
#define STRATA_ACCOUNT_RECORD_COLUMNS \
  STRATA_ACCOUNT_COLUMNS ", token_hash, development_key, development_master_key_id"

Account ReadAccount(RowReader& row) {
  return {.sid = row.TakeSid<AccountSid>(),
          .friendly_name = row.Text(),
          .date_created = row.Number<UnixSeconds>(),
          .development_signing = row.Flag(),
          .development_signer = row.Optional([](RowReader& r) { return r.Array<65>(); })};
}

AccountRecord ReadRecord(RowReader& row) {
  Account account = ReadAccount(row);
  AccountRecord record{.account = std::move(account), .token_hash = row.TakeDigest()};
  auto sealed = row.Optional([](RowReader& r) { return r.Bytes(); });
  auto sealed_by = row.Optional([](RowReader& r) { return r.Text(); });
  if (sealed) {
    record.development_key = SealedValue{sealed_by.value_or(""), std::move(*sealed)};
  }
  return record;
}

Value KeyBytes(const AccountRecord& record) {
  return record.development_key ? ToValue(ByteSpan(record.development_key->bytes)) : Value();
}

Value MasterKeyId(const AccountRecord& record) {
  return record.development_key ? ToValue(record.development_key->master_key_id) : Value();
}

}  // namespace

Result<std::optional<AccountRecord>> SqlTransaction::FindAccount(const AccountSid& sid) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_ACCOUNT_RECORD_COLUMNS " FROM accounts WHERE sid = $1",
                        {ToValue(sid)}));
  return OneRow(rows, ReadRecord);
}

Result<CloudTotals> SqlTransaction::CountAll() {
  CloudTotals totals;
  STRATA_TRY_ASSIGN(const Rows accounts, connection_.Query("SELECT count(*) FROM accounts", {}));
  STRATA_TRY_ASSIGN(totals.accounts, OneNumber(accounts));
  STRATA_TRY_ASSIGN(const Rows apps, connection_.Query("SELECT count(*) FROM apps", {}));
  STRATA_TRY_ASSIGN(totals.apps, OneNumber(apps));
  STRATA_TRY_ASSIGN(
      const Rows devices,
      connection_.Query("SELECT update_status, count(*) FROM devices GROUP BY update_status", {}));
  for (const Values& values : devices) {
    RowReader row(values);
    const auto status = row.Number<UpdateStatus>();
    const auto count = row.Number<std::uint64_t>();
    if (!row.ok()) {
      return DamagedRow();
    }
    std::uint64_t& place = status == UpdateStatus::kUpToDate  ? totals.devices.up_to_date
                           : status == UpdateStatus::kPending ? totals.devices.pending
                                                              : totals.devices.error;
    place += count;
  }
  return totals;
}

Result<std::vector<Account>> SqlTransaction::ListAccounts() {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query(
          "SELECT " STRATA_ACCOUNT_COLUMNS " FROM accounts ORDER BY date_created, sid", {}));
  std::vector<Account> accounts;
  for (const Values& values : rows) {
    RowReader row(values);
    accounts.push_back(ReadAccount(row));
    if (!row.ok()) {
      return DamagedRow();
    }
  }
  return accounts;
}

Result<std::vector<AccountRecord>> SqlTransaction::DevelopmentKeysNotUnder(
    std::string_view master_key_id) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_ACCOUNT_RECORD_COLUMNS
                                      " FROM accounts WHERE development_master_key_id <> $1",
                                      {ToValue(master_key_id)}));
  std::vector<AccountRecord> records;
  for (const Values& values : rows) {
    RowReader row(values);
    records.push_back(ReadRecord(row));
    if (!row.ok()) {
      return DamagedRow();
    }
  }
  return records;
}

Status SqlTransaction::InsertAccount(const AccountRecord& record) {
  return Run(
      "INSERT INTO accounts (sid, friendly_name, token_hash, last_sequence, date_created) "
      "VALUES ($1, $2, $3, 0, $4)",
      {ToValue(record.account.sid),
       ToValue(record.account.friendly_name),
       ToValue(record.token_hash),
       ToValue(record.account.date_created)});
}

Status SqlTransaction::UpdateAccount(const AccountRecord& record) {
  const Account& account = record.account;
  return Run(
      "UPDATE accounts SET friendly_name = $2, token_hash = $3, development_signing = $4, "
      "development_signer = $5, development_key = $6, development_master_key_id = $7 "
      "WHERE sid = $1",
      {ToValue(account.sid),
       ToValue(account.friendly_name),
       ToValue(record.token_hash),
       ToValue(account.development_signing),
       ToValue(account.development_signer),
       KeyBytes(record),
       MasterKeyId(record)});
}

}  // namespace strata::cloud
