// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/keys.hpp"

#include "audit.hpp"
#include "audit_views.hpp"
#include "names.hpp"
#include "pages.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr std::string_view kKeyCollection = "/v1/Keys";

ApiResult<SigningKey> ResolveKey(StoreView& view,
                                 const AccountSid& account,
                                 std::string_view name) {
  const std::optional<KeyId> id = ParseKeyId(name);
  if (!id) {
    return NotFound(kKeyCollection, name);
  }
  STRATA_CLOUD_TRY_ASSIGN(std::optional<SigningKey> key, view.FindKey(account, *id));
  if (!key) {
    return NotFound(kKeyCollection, name);
  }
  return std::move(*key);
}

}  // namespace

ApiResult<std::pair<SigningKey, bool>> Service::RegisterKey(const Account& account,
                                                            const PublicKey& key,
                                                            std::string_view friendly_name,
                                                            KeyType type) {
  using Registered = std::pair<SigningKey, bool>;
  STRATA_CLOUD_TRY(CheckFriendlyName(friendly_name));
  const SigningKey wanted{.key_id = bundle::KeyIdOf(type, key),
                          .account_sid = account.sid,
                          .friendly_name = std::string(friendly_name),
                          .public_key = key,
                          .date_created = impl_->ports.clock->Now(),
                          .type = type};
  return impl_->Write([&](StoreTransaction& transaction) -> ApiResult<Registered> {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<AccountRecord> owner,
                            transaction.FindAccount(account.sid));
    if (owner && owner->account.development_signer == key) {
      return BadParameter(
          "PublicKey: it is the account's development key, which only development devices trust");
    }
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<SigningKey> known,
                            transaction.FindKey(account.sid, wanted.key_id));
    if (known && known->public_key != key) {
      return BadParameter(
          "PublicKey: another key with the same id is registered; make a new one with "
          "strata keys generate signing");
    }
    if (known) {
      return Registered(*known, false);
    }
    STRATA_CLOUD_TRY(transaction.InsertKey(wanted));
    STRATA_CLOUD_TRY(Note(transaction,
                          account.sid,
                          {.action = "key.register",
                           .resource = bundle::KeyIdText(wanted.key_id),
                           .after = AuditView(wanted)}));
    return Registered(wanted, true);
  });
}

ApiResult<PageOf<SigningKey>> Service::ListKeys(const Account& account,
                                                const PageRequest& request) {
  const PageTokens tokens(impl_->page_key, ListKind::kKeys, account.sid);
  return impl_->Read([&](StoreView& view) {
    return MakePage<SigningKey>(
        tokens, request, [&](const ListQuery& query) { return view.ListKeys(account.sid, query); });
  });
}

ApiResult<SigningKey> Service::FetchKey(const Account& account, std::string_view key_id) {
  return impl_->Read([&](StoreView& view) { return ResolveKey(view, account.sid, key_id); });
}

ApiOutcome Service::DeleteKey(const Account& account, std::string_view key_id) {
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const SigningKey key, ResolveKey(transaction, account.sid, key_id));
    if (key.revoked) {
      return BadParameter(
          "the key was revoked by a key change and stays listed, so that nobody registers it "
          "again by mistake");
    }
    STRATA_CLOUD_TRY(transaction.DeleteKey(account.sid, key.key_id));
    return Note(transaction,
                account.sid,
                {.action = "key.delete",
                 .resource = bundle::KeyIdText(key.key_id),
                 .before = AuditView(key)});
  });
}

}  // namespace strata::cloud
