// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadToken takes them.
#define STRATA_TOKEN_COLUMNS                                                           \
  "sid, account_sid, friendly_name, hardware_type, tags, date_created, date_expires, " \
  "date_used, device_sid"

EnrolmentToken ReadToken(RowReader& row) {
  return {.sid = row.TakeSid<EnrolmentTokenSid>(),
          .account_sid = row.TakeSid<AccountSid>(),
          .friendly_name = row.Text(),
          .hardware_type = row.Text(),
          .tags = SplitTags(row.Text()),
          .date_created = row.Number<UnixSeconds>(),
          .date_expires = row.Number<UnixSeconds>(),
          .date_used = row.Optional([](RowReader& r) { return r.Number<UnixSeconds>(); }),
          .device_sid = row.Optional([](RowReader& r) { return r.TakeSid<DeviceSid>(); })};
}

EnrolmentTokenRecord ReadRecord(RowReader& row) {
  EnrolmentToken token = ReadToken(row);
  return {.token = std::move(token), .secret_hash = row.TakeDigest()};
}

}  // namespace

Result<std::optional<EnrolmentTokenRecord>> SqlTransaction::FindEnrolmentTokenBySid(
    const EnrolmentTokenSid& sid) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_TOKEN_COLUMNS
                                      ", secret_hash FROM enrolment_tokens WHERE sid = $1",
                                      {ToValue(sid)}));
  return OneRow(rows, ReadRecord);
}

Result<std::optional<EnrolmentTokenRecord>> SqlTransaction::FindEnrolmentToken(
    const AccountSid& account, const EnrolmentTokenSid& sid) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_TOKEN_COLUMNS
                        ", secret_hash FROM enrolment_tokens WHERE account_sid = $1 AND sid = $2",
                        {ToValue(account), ToValue(sid)}));
  return OneRow(rows, ReadRecord);
}

Result<ListedRows<EnrolmentToken>> SqlTransaction::ListEnrolmentTokens(const AccountSid& account,
                                                                       const ListQuery& query) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      ListPage("SELECT date_created, sequence, " STRATA_TOKEN_COLUMNS " FROM enrolment_tokens",
               account,
               query));
  return AllRows(rows, ReadToken);
}

Result<std::uint64_t> SqlTransaction::CountEnrolmentTokens(const AccountSid& account,
                                                           UnixSeconds now) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT count(*) FROM enrolment_tokens WHERE account_sid = $1 AND "
                        "date_used IS NULL AND date_expires > $2",
                        {ToValue(account), ToValue(now)}));
  return OneNumber(rows);
}

Status SqlTransaction::InsertEnrolmentToken(const EnrolmentTokenRecord& record) {
  const EnrolmentToken& token = record.token;
  STRATA_TRY_ASSIGN(const std::int64_t sequence, NextSequence(token.account_sid));
  return Run(
      "INSERT INTO enrolment_tokens (account_sid, sid, sequence, friendly_name, hardware_type, "
      "tags, secret_hash, date_created, date_expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {ToValue(token.account_sid),
       ToValue(token.sid),
       ToValue(sequence),
       ToValue(token.friendly_name),
       ToValue(token.hardware_type),
       ToValue(JoinTags(token.tags)),
       ToValue(record.secret_hash),
       ToValue(token.date_created),
       ToValue(token.date_expires)});
}

Status SqlTransaction::UseEnrolmentToken(const EnrolmentToken& token) {
  return Run(
      "UPDATE enrolment_tokens SET date_used = $3, device_sid = $4 WHERE account_sid = $1 AND sid "
      "= $2",
      {ToValue(token.account_sid),
       ToValue(token.sid),
       ToValue(token.date_used),
       ToValue(token.device_sid)});
}

Status SqlTransaction::DeleteEnrolmentToken(const AccountSid& account,
                                            const EnrolmentTokenSid& sid) {
  return Run("DELETE FROM enrolment_tokens WHERE account_sid = $1 AND sid = $2",
             {ToValue(account), ToValue(sid)});
}

Status SqlTransaction::ForgetEnrolmentTokens(UnixSeconds before) {
  return Run("DELETE FROM enrolment_tokens WHERE date_expires < $1", {ToValue(before)});
}

}  // namespace strata::cloud
