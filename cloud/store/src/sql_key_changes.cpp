// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadMessage takes them.
#define STRATA_KEY_CHANGE_COLUMNS \
  "account_sid, sequence, body_hash, signer_id, message, date_created"

KeyMessage ReadMessage(RowReader& row) {
  return {.account_sid = row.TakeSid<AccountSid>(),
          .sequence = row.Number<std::uint32_t>(),
          .body_hash = row.TakeDigest(),
          .signer = row.TakeKeyId(),
          .bytes = row.Bytes(),
          .date_created = row.Number<UnixSeconds>()};
}

}  // namespace

Result<std::optional<KeyMessage>> SqlTransaction::FindKeyMessage(const AccountSid& account,
                                                                 std::uint32_t sequence) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_KEY_CHANGE_COLUMNS
                                      " FROM key_changes WHERE account_sid = $1 AND sequence = $2",
                                      {ToValue(account), ToValue(sequence)}));
  return OneRow(rows, ReadMessage);
}

Result<ListedRows<KeyMessage>> SqlTransaction::ListKeyMessages(const AccountSid& account,
                                                               const ListQuery& query) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      ListPage("SELECT date_created, sequence, " STRATA_KEY_CHANGE_COLUMNS " FROM key_changes",
               account,
               query));
  return AllRows(rows, ReadMessage);
}

Result<std::uint32_t> SqlTransaction::NewestKeySequence(const AccountSid& account) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query(
          "SELECT sequence FROM key_changes WHERE account_sid = $1 ORDER BY sequence DESC LIMIT 1",
          {ToValue(account)}));
  STRATA_TRY_ASSIGN(const std::optional<std::uint32_t> newest,
                    OneRow(rows, [](RowReader& row) { return row.Number<std::uint32_t>(); }));
  return newest.value_or(0);
}

Result<KeyChangeDevices> SqlTransaction::CountDevicesAt(const AccountSid& account,
                                                        std::uint32_t key_sequence) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query(
          "SELECT count(*), coalesce(sum(CASE WHEN keys_sequence >= $2 THEN 1 ELSE 0 END), 0), "
          "coalesce(sum(CASE WHEN keys_sequence = $2 - 1 AND keys_error <> 0 THEN 1 ELSE 0 END), "
          "0) FROM devices WHERE account_sid = $1",
          {ToValue(account), ToValue(key_sequence)}));
  RowReader row(rows.at(0));
  const KeyChangeDevices devices{.total = row.Number<std::uint64_t>(),
                                 .current = row.Number<std::uint64_t>(),
                                 .refused = row.Number<std::uint64_t>()};
  if (!row.ok()) {
    return DamagedRow();
  }
  return devices;
}

Status SqlTransaction::InsertKeyMessage(const KeyMessage& message) {
  return Run(
      "INSERT INTO key_changes (account_sid, sequence, body_hash, signer_id, message, "
      "date_created) VALUES ($1, $2, $3, $4, $5, $6)",
      {ToValue(message.account_sid),
       ToValue(message.sequence),
       ToValue(message.body_hash),
       ToValue(message.signer),
       ToValue(message.bytes),
       ToValue(message.date_created)});
}

}  // namespace strata::cloud
