// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadKey takes them.
#define STRATA_API_KEY_COLUMNS \
  "sid, account_sid, friendly_name, scopes, date_created, date_last_used"

ApiKey ReadKey(RowReader& row) {
  return {.sid = row.TakeSid<ApiKeySid>(),
          .account_sid = row.TakeSid<AccountSid>(),
          .friendly_name = row.Text(),
          // A number without meaning allows nothing.
          .scopes = Scopes::FromBits(row.Number<std::uint64_t>()).value_or(Scopes()),
          .date_created = row.Number<UnixSeconds>(),
          .date_last_used = row.Optional([](RowReader& r) { return r.Number<UnixSeconds>(); })};
}

ApiKeyRecord ReadRecord(RowReader& row) {
  ApiKey key = ReadKey(row);
  return {.key = std::move(key), .secret_hash = row.TakeDigest()};
}

}  // namespace

Result<std::optional<ApiKeyRecord>> SqlTransaction::FindApiKeyBySid(const ApiKeySid& sid) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_API_KEY_COLUMNS
                                      ", secret_hash FROM api_keys WHERE sid = $1",
                                      {ToValue(sid)}));
  return OneRow(rows, ReadRecord);
}

Result<std::optional<ApiKeyRecord>> SqlTransaction::FindApiKey(const AccountSid& account,
                                                               const ApiKeySid& sid) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_API_KEY_COLUMNS
                        ", secret_hash FROM api_keys WHERE account_sid = $1 AND sid = $2",
                        {ToValue(account), ToValue(sid)}));
  return OneRow(rows, ReadRecord);
}

Result<ListedRows<ApiKey>> SqlTransaction::ListApiKeys(const AccountSid& account,
                                                       const ListQuery& query) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      ListPage("SELECT date_created, sequence, " STRATA_API_KEY_COLUMNS " FROM api_keys",
               account,
               query));
  return AllRows(rows, ReadKey);
}

Status SqlTransaction::InsertApiKey(const ApiKeyRecord& record) {
  const ApiKey& key = record.key;
  STRATA_TRY_ASSIGN(const std::int64_t sequence, NextSequence(key.account_sid));
  return Run(
      "INSERT INTO api_keys (account_sid, sid, sequence, friendly_name, secret_hash, scopes, "
      "date_created, date_last_used) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {ToValue(key.account_sid),
       ToValue(key.sid),
       ToValue(sequence),
       ToValue(key.friendly_name),
       ToValue(record.secret_hash),
       ToValue(key.scopes.bits()),
       ToValue(key.date_created),
       ToValue(key.date_last_used)});
}

Status SqlTransaction::DeleteApiKey(const AccountSid& account, const ApiKeySid& sid) {
  return Run("DELETE FROM api_keys WHERE account_sid = $1 AND sid = $2",
             {ToValue(account), ToValue(sid)});
}

Status SqlTransaction::TouchApiKey(const AccountSid& account,
                                   const ApiKeySid& sid,
                                   UnixSeconds now) {
  return Run("UPDATE api_keys SET date_last_used = $3 WHERE account_sid = $1 AND sid = $2",
             {ToValue(account), ToValue(sid), ToValue(now)});
}

}  // namespace strata::cloud
