// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadKey takes them.
#define STRATA_KEY_COLUMNS \
  "key_id, account_sid, friendly_name, public_key, date_created, type, revoked, added_by"

SigningKey ReadKey(RowReader& row) {
  return {.key_id = row.TakeKeyId(),
          .account_sid = row.TakeSid<AccountSid>(),
          .friendly_name = row.Text(),
          .public_key = row.Array<65>(),
          .date_created = row.Number<UnixSeconds>(),
          .type = row.Number<KeyType>(),
          .revoked = row.Flag(),
          .added_by = row.Number<std::uint32_t>()};
}

}  // namespace

Status SqlTransaction::Run(std::string_view sql, const Values& params) {
  STRATA_TRY(connection_.Query(sql, params));
  return {};
}

Result<std::int64_t> SqlTransaction::NextSequence(const AccountSid& account) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("UPDATE accounts SET last_sequence = last_sequence + 1 WHERE sid = $1 "
                        "RETURNING last_sequence",
                        {ToValue(account)}));
  if (rows.empty()) {
    return Fail(Code::kInvalidArgument);
  }
  RowReader row(rows.front());
  const auto sequence = row.Number<std::int64_t>();
  if (!row.ok()) {
    return DamagedRow();
  }
  return sequence;
}

Result<Rows> SqlTransaction::ListPage(std::string_view select,
                                      const AccountSid& account,
                                      const ListQuery& query,
                                      const std::vector<Condition>& conditions) {
  std::string sql(select);
  Values params = {ToValue(account), ToValue(query.limit)};
  sql += " WHERE account_sid = $1";
  // Numbers are given as they come: engines want each parameter that is bound in the statement.
  const auto bind = [&params](Value value) {
    params.push_back(std::move(value));
    return "$" + std::to_string(params.size());
  };
  for (const Condition& condition : conditions) {
    const std::size_t mark = condition.sql.find('#');
    sql += " AND ";
    sql += condition.sql.substr(0, mark);
    sql += bind(condition.value);
    sql += condition.sql.substr(mark + 1);
  }
  if (query.position.has_value()) {
    sql += query.newer ? " AND (date_created, sequence) > (" : " AND (date_created, sequence) < (";
    sql += bind(ToValue(query.position->date)) + ", ";
    sql += bind(ToValue(query.position->sequence)) + ")";
  }
  sql += query.newer ? " ORDER BY date_created, sequence LIMIT $2"
                     : " ORDER BY date_created DESC, sequence DESC LIMIT $2";
  return connection_.Query(sql, params);
}

Result<std::optional<SigningKey>> SqlTransaction::FindKey(const AccountSid& account, KeyId id) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_KEY_COLUMNS
                                      " FROM signing_keys WHERE account_sid = $1 AND key_id = $2",
                                      {ToValue(account), ToValue(id)}));
  return OneRow(rows, ReadKey);
}

Result<ListedRows<SigningKey>> SqlTransaction::ListKeys(const AccountSid& account,
                                                        const ListQuery& query) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      ListPage("SELECT date_created, sequence, " STRATA_KEY_COLUMNS " FROM signing_keys",
               account,
               query));
  return AllRows(rows, ReadKey);
}

Status SqlTransaction::InsertKey(const SigningKey& key) {
  STRATA_TRY_ASSIGN(const std::int64_t sequence, NextSequence(key.account_sid));
  return Run(
      "INSERT INTO signing_keys (account_sid, key_id, sequence, friendly_name, public_key, "
      "date_created, type, revoked, added_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {ToValue(key.account_sid),
       ToValue(key.key_id),
       ToValue(sequence),
       ToValue(key.friendly_name),
       ToValue(key.public_key),
       ToValue(key.date_created),
       ToValue(static_cast<std::int64_t>(key.type)),
       ToValue(key.revoked),
       ToValue(key.added_by)});
}

Result<std::vector<SigningKey>> SqlTransaction::ActiveSigners(const AccountSid& account) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_KEY_COLUMNS
                        " FROM signing_keys WHERE account_sid = $1 AND type = 0 AND revoked = 0",
                        {ToValue(account)}));
  std::vector<SigningKey> keys;
  for (const Values& values : rows) {
    RowReader row(values);
    keys.push_back(ReadKey(row));
    if (!row.ok()) {
      return DamagedRow();
    }
  }
  return keys;
}

Status SqlTransaction::UpdateKey(const SigningKey& key) {
  return Run(
      "UPDATE signing_keys SET revoked = $3, added_by = $4 WHERE account_sid = $1 AND key_id = $2",
      {ToValue(key.account_sid), ToValue(key.key_id), ToValue(key.revoked), ToValue(key.added_by)});
}

Status SqlTransaction::DeleteKey(const AccountSid& account, KeyId id) {
  return Run("DELETE FROM signing_keys WHERE account_sid = $1 AND key_id = $2",
             {ToValue(account), ToValue(id)});
}

}  // namespace strata::cloud
