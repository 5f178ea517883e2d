// SPDX-License-Identifier: Apache-2.0
#include "strata/core/secure.hpp"

#include "audit.hpp"
#include "audit_views.hpp"
#include "development_key.hpp"
#include "names.hpp"
#include "secrets.hpp"
#include "service_impl.hpp"
#include "signers.hpp"

namespace strata::cloud {
namespace {

constexpr UnixSeconds kTouchKeyEverySec = 60 * 60;
constexpr std::string_view kAccountCollection = "/v1/Accounts";

ApiResult<AccountRecord> Resolve(StoreView& view, const AccountSid& sid) {
  STRATA_CLOUD_TRY_ASSIGN(std::optional<AccountRecord> record, view.FindAccount(sid));
  if (!record) {
    return NotFound(kAccountCollection, sid.text());
  }
  return std::move(*record);
}

/// Compares in constant time, also with a record that is not there.
template <typename Record>
bool IsRight(const std::optional<Record>& record,
             const Digest Record::*hash,
             std::string_view secret) {
  const Digest presented = HashOfSecret(secret);
  const Digest expected = record ? (*record).*hash : Digest{};
  const bool same = ConstantTimeEqual(presented.bytes, expected.bytes);
  return record && same;
}

ApiResult<Caller> ByToken(StoreView& view, std::string_view user, std::string_view token) {
  // A SID that can't exist is looked up as well, so that every refusal costs the same.
  const AccountSid sid =
      AccountSid::Parse(user).value_or(AccountSid::FromBytes(std::array<std::uint8_t, 16>{}));
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<AccountRecord> record, view.FindAccount(sid));
  if (!IsRight(record, &AccountRecord::token_hash, token)) {
    return BadCredentials();
  }
  return Caller{.account = record->account, .scopes = Scope::kAdmin};
}

/// Second: when the key was used last, as stored.
ApiResult<std::pair<Caller, std::optional<UnixSeconds>>> ByApiKey(StoreView& view,
                                                                  const ApiKeySid& sid,
                                                                  std::string_view secret) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<ApiKeyRecord> record, view.FindApiKeyBySid(sid));
  if (!IsRight(record, &ApiKeyRecord::secret_hash, secret)) {
    return BadCredentials();
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<AccountRecord> owner,
                          view.FindAccount(record->key.account_sid));
  if (!owner) {
    return BadCredentials();
  }
  return std::pair(
      Caller{.account = owner->account, .scopes = record->key.scopes, .api_key = record->key.sid},
      record->key.date_last_used);
}

/// A development device holds the key besides what the chain of key changes gave it.
ApiOutcome CheckRoomForSigner(StoreView& view, const AccountSid& account) {
  STRATA_CLOUD_TRY_ASSIGN(const std::uint32_t chain, view.NewestKeySequence(account));
  STRATA_CLOUD_TRY_ASSIGN(const std::vector<SigningKey> active, view.ActiveSigners(account));
  if (chain != 0 && active.size() >= kMaxSignersOnDevice) {
    return BadParameter(
        "DevelopmentSigning: devices hold at most 8 signers and the account has as many; revoke "
        "one with strata keys revoke first");
  }
  return Empty{};
}

}  // namespace

ApiResult<bundle::SealedManifest> Service::Impl::SignForDevelopment(
    const AccountSid& account, const std::vector<std::uint8_t>& body) {
  STRATA_CLOUD_TRY_ASSIGN(const AccountRecord record,
                          Read([&account](StoreView& view) { return Resolve(view, account); }));
  return cloud::SignForDevelopment(*ports.sealer, record, body);
}

ApiResult<Caller> Service::Authenticate(std::string_view user, std::string_view password) {
  const std::optional<ApiKeySid> key = ApiKeySid::Parse(user);
  if (!key) {
    return impl_->Read([&](StoreView& view) { return ByToken(view, user, password); });
  }
  STRATA_CLOUD_TRY_ASSIGN(const auto found, impl_->Read([&](StoreView& view) {
    return ByApiKey(view, *key, password);
  }));
  const auto& [caller, last_used] = found;
  const UnixSeconds now = impl_->ports.clock->Now();
  const bool recent = last_used && now >= *last_used && now - *last_used < kTouchKeyEverySec;
  if (!recent) {
    impl_->ports.store
        ->Write([&account = caller.account.sid, &key, now](StoreTransaction& transaction) {
          return transaction.TouchApiKey(account, *key, now);
        })
        .IgnoreError();  // a date that people look at must not refuse a request
  }
  return caller;
}

ApiOutcome Service::AdmitRequest(const Account& account) {
  const int wait_sec = impl_->requests.Take(account.sid, impl_->ports.clock->Now());
  if (wait_sec == 0) {
    return Empty{};
  }
  return TooMany("an account may send " + std::to_string(impl_->limits.requests_per_sec) +
                     " requests a second; send fewer at a time",
                 wait_sec);
}

ApiOutcome Service::AdmitUpload(const Account& account) {
  const int wait_sec = impl_->uploads.Take(account.sid, impl_->ports.clock->Now());
  if (wait_sec == 0) {
    return Empty{};
  }
  return TooMany("an account may begin " + std::to_string(impl_->limits.uploads_per_min) +
                     " uploads a minute; wait and try again",
                 wait_sec);
}

ApiResult<AccountUsage> Service::UsageOf(const Account& account) {
  return impl_->Read([&account](StoreView& view) -> ApiResult<AccountUsage> {
    STRATA_CLOUD_TRY_ASSIGN(const AccountUsage usage, view.UsageOf(account.sid));
    return usage;
  });
}

const AccountLimits& Service::limits() const {
  return impl_->limits;
}

ApiResult<std::pair<Account, std::string>> Service::CreateAccount(std::string_view friendly_name) {
  STRATA_CLOUD_TRY(CheckFriendlyName(friendly_name));
  STRATA_CLOUD_TRY_ASSIGN(const auto sid_bytes, impl_->RandomId());
  STRATA_CLOUD_TRY_ASSIGN(std::string token, NewSecret(*impl_->ports.random));
  const AccountRecord record{.account = {.sid = AccountSid::FromBytes(sid_bytes),
                                         .friendly_name = std::string(friendly_name),
                                         .date_created = impl_->ports.clock->Now()},
                             .token_hash = HashOfSecret(token)};
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.InsertAccount(record));
    return Note(transaction,
                record.account.sid,
                {.action = "account.create",
                 .resource = std::string(record.account.sid.text()),
                 .after = AuditView(record.account)});
  }));
  return std::pair(record.account, std::move(token));
}

ApiResult<std::vector<Account>> Service::ListAccounts() {
  return impl_->Read([](StoreView& view) -> ApiResult<std::vector<Account>> {
    STRATA_CLOUD_TRY_ASSIGN(std::vector<Account> accounts, view.ListAccounts());
    return accounts;
  });
}

ApiResult<std::string> Service::ResetToken(const AccountSid& account) {
  STRATA_CLOUD_TRY_ASSIGN(std::string token, NewSecret(*impl_->ports.random));
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(AccountRecord record, Resolve(transaction, account));
    record.token_hash = HashOfSecret(token);
    STRATA_CLOUD_TRY(transaction.UpdateAccount(record));
    return Note(transaction,
                account,
                {.action = "account.reset-token", .resource = std::string(account.text())});
  }));
  return token;
}

ApiResult<Account> Service::UpdateAccount(const Account& account, const AccountUpdate& update) {
  if (update.friendly_name) {
    STRATA_CLOUD_TRY(CheckFriendlyName(*update.friendly_name));
  }
  return impl_->Write([&](StoreTransaction& transaction) -> ApiResult<Account> {
    STRATA_CLOUD_TRY_ASSIGN(AccountRecord record, Resolve(transaction, account.sid));
    const std::string before = AuditView(record.account);
    record.account.friendly_name = update.friendly_name.value_or(record.account.friendly_name);
    if (update.development_signing) {
      record.account.development_signing = *update.development_signing;
    }
    if (record.account.development_signing && !record.development_key) {
      STRATA_CLOUD_TRY(CheckRoomForSigner(transaction, account.sid));
      STRATA_CLOUD_TRY(MakeDevelopmentKey(*impl_->ports.sealer, record));
    }
    std::string after = AuditView(record.account);
    if (after == before) {
      return record.account;
    }
    STRATA_CLOUD_TRY(transaction.UpdateAccount(record));
    STRATA_CLOUD_TRY(Note(transaction,
                          account.sid,
                          {.action = "account.update",
                           .resource = std::string(account.sid.text()),
                           .before = before,
                           .after = std::move(after)}));
    return record.account;
  });
}

}  // namespace strata::cloud
