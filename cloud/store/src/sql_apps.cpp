// SPDX-License-Identifier: Apache-2.0
#include "row_values.hpp"
#include "sql_transaction.hpp"

namespace strata::cloud {
namespace {

// The order in which ReadApp takes them; `apps` is named because one statement joins.
#define STRATA_APP_COLUMNS                                                                    \
  "apps.sid, apps.account_sid, apps.manifest_hash, apps.unique_name, apps.date_created, "     \
  "apps.date_updated, apps.app_version, apps.hardware_type, apps.signer_id, apps.encrypted, " \
  "apps.layer_count, apps.size_bytes"

App ReadApp(RowReader& row) {
  return {.sid = row.TakeSid<AppSid>(),
          .account_sid = row.TakeSid<AccountSid>(),
          .manifest_hash = row.TakeDigest(),
          .unique_name = row.Optional([](RowReader& r) { return r.Text(); }),
          .date_created = row.Number<UnixSeconds>(),
          .date_updated = row.Number<UnixSeconds>(),
          .app_version = row.Text(),
          .hardware_type = row.Text(),
          .signer = row.TakeKeyId(),
          .encrypted = row.Flag(),
          .layer_count = row.Number<std::uint32_t>(),
          .size_bytes = row.Number<std::uint64_t>()};
}

Result<std::vector<Digest>> ReadDigests(const Rows& rows) {
  std::vector<Digest> digests;
  for (const Values& values : rows) {
    RowReader row(values);
    digests.push_back(row.TakeDigest());
    if (!row.ok()) {
      return DamagedRow();
    }
  }
  return digests;
}

}  // namespace

std::string_view MarkStatement() {
  return "INSERT INTO markers (name, writes) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET "
         "writes = markers.writes + 1";
}

Result<std::optional<App>> SqlTransaction::FindApp(const AccountSid& account, const AppSid& sid) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_APP_COLUMNS
                                      " FROM apps WHERE account_sid = $1 AND sid = $2",
                                      {ToValue(account), ToValue(sid)}));
  return OneRow(rows, ReadApp);
}

Result<std::optional<App>> SqlTransaction::FindAppNamed(const AccountSid& account,
                                                        std::string_view unique_name) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT " STRATA_APP_COLUMNS
                                      " FROM apps WHERE account_sid = $1 AND unique_name = $2",
                                      {ToValue(account), ToValue(unique_name)}));
  return OneRow(rows, ReadApp);
}

Result<std::optional<std::vector<std::uint8_t>>> SqlTransaction::FindManifest(
    const AccountSid& account, const AppSid& sid) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT manifest FROM apps WHERE account_sid = $1 AND sid = $2",
                        {ToValue(account), ToValue(sid)}));
  return OneRow(rows, [](RowReader& row) { return row.Bytes(); });
}

Result<std::optional<StoredLayer>> SqlTransaction::FindLayer(const AccountSid& account,
                                                             const AppSid& app,
                                                             const Digest& digest) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT digest, size_bytes FROM app_layers "
                                      "WHERE account_sid = $1 AND app_sid = $2 AND digest = $3",
                                      {ToValue(account), ToValue(app), ToValue(digest)}));
  return OneRow(rows, [](RowReader& row) {
    return StoredLayer{.digest = row.TakeDigest(), .size_bytes = row.Number<std::uint64_t>()};
  });
}

Result<bool> SqlTransaction::HasLayer(const AccountSid& account, const Digest& digest) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query(
          "SELECT size_bytes FROM app_layers WHERE account_sid = $1 AND digest = $2 LIMIT 1",
          {ToValue(account), ToValue(digest)}));
  return !rows.empty();
}

Result<bool> SqlTransaction::IsLayerUsed(const Digest& digest) {
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query("SELECT size_bytes FROM app_layers WHERE digest = $1 LIMIT 1",
                                      {ToValue(digest)}));
  return !rows.empty();
}

Result<std::vector<Digest>> SqlTransaction::UsedLayers(std::uint8_t first) {
  // No digest is as long as the second, so it stands behind all that begin so.
  std::vector<std::uint8_t> behind(1 + sizeof(Digest), 0xFF);
  behind.front() = first;
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT DISTINCT digest FROM app_layers WHERE digest >= $1 AND digest < $2",
                        {Value(std::vector<std::uint8_t>{first}), Value(std::move(behind))}));
  return ReadDigests(rows);
}

Result<std::vector<Digest>> SqlTransaction::LayersOf(const AccountSid& account, const AppSid& app) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT digest FROM app_layers WHERE account_sid = $1 AND app_sid = $2",
                        {ToValue(account), ToValue(app)}));
  return ReadDigests(rows);
}

Status SqlTransaction::LockLayers() {
  return Run(MarkStatement(), {ToValue("layers")});
}

Result<AccountUsage> SqlTransaction::UsageOf(const AccountSid& account) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query(
          "SELECT count(*), (SELECT CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM "
          "(SELECT DISTINCT digest, size_bytes FROM app_layers WHERE account_sid = $1) AS layers) "
          "FROM apps WHERE account_sid = $1",
          {ToValue(account)}));
  RowReader row(rows.at(0));
  const AccountUsage usage{.apps = row.Number<std::uint64_t>(),
                           .app_bytes = row.Number<std::uint64_t>()};
  if (!row.ok()) {
    return DamagedRow();
  }
  return usage;
}

Result<ListedRows<App>> SqlTransaction::ListApps(const AccountSid& account,
                                                 const ListQuery& query) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      ListPage("SELECT date_created, sequence, " STRATA_APP_COLUMNS " FROM apps", account, query));
  return AllRows(rows, ReadApp);
}

Result<AppUsers> SqlTransaction::FindAppUsers(const AccountSid& account,
                                              const AppSid& app,
                                              std::uint32_t limit) {
  constexpr std::string_view kCount =
      "SELECT count(*) FROM devices WHERE account_sid = $1 "
      "AND (target_sid = $2 OR reported_sid = $2 OR updating_sid = $2)";
  constexpr std::string_view kFirst =
      "SELECT sid, unique_name, CASE WHEN target_sid = $2 THEN 1 ELSE 0 END FROM devices "
      "WHERE account_sid = $1 AND (target_sid = $2 OR reported_sid = $2 OR updating_sid = $2) "
      "ORDER BY sequence LIMIT $3";
  AppUsers users;
  STRATA_TRY_ASSIGN(const Rows counted,
                    connection_.Query(kCount, {ToValue(account), ToValue(app)}));
  RowReader count(counted.at(0));
  users.count = count.Number<std::uint64_t>();
  if (!count.ok()) {
    return DamagedRow();
  }
  STRATA_TRY_ASSIGN(const Rows rows,
                    connection_.Query(kFirst, {ToValue(account), ToValue(app), ToValue(limit)}));
  for (const Values& values : rows) {
    RowReader row(values);
    users.first.push_back({.sid = row.TakeSid<DeviceSid>(),
                           .unique_name = row.Optional([](RowReader& r) { return r.Text(); }),
                           .targets = row.Flag()});
    if (!row.ok()) {
      return DamagedRow();
    }
  }
  return users;
}

Result<std::optional<App>> SqlTransaction::FindUpload(const AccountSid& account,
                                                      std::string_view idempotency_key,
                                                      UnixSeconds since) {
  STRATA_TRY_ASSIGN(
      const Rows rows,
      connection_.Query("SELECT " STRATA_APP_COLUMNS
                        " FROM uploads JOIN apps ON apps.account_sid = uploads.account_sid "
                        "AND apps.sid = uploads.app_sid WHERE uploads.account_sid = $1 "
                        "AND uploads.idempotency_key = $2 AND uploads.date_created >= $3",
                        {ToValue(account), ToValue(idempotency_key), ToValue(since)}));
  return OneRow(rows, ReadApp);
}

Status SqlTransaction::InsertApp(const App& app,
                                 ByteSpan manifest,
                                 const std::vector<StoredLayer>& layers) {
  STRATA_TRY_ASSIGN(const std::int64_t sequence, NextSequence(app.account_sid));
  STRATA_TRY(
      Run("INSERT INTO apps (account_sid, sid, sequence, unique_name, manifest_hash, manifest, "
          "app_version, hardware_type, signer_id, encrypted, layer_count, size_bytes, "
          "date_created, date_updated) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
          {ToValue(app.account_sid),
           ToValue(app.sid),
           ToValue(sequence),
           ToValue(app.unique_name),
           ToValue(app.manifest_hash),
           ToValue(manifest),
           ToValue(app.app_version),
           ToValue(app.hardware_type),
           ToValue(app.signer),
           ToValue(app.encrypted),
           ToValue(app.layer_count),
           ToValue(app.size_bytes),
           ToValue(app.date_created),
           ToValue(app.date_updated)}));
  for (const StoredLayer& layer : layers) {
    STRATA_TRY(
        Run("INSERT INTO app_layers (account_sid, app_sid, digest, size_bytes) "
            "VALUES ($1, $2, $3, $4)",
            {ToValue(app.account_sid),
             ToValue(app.sid),
             ToValue(layer.digest),
             ToValue(layer.size_bytes)}));
  }
  return {};
}

Status SqlTransaction::DeleteApp(const AccountSid& account, const AppSid& sid) {
  return Run("DELETE FROM apps WHERE account_sid = $1 AND sid = $2",
             {ToValue(account), ToValue(sid)});
}

Status SqlTransaction::RememberUpload(const AccountSid& account,
                                      std::string_view idempotency_key,
                                      const AppSid& app,
                                      UnixSeconds now) {
  return Run(
      "INSERT INTO uploads (account_sid, idempotency_key, app_sid, date_created) "
      "VALUES ($1, $2, $3, $4) ON CONFLICT (account_sid, idempotency_key) "
      "DO UPDATE SET app_sid = excluded.app_sid, date_created = excluded.date_created",
      {ToValue(account), ToValue(idempotency_key), ToValue(app), ToValue(now)});
}

Status SqlTransaction::ForgetUploads(const AccountSid& account, UnixSeconds before) {
  return Run("DELETE FROM uploads WHERE account_sid = $1 AND date_created < $2",
             {ToValue(account), ToValue(before)});
}

}  // namespace strata::cloud
