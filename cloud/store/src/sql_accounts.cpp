// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadAccount takes them.
#define STRATA_ACCOUNT_COLUMNS "sid, friendly_name, date_created"

Account ReadAccount(RowReader& row) {
  return {.sid = row.TakeSid<AccountSid>(),
          .friendly_name = row.Text(),
          .date_created = row.Number<UnixSeconds>()};
}

}  // namespace

Result<std::optional<AccountRecord>> SqlTransaction::FindAccount(const AccountSid& sid) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_ACCOUNT_COLUMNS
                                      ", token_hash FROM accounts WHERE sid = $1",
                                      {ToValue(sid)}));
  return OneRow(rows, [](RowReader& row) {
    Account account = ReadAccount(row);
    return AccountRecord{.account = std::move(account), .token_hash = row.TakeDigest()};
  });
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
  return Run("UPDATE accounts SET friendly_name = $2, token_hash = $3 WHERE sid = $1",
             {ToValue(record.account.sid),
              ToValue(record.account.friendly_name),
              ToValue(record.token_hash)});
}

}  // namespace strata::cloud
