// SPDX-License-Identifier: Apache-2.0
#include "settings.hpp"

#include <array>

#include "strata/core/secure.hpp"

#include "audit.hpp"
#include "audit_views.hpp"
#include "development_key.hpp"
#include "names.hpp"
#include "pages.hpp"
#include "service_impl.hpp"
#include "webhook_secrets.hpp"

namespace strata::cloud {
namespace {

constexpr std::uint32_t kResealAtOnce = 100;

std::string CollectionOf(const SettingPlace& place) {
  const std::string_view last = place.kind == SettingKind::kConfig ? "/Configs" : "/Secrets";
  return place.device ? std::string(kDevicesCollection) + "/" + *place.device + std::string(last)
                      : "/v1" + std::string(last);
}

ApiResult<SettingScope> ScopeOf(StoreView& view,
                                const Account& account,
                                const SettingPlace& place) {
  SettingScope scope{.account = account.sid, .kind = place.kind};
  if (!place.device) {
    return scope;
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<DeviceRecord> device,
                          ResolveDevice(view, account.sid, *place.device));
  if (!device) {
    return NotFound(kDevicesCollection, *place.device);
  }
  scope.device = device->device.sid;
  return scope;
}

/// The scope, and the record of `key` in it.
ApiResult<std::pair<SettingScope, SettingRecord>> Resolve(StoreView& view,
                                                          const Account& account,
                                                          const SettingPlace& place,
                                                          std::string_view key) {
  STRATA_CLOUD_TRY_ASSIGN(const SettingScope scope, ScopeOf(view, account, place));
  if (!CheckSettingKey(key, place.device.has_value()).ok()) {
    return NotFound(CollectionOf(place), key);
  }
  STRATA_CLOUD_TRY_ASSIGN(std::optional<SettingRecord> record, view.FindSetting(scope, key));
  if (!record) {
    return NotFound(CollectionOf(place), key);
  }
  return std::pair(scope, std::move(*record));
}

/// Puts `value` where the record keeps it: in clear for a config, sealed for a secret.
ApiOutcome PutValue(Sealer& sealer, std::string_view value, SettingRecord& record) {
  if (record.setting.kind == SettingKind::kConfig) {
    record.setting.value = value;
    return Empty{};
  }
  auto sealed = sealer.Seal(SecretContext(record), AsBytes(value));
  if (!sealed.ok()) {
    return ServerFailed("sealing", sealed.error());
  }
  record.sealed = std::move(sealed).value();
  return Empty{};
}

/// "config.create", "secret.delete" …
std::string ActionOf(SettingKind kind, std::string_view verb) {
  return (kind == SettingKind::kConfig ? "config." : "secret.") + std::string(verb);
}

ApiOutcome Reseal(Sealer& sealer, SettingRecord& record) {
  const std::vector<std::uint8_t> context = SecretContext(record);
  auto plain = sealer.Open(context, record.sealed.bytes);
  if (!plain.ok()) {
    const Setting& setting = record.setting;
    return ServerFailed("secret " + setting.key + " of " +
                            std::string(setting.device_sid ? setting.device_sid->text()
                                                           : setting.account_sid.text()) +
                            " under master key " + record.sealed.master_key_id,
                        plain.error());
  }
  auto sealed = sealer.Seal(context, *plain);
  SecureZero(*plain);
  if (!sealed.ok()) {
    return ServerFailed("sealing", sealed.error());
  }
  record.sealed = std::move(sealed).value();
  return Empty{};
}

/// How many there were.
ApiResult<std::uint64_t> ResealDevelopmentKeys(Sealer& sealer, StoreTransaction& transaction) {
  STRATA_CLOUD_TRY_ASSIGN(std::vector<AccountRecord> records,
                          transaction.DevelopmentKeysNotUnder(sealer.newest_key_id()));
  for (AccountRecord& record : records) {
    STRATA_CLOUD_TRY(ResealDevelopmentKey(sealer, record));
    STRATA_CLOUD_TRY(transaction.UpdateAccount(record));
  }
  return std::uint64_t{records.size()};
}

/// How many there were.
ApiResult<std::uint64_t> ResealWebhooks(Sealer& sealer, StoreTransaction& transaction) {
  STRATA_CLOUD_TRY_ASSIGN(std::vector<WebhookRecord> records,
                          transaction.WebhooksNotUnder(sealer.newest_key_id()));
  for (WebhookRecord& record : records) {
    STRATA_CLOUD_TRY(ResealWebhook(sealer, record));
    STRATA_CLOUD_TRY(transaction.UpdateWebhook(record));
  }
  return std::uint64_t{records.size()};
}

}  // namespace

std::vector<std::uint8_t> SecretContext(const SettingRecord& record) {
  constexpr std::string_view kPrefix("strata-secret-v1\0", 17);
  const Setting& setting = record.setting;
  std::string text(kPrefix);
  text += setting.account_sid.text();
  text += setting.device_sid ? std::string(setting.device_sid->text())
                             : std::string(DeviceSid::kChars, '\0');
  const auto version = BigEndian(record.version);
  text.append(version.begin(), version.end());
  text += setting.key;
  return {text.begin(), text.end()};
}

ApiResult<Setting> Service::CreateSetting(const Account& account,
                                          const SettingPlace& place,
                                          std::string_view key,
                                          std::string_view value) {
  STRATA_CLOUD_TRY(CheckSettingKey(key, place.device.has_value()));
  STRATA_CLOUD_TRY(CheckSettingValue(value));
  const UnixSeconds now = impl_->ports.clock->Now();
  return impl_->Write([&](StoreTransaction& transaction) -> ApiResult<Setting> {
    STRATA_CLOUD_TRY_ASSIGN(const SettingScope scope, ScopeOf(transaction, account, place));
    STRATA_CLOUD_TRY_ASSIGN(const auto known, transaction.FindSetting(scope, key));
    if (known) {
      return KeyTaken();
    }
    STRATA_CLOUD_TRY_ASSIGN(const std::uint64_t count, transaction.CountSettings(scope));
    if (count >= kMaxSettingsPerPlace) {
      return TooManySettings();
    }
    SettingRecord record{.setting = {.kind = place.kind,
                                     .account_sid = account.sid,
                                     .device_sid = scope.device,
                                     .key = std::string(key),
                                     .date_created = now,
                                     .date_updated = now}};
    STRATA_CLOUD_TRY(PutValue(*impl_->ports.sealer, value, record));
    STRATA_CLOUD_TRY(transaction.InsertSetting(record));
    STRATA_CLOUD_TRY(Note(transaction,
                          account.sid,
                          {.action = ActionOf(place.kind, "create"),
                           .resource = AuditNameOf(record.setting),
                           .after = AuditView(record)}));
    return record.setting;
  });
}

ApiResult<PageOf<Setting>> Service::ListSettings(const Account& account,
                                                 const SettingPlace& place,
                                                 const PageRequest& request) {
  return impl_->Read([&](StoreView& view) -> ApiResult<PageOf<Setting>> {
    STRATA_CLOUD_TRY_ASSIGN(const SettingScope scope, ScopeOf(view, account, place));
    const ListKind kind =
        place.kind == SettingKind::kConfig ? ListKind::kConfigs : ListKind::kSecrets;
    const PageTokens tokens(impl_->page_key,
                            kind,
                            account.sid,
                            scope.device ? std::string(scope.device->text()) : std::string());
    return MakePage<Setting>(
        tokens, request, [&](const ListQuery& query) { return view.ListSettings(scope, query); });
  });
}

ApiResult<Setting> Service::FetchSetting(const Account& account,
                                         const SettingPlace& place,
                                         std::string_view key) {
  return impl_->Read([&](StoreView& view) -> ApiResult<Setting> {
    STRATA_CLOUD_TRY_ASSIGN(const auto found, Resolve(view, account, place, key));
    return found.second.setting;
  });
}

ApiResult<Setting> Service::UpdateSetting(const Account& account,
                                          const SettingPlace& place,
                                          std::string_view key,
                                          std::string_view value) {
  STRATA_CLOUD_TRY(CheckSettingValue(value));
  const UnixSeconds now = impl_->ports.clock->Now();
  return impl_->Write([&](StoreTransaction& transaction) -> ApiResult<Setting> {
    STRATA_CLOUD_TRY_ASSIGN(auto found, Resolve(transaction, account, place, key));
    SettingRecord& record = found.second;
    const std::string before = AuditView(record);
    ++record.version;
    record.setting.date_updated = now;
    STRATA_CLOUD_TRY(PutValue(*impl_->ports.sealer, value, record));
    STRATA_CLOUD_TRY(transaction.UpdateSetting(record));
    STRATA_CLOUD_TRY(Note(transaction,
                          account.sid,
                          {.action = ActionOf(place.kind, "update"),
                           .resource = AuditNameOf(record.setting),
                           .before = before,
                           .after = AuditView(record)}));
    return record.setting;
  });
}

ApiOutcome Service::DeleteSetting(const Account& account,
                                  const SettingPlace& place,
                                  std::string_view key) {
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const auto found, Resolve(transaction, account, place, key));
    STRATA_CLOUD_TRY(transaction.DeleteSetting(found.first, key));
    return Note(transaction,
                account.sid,
                {.action = ActionOf(place.kind, "delete"),
                 .resource = AuditNameOf(found.second.setting),
                 .before = AuditView(found.second)});
  });
}

ApiOutcome Service::AdoptMasterKey() {
  const std::string id = impl_->ports.sealer->newest_key_id();
  const UnixSeconds now = impl_->ports.clock->Now();
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.InsertMasterKeyId(id, now));
    return Empty{};
  });
}

ApiResult<std::uint64_t> Service::ResealSecrets() {
  STRATA_CLOUD_TRY(AdoptMasterKey());
  Sealer& sealer = *impl_->ports.sealer;
  const std::string newest = sealer.newest_key_id();
  std::uint64_t sealed = 0;
  std::optional<SettingRecord> last;
  for (bool more = true; more;) {
    using Batch = std::vector<SettingRecord>;
    std::uint64_t done = 0;
    STRATA_CLOUD_TRY_ASSIGN(
        Batch batch, impl_->Write([&](StoreTransaction& transaction) -> ApiResult<Batch> {
          STRATA_CLOUD_TRY_ASSIGN(Batch found, transaction.SecretsBehind(last, kResealAtOnce));
          done = 0;
          for (SettingRecord& record : found) {
            if (record.sealed.master_key_id != newest) {
              STRATA_CLOUD_TRY(Reseal(sealer, record));
              STRATA_CLOUD_TRY(transaction.UpdateSetting(record));
              ++done;
            }
          }
          return found;
        }));
    sealed += done;
    more = batch.size() == kResealAtOnce;
    if (more) {
      last = std::move(batch.back());
    }
  }
  std::uint64_t keys = 0;
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(keys, ResealDevelopmentKeys(sealer, transaction));
    STRATA_CLOUD_TRY_ASSIGN(const std::uint64_t webhooks, ResealWebhooks(sealer, transaction));
    keys += webhooks;
    STRATA_CLOUD_TRY_ASSIGN(const std::vector<std::string> ids, transaction.MasterKeyIds());
    for (const std::string& id : ids) {
      STRATA_CLOUD_TRY_ASSIGN(const bool used, transaction.IsMasterKeyUsed(id));
      if (id != newest && !used) {
        STRATA_CLOUD_TRY(transaction.DeleteMasterKeyId(id));
      }
    }
    STRATA_CLOUD_TRY_ASSIGN(const std::vector<Account> accounts, transaction.ListAccounts());
    for (const Account& account : accounts) {
      STRATA_CLOUD_TRY(
          Note(transaction, account.sid, {.action = "master-key.rotate", .resource = newest}));
    }
    return Empty{};
  }));
  return sealed + keys;
}

}  // namespace strata::cloud
