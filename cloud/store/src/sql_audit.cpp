// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadRecord takes them.
#define STRATA_AUDIT_COLUMNS \
  "account_sid, sequence, date_created, actor, action, resource, entry, hash"
#define STRATA_CHECKPOINT_COLUMNS "account_sid, sequence, date_created, checkpoint"

AuditRecord ReadRecord(RowReader& row) {
  return {.account_sid = row.TakeSid<AccountSid>(),
          .sequence = row.Number<std::uint64_t>(),
          .date_created = row.Number<UnixSeconds>(),
          .actor = row.Text(),
          .action = row.Text(),
          .resource = row.Text(),
          .text = row.Text(),
          .hash = row.TakeDigest()};
}

AuditCheckpointRecord ReadCheckpoint(RowReader& row) {
  return {.account_sid = row.TakeSid<AccountSid>(),
          .sequence = row.Number<std::uint64_t>(),
          .date_created = row.Number<UnixSeconds>(),
          .json = row.Text()};
}

AuditHead ReadHead(RowReader& row) {
  return {.sequence = row.Number<std::uint64_t>(), .hash = row.TakeDigest()};
}

/// Appends to a statement that has "WHERE account_sid = $1" and $2 for its limit.
class PageBySequence {
 public:
  PageBySequence(std::string select, const AccountSid& account, const ListQuery& query)
      : sql_(std::move(select) + " WHERE account_sid = $1"),
        params_{ToValue(account), ToValue(query.limit)},
        query_(query) {}

  void Narrow(std::string_view condition, Value value) {
    params_.push_back(std::move(value));
    sql_ += " AND " + std::string(condition) + " $" + std::to_string(params_.size());
  }

  Result<Rows> Run(DbConnection& connection) {
    if (query_.position) {
      Narrow(query_.newer ? "sequence >" : "sequence <", ToValue(query_.position->sequence));
    }
    sql_ += query_.newer ? " ORDER BY sequence LIMIT $2" : " ORDER BY sequence DESC LIMIT $2";
    return connection.Query(sql_, params_);
  }

 private:
  std::string sql_;
  Values params_;
  ListQuery query_;
};

}  // namespace

Result<std::optional<AuditHead>> SqlTransaction::FindAuditHead(const AccountSid& account) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT sequence, hash FROM audit_log WHERE account_sid = $1 "
                                      "ORDER BY sequence DESC LIMIT 1",
                                      {ToValue(account)}));
  return OneRow(rows, ReadHead);
}

Result<std::optional<AuditHead>> SqlTransaction::FindAuditOlder(const AccountSid& account,
                                                                UnixSeconds before) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query(
          "SELECT sequence, hash FROM audit_log WHERE account_sid = $1 AND sequence < "
          "coalesce((SELECT min(sequence) FROM audit_log WHERE account_sid = $1 AND "
          "date_created >= $2), (SELECT max(sequence) FROM audit_log WHERE account_sid = $1)) "
          "ORDER BY sequence DESC LIMIT 1",
          {ToValue(account), ToValue(before)}));
  return OneRow(rows, ReadHead);
}

Result<ListedRows<AuditRecord>> SqlTransaction::ListAudit(const AccountSid& account,
                                                          const ListQuery& query,
                                                          const AuditFilter& filter) {
  PageBySequence page(
      "SELECT date_created, sequence, " STRATA_AUDIT_COLUMNS " FROM audit_log", account, query);
  if (filter.actor) {
    page.Narrow("actor =", ToValue(*filter.actor));
  }
  if (filter.action) {
    page.Narrow("action =", ToValue(*filter.action));
  }
  if (filter.resource) {
    page.Narrow("resource =", ToValue(*filter.resource));
  }
  if (filter.since) {
    page.Narrow("date_created >=", ToValue(*filter.since));
  }
  if (filter.until) {
    page.Narrow("date_created <", ToValue(*filter.until));
  }
  STRATA_TRY_ASSIGN(const Rows rows, page.Run(connection_));
  return AllRows(rows, ReadRecord);
}

Result<std::optional<AuditCheckpointRecord>> SqlTransaction::FindAuditCheckpoint(
    const AccountSid& account, std::uint64_t sequence) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_CHECKPOINT_COLUMNS
                        " FROM audit_checkpoints WHERE account_sid = $1 AND sequence = $2",
                        {ToValue(account), ToValue(sequence)}));
  return OneRow(rows, ReadCheckpoint);
}

Result<ListedRows<AuditCheckpointRecord>> SqlTransaction::ListAuditCheckpoints(
    const AccountSid& account, const ListQuery& query) {
  PageBySequence page("SELECT date_created, sequence, " STRATA_CHECKPOINT_COLUMNS
                      " FROM audit_checkpoints",
                      account,
                      query);
  STRATA_TRY_ASSIGN(const Rows rows, page.Run(connection_));
  return AllRows(rows, ReadCheckpoint);
}

Status SqlTransaction::InsertAudit(const AuditRecord& record) {
  return Run(
      "INSERT INTO audit_log (account_sid, sequence, date_created, actor, action, resource, entry, "
      "hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {ToValue(record.account_sid),
       ToValue(record.sequence),
       ToValue(record.date_created),
       ToValue(record.actor),
       ToValue(record.action),
       ToValue(record.resource),
       ToValue(record.text),
       ToValue(record.hash)});
}

Status SqlTransaction::InsertAuditCheckpoint(const AuditCheckpointRecord& record) {
  return Run(
      "INSERT INTO audit_checkpoints (account_sid, sequence, date_created, checkpoint) VALUES ($1, "
      "$2, $3, $4)",
      {ToValue(record.account_sid),
       ToValue(record.sequence),
       ToValue(record.date_created),
       ToValue(record.json)});
}

Status SqlTransaction::DeleteAudit(const AccountSid& account, std::uint64_t sequence) {
  STRATA_TRY(Run("DELETE FROM audit_log WHERE account_sid = $1 AND sequence <= $2",
                 {ToValue(account), ToValue(sequence)}));
  return Run("DELETE FROM audit_checkpoints WHERE account_sid = $1 AND sequence < $2",
             {ToValue(account), ToValue(sequence)});
}

}  // namespace strata::cloud
