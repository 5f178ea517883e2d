// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadWebhook takes them; ReadRecord takes two more.
#define STRATA_WEBHOOK_COLUMNS "sid, account_sid, url, friendly_name, date_created"
#define STRATA_WEBHOOK_RECORD_COLUMNS STRATA_WEBHOOK_COLUMNS ", master_key_id, sealed"
// The order in which ReadDelivery takes them.
#define STRATA_DELIVERY_COLUMNS                                                          \
  "account_sid, webhook_sid, event, date_created, next_attempt, attempts, last_status, " \
  "last_error, dead"

#define STRATA_DELIVERY_COLUMNS_OF_D                                                    \
  "d.account_sid, d.webhook_sid, d.event, d.date_created, d.next_attempt, d.attempts, " \
  "d.last_status, d.last_error, d.dead"
// Accounts for which something waits, each found behind the one before it.
#define STRATA_BUSY_ACCOUNTS                                                                 \
  "WITH RECURSIVE busy (account) AS (SELECT min(account_sid) FROM webhook_deliveries WHERE " \
  "dead = 0 UNION ALL SELECT (SELECT min(n.account_sid) FROM webhook_deliveries AS n WHERE " \
  "n.dead = 0 AND n.account_sid > busy.account) FROM busy WHERE busy.account IS NOT NULL) "

Webhook ReadWebhook(RowReader& row) {
  return {.sid = row.TakeSid<WebhookSid>(),
          .account_sid = row.TakeSid<AccountSid>(),
          .url = row.Text(),
          .friendly_name = row.Text(),
          .date_created = row.Number<UnixSeconds>()};
}

WebhookRecord ReadRecord(RowReader& row) {
  WebhookRecord record{.webhook = ReadWebhook(row)};
  record.secret.master_key_id = row.Text();
  record.secret.bytes = row.Bytes();
  return record;
}

Delivery ReadDelivery(RowReader& row) {
  return {.account_sid = row.TakeSid<AccountSid>(),
          .webhook_sid = row.TakeSid<WebhookSid>(),
          .event = row.Number<std::int64_t>(),
          .date_created = row.Number<UnixSeconds>(),
          .next_attempt = row.Number<UnixSeconds>(),
          .attempts = row.Number<std::uint32_t>(),
          .last_status = row.Number<std::uint32_t>(),
          .last_error = row.Text(),
          .dead = row.Flag()};
}

template <typename Read>
auto EachRow(const Rows& rows, Read read)
    -> Result<std::vector<std::invoke_result_t<Read, RowReader&>>> {
  std::vector<std::invoke_result_t<Read, RowReader&>> all;
  all.reserve(rows.size());
  for (const Values& values : rows) {
    RowReader row(values);
    all.push_back(read(row));
    if (!row.ok()) {
      return DamagedRow();
    }
  }
  return all;
}

}  // namespace

Result<std::optional<WebhookRecord>> SqlTransaction::FindWebhook(const AccountSid& account,
                                                                 const WebhookSid& sid) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_WEBHOOK_RECORD_COLUMNS
                                      " FROM webhooks WHERE account_sid = $1 AND sid = $2",
                                      {ToValue(account), ToValue(sid)}));
  return OneRow(rows, ReadRecord);
}

Result<ListedRows<Webhook>> SqlTransaction::ListWebhooks(const AccountSid& account,
                                                         const ListQuery& query) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      ListPage("SELECT date_created, sequence, " STRATA_WEBHOOK_COLUMNS " FROM webhooks",
               account,
               query));
  return AllRows(rows, ReadWebhook);
}

Result<std::uint64_t> SqlTransaction::CountWebhooks(const AccountSid& account) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT count(*) FROM webhooks WHERE account_sid = $1",
                                      {ToValue(account)}));
  return OneNumber(rows);
}

Result<std::vector<WebhookRecord>> SqlTransaction::WebhooksNotUnder(
    std::string_view master_key_id) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_WEBHOOK_RECORD_COLUMNS
                                      " FROM webhooks WHERE master_key_id <> $1",
                                      {ToValue(master_key_id)}));
  return EachRow(rows, ReadRecord);
}

Result<std::optional<Delivery>> SqlTransaction::FindDelivery(const AccountSid& account,
                                                             const WebhookSid& webhook,
                                                             std::int64_t event) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_DELIVERY_COLUMNS
                        " FROM webhook_deliveries WHERE account_sid = $1 AND webhook_sid = $2 AND "
                        "event = $3",
                        {ToValue(account), ToValue(webhook), ToValue(event)}));
  return OneRow(rows, ReadDelivery);
}

Result<ListedRows<Delivery>> SqlTransaction::ListDeadLetters(const AccountSid& account,
                                                             const WebhookSid& webhook,
                                                             const ListQuery& query) {
  std::string sql = "SELECT 0, event, " STRATA_DELIVERY_COLUMNS
                    " FROM webhook_deliveries WHERE account_sid = $1 AND webhook_sid = $2 AND "
                    "dead = 1 ";
  Values params = {ToValue(account), ToValue(webhook), ToValue(query.limit)};
  if (query.position) {
    sql += query.newer ? "AND event > $4 " : "AND event < $4 ";
    params.push_back(ToValue(query.position->sequence));
  }
  sql += query.newer ? "ORDER BY event LIMIT $3" : "ORDER BY event DESC LIMIT $3";
  STRATA_TRY_ASSIGN(const Rows rows, connection_.Query(sql, params));
  return AllRows(rows, ReadDelivery);
}

Result<std::vector<Delivery>> SqlTransaction::DueDeliveries(UnixSeconds now,
                                                            std::uint32_t per_webhook,
                                                            std::uint32_t limit) {
  // Neither a webhook that is slow nor an account that has many may stand before all others. What
  // is read depends on how many wait here and there, not on how many wait in all: CROSS JOIN keeps
  // the order in which an engine that does not know better would read.
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query(
          STRATA_BUSY_ACCOUNTS
          "SELECT " STRATA_DELIVERY_COLUMNS " FROM (SELECT " STRATA_DELIVERY_COLUMNS_OF_D
          ", row_number() OVER (PARTITION BY d.account_sid ORDER BY d.next_attempt, d.event, "
          "d.webhook_sid) AS place FROM busy CROSS JOIN webhooks AS w CROSS JOIN "
          "webhook_deliveries AS d WHERE w.account_sid = busy.account AND d.account_sid = "
          "w.account_sid AND d.webhook_sid = w.sid AND d.event IN (SELECT e.event FROM "
          "webhook_deliveries AS e WHERE e.account_sid = w.account_sid AND e.webhook_sid = w.sid "
          "AND e.dead = 0 AND e.next_attempt <= $1 ORDER BY e.next_attempt, e.event LIMIT $2)) AS "
          "due ORDER BY place, next_attempt, event LIMIT $3",
          {ToValue(now), ToValue(per_webhook), ToValue(limit)}));
  return EachRow(rows, ReadDelivery);
}

Result<std::optional<std::pair<UnixSeconds, UnixSeconds>>> SqlTransaction::DeliveryTimes() {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT (SELECT min(next_attempt) FROM webhook_deliveries WHERE dead = 0), "
                        "(SELECT max(next_attempt) FROM webhook_deliveries WHERE dead = 0)",
                        {}));
  const auto number = [](RowReader& row) { return row.Number<UnixSeconds>(); };
  STRATA_TRY_ASSIGN(const auto ends, OneRow(rows, [&number](RowReader& row) {
                      const auto first = row.Optional(number);
                      return std::pair(first, row.Optional(number));
                    }));
  if (!ends || !ends->first || !ends->second) {
    return std::optional<std::pair<UnixSeconds, UnixSeconds>>();
  }
  return std::optional(std::pair(*ends->first, *ends->second));
}

Result<std::vector<std::pair<AccountSid, WebhookSid>>> SqlTransaction::CrowdedWebhooks(
    std::uint32_t waiting) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query(
          STRATA_BUSY_ACCOUNTS
          "SELECT w.account_sid, w.sid FROM busy CROSS JOIN webhooks AS w WHERE w.account_sid = "
          "busy.account AND (SELECT d.dead FROM webhook_deliveries AS d WHERE d.account_sid = "
          "w.account_sid AND d.webhook_sid = w.sid AND d.dead = 0 ORDER BY d.next_attempt LIMIT 1 "
          "OFFSET $1) IS NOT NULL",
          {ToValue(waiting)}));
  return EachRow(rows, [](RowReader& row) {
    const auto account = row.TakeSid<AccountSid>();
    return std::pair(account, row.TakeSid<WebhookSid>());
  });
}

Status SqlTransaction::InsertWebhook(const WebhookRecord& record) {
  const Webhook& webhook = record.webhook;
  STRATA_TRY_ASSIGN(const std::int64_t sequence, NextSequence(webhook.account_sid));
  return Run(
      "INSERT INTO webhooks (account_sid, sid, sequence, url, friendly_name, date_created, "
      "master_key_id, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {ToValue(webhook.account_sid),
       ToValue(webhook.sid),
       ToValue(sequence),
       ToValue(webhook.url),
       ToValue(webhook.friendly_name),
       ToValue(webhook.date_created),
       ToValue(record.secret.master_key_id),
       ToValue(record.secret.bytes)});
}

Status SqlTransaction::UpdateWebhook(const WebhookRecord& record) {
  return Run(
      "UPDATE webhooks SET master_key_id = $3, sealed = $4 WHERE account_sid = $1 AND sid = $2",
      {ToValue(record.webhook.account_sid),
       ToValue(record.webhook.sid),
       ToValue(record.secret.master_key_id),
       ToValue(record.secret.bytes)});
}

Status SqlTransaction::DeleteWebhook(const AccountSid& account, const WebhookSid& sid) {
  return Run("DELETE FROM webhooks WHERE account_sid = $1 AND sid = $2",
             {ToValue(account), ToValue(sid)});
}

Status SqlTransaction::QueueDeliveries(const AccountSid& account,
                                       std::int64_t event,
                                       UnixSeconds now,
                                       const std::optional<WebhookSid>& only) {
  std::string sql =
      "INSERT INTO webhook_deliveries (" STRATA_DELIVERY_COLUMNS
      ") SELECT account_sid, sid, $2, $3, $3, 0, 0, '', 0 FROM webhooks WHERE account_sid = $1";
  Values params = {ToValue(account), ToValue(event), ToValue(now)};
  if (only) {
    sql += " AND sid = $4";
    params.push_back(ToValue(*only));
  }
  return Run(sql, params);
}

Result<std::uint64_t> SqlTransaction::ReviveDeliveries(const AccountSid& account,
                                                       const WebhookSid& webhook,
                                                       std::optional<std::int64_t> event,
                                                       UnixSeconds now) {
  std::string sql =
      "UPDATE webhook_deliveries SET dead = 0, attempts = 0, next_attempt = $3 WHERE account_sid = "
      "$1 AND webhook_sid = $2 AND dead = 1";
  Values params = {ToValue(account), ToValue(webhook), ToValue(now)};
  if (event) {
    sql += " AND event = $4";
    params.push_back(ToValue(*event));
  }
  STRATA_TRY_ASSIGN(const Rows rows, connection_.Query(sql + " RETURNING event", params));
  return static_cast<std::uint64_t>(rows.size());
}

Status SqlTransaction::UpdateDelivery(const Delivery& delivery) {
  return Run(
      "UPDATE webhook_deliveries SET next_attempt = $4, attempts = $5, last_status = $6, "
      "last_error = $7, dead = $8 WHERE account_sid = $1 AND webhook_sid = $2 AND event = $3",
      {ToValue(delivery.account_sid),
       ToValue(delivery.webhook_sid),
       ToValue(delivery.event),
       ToValue(delivery.next_attempt),
       ToValue(delivery.attempts),
       ToValue(delivery.last_status),
       ToValue(delivery.last_error),
       ToValue(delivery.dead)});
}

Status SqlTransaction::DeleteDelivery(const Delivery& delivery) {
  return Run(
      "DELETE FROM webhook_deliveries WHERE account_sid = $1 AND webhook_sid = $2 AND event = $3",
      {ToValue(delivery.account_sid), ToValue(delivery.webhook_sid), ToValue(delivery.event)});
}

Status SqlTransaction::PullDeliveriesBack(UnixSeconds now) {
  return Run(
      "UPDATE webhook_deliveries SET next_attempt = $1 WHERE dead = 0 AND next_attempt > $1 + "
      "86400",
      {ToValue(now)});
}

Result<std::uint64_t> SqlTransaction::BuryDeliveries(const AccountSid& account,
                                                     const WebhookSid& webhook,
                                                     std::uint32_t keep,
                                                     std::string_view why,
                                                     UnixSeconds now) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query(
          "UPDATE webhook_deliveries SET dead = 1, next_attempt = $5, last_error = $4 WHERE "
          "account_sid = $1 AND webhook_sid = $2 AND dead = 0 AND event <= (SELECT event FROM "
          "webhook_deliveries WHERE account_sid = $1 AND webhook_sid = $2 AND dead = 0 ORDER BY "
          "event DESC LIMIT 1 OFFSET $3) RETURNING event",
          {ToValue(account), ToValue(webhook), ToValue(keep), ToValue(why), ToValue(now)}));
  return static_cast<std::uint64_t>(rows.size());
}

Status SqlTransaction::ForgetDeliveries(UnixSeconds before) {
  return Run("DELETE FROM webhook_deliveries WHERE date_created < $1", {ToValue(before)});
}

}  // namespace strata::cloud
