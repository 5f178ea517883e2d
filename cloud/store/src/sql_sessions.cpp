// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

SessionRecord ReadSession(RowReader& row) {
  return {.token_hash = row.TakeDigest(),
          .account_sid = row.TakeSid<AccountSid>(),
          .api_key = row.Optional([](RowReader& r) { return r.TakeSid<ApiKeySid>(); }),
          .secret_hash = row.TakeDigest(),
          .date_created = row.Number<UnixSeconds>(),
          .date_expires = row.Number<UnixSeconds>()};
}

}  // namespace

Result<std::optional<SessionRecord>> SqlTransaction::FindSession(const Digest& token_hash) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT token_hash, account_sid, api_key_sid, secret_hash, "
                                      "date_created, date_expires FROM sessions WHERE token_hash = "
                                      "$1",
                                      {ToValue(token_hash)}));
  return OneRow(rows, ReadSession);
}

Status SqlTransaction::InsertSession(const SessionRecord& record) {
  return Run(
      "INSERT INTO sessions (account_sid, token_hash, api_key_sid, secret_hash, date_created, "
      "date_expires) VALUES ($1, $2, $3, $4, $5, $6)",
      {ToValue(record.account_sid),
       ToValue(record.token_hash),
       ToValue(record.api_key),
       ToValue(record.secret_hash),
       ToValue(record.date_created),
       ToValue(record.date_expires)});
}

Status SqlTransaction::DeleteSession(const AccountSid& account, const Digest& token_hash) {
  return Run("DELETE FROM sessions WHERE account_sid = $1 AND token_hash = $2",
             {ToValue(account), ToValue(token_hash)});
}

Status SqlTransaction::TrimSessions(const AccountSid& account,
                                    const Digest& secret_hash,
                                    std::uint32_t keep) {
  return Run(
      "DELETE FROM sessions WHERE account_sid = $1 AND secret_hash = $2 AND token_hash NOT IN "
      "(SELECT token_hash FROM sessions WHERE account_sid = $1 AND secret_hash = $2 "
      "ORDER BY date_created DESC, token_hash LIMIT $3)",
      {ToValue(account), ToValue(secret_hash), ToValue(keep)});
}

Status SqlTransaction::ForgetSessions(UnixSeconds now) {
  return Run("DELETE FROM sessions WHERE date_expires <= $1", {ToValue(now)});
}

}  // namespace strata::cloud
