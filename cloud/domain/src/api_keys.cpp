// SPDX-License-Identifier: Apache-2.0
#include "audit.hpp"
#include "audit_views.hpp"
#include "names.hpp"
#include "pages.hpp"
#include "secrets.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr std::string_view kApiKeyCollection = "/v1/ApiKeys";

ApiResult<ApiKey> ResolveApiKey(StoreView& view, const AccountSid& account, std::string_view name) {
  const std::optional<ApiKeySid> sid = ApiKeySid::Parse(name);
  if (!sid) {
    return NotFound(kApiKeyCollection, name);
  }
  STRATA_CLOUD_TRY_ASSIGN(std::optional<ApiKeyRecord> record, view.FindApiKey(account, *sid));
  if (!record) {
    return NotFound(kApiKeyCollection, name);
  }
  return std::move(record->key);
}

}  // namespace

ApiResult<std::pair<ApiKey, std::string>> Service::CreateApiKey(const Account& account,
                                                                std::string_view friendly_name,
                                                                Scopes scopes) {
  STRATA_CLOUD_TRY(CheckFriendlyName(friendly_name));
  if (scopes == Scopes()) {
    return BadParameter("Scopes: it must name at least one of read, deploy, provision, admin");
  }
  STRATA_CLOUD_TRY_ASSIGN(const auto sid_bytes, impl_->RandomId());
  STRATA_CLOUD_TRY_ASSIGN(std::string secret, NewSecret(*impl_->ports.random));
  const ApiKeyRecord record{.key = {.sid = ApiKeySid::FromBytes(sid_bytes),
                                    .account_sid = account.sid,
                                    .friendly_name = std::string(friendly_name),
                                    .scopes = scopes,
                                    .date_created = impl_->ports.clock->Now()},
                            .secret_hash = HashOfSecret(secret)};
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.InsertApiKey(record));
    return Note(transaction,
                account.sid,
                {.action = "api-key.create",
                 .resource = std::string(record.key.sid.text()),
                 .after = AuditView(record.key)});
  }));
  return std::pair(record.key, std::move(secret));
}

ApiResult<PageOf<ApiKey>> Service::ListApiKeys(const Account& account, const PageRequest& request) {
  const PageTokens tokens(impl_->page_key, ListKind::kApiKeys, account.sid);
  return impl_->Read([&](StoreView& view) {
    return MakePage<ApiKey>(tokens, request, [&](const ListQuery& query) {
      return view.ListApiKeys(account.sid, query);
    });
  });
}

ApiResult<ApiKey> Service::FetchApiKey(const Account& account, std::string_view sid) {
  return impl_->Read([&](StoreView& view) { return ResolveApiKey(view, account.sid, sid); });
}

ApiOutcome Service::DeleteApiKey(const Account& account, std::string_view sid) {
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const ApiKey key, ResolveApiKey(transaction, account.sid, sid));
    STRATA_CLOUD_TRY(transaction.DeleteApiKey(account.sid, key.sid));
    return Note(transaction,
                account.sid,
                {.action = "api-key.delete",
                 .resource = std::string(key.sid.text()),
                 .before = AuditView(key)});
  }));
  impl_->ports.signals->AccessChanged(account.sid);
  return Empty{};
}

}  // namespace strata::cloud
