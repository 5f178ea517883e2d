// SPDX-License-Identifier: Apache-2.0
#include "strata/core/secure.hpp"

#include "secrets.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr UnixSeconds kSessionSec = 12 * 60 * 60;
constexpr std::uint32_t kSessionsOfACredential = 100;

ApiError Ended() {
  return {.status = 401, .code = 20003, .message = "the session has ended; sign in again"};
}

/// Who began the session, when what it was begun with is still good.
ApiResult<Caller> CallerOf(StoreView& view, const SessionRecord& session) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<AccountRecord> account,
                          view.FindAccount(session.account_sid));
  if (!account) {
    return Ended();
  }
  if (!session.api_key) {
    if (!ConstantTimeEqual(account->token_hash.bytes, session.secret_hash.bytes)) {
      return Ended();
    }
    return Caller{.account = account->account, .scopes = Scope::kAdmin};
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<ApiKeyRecord> key,
                          view.FindApiKey(session.account_sid, *session.api_key));
  if (!key || !ConstantTimeEqual(key->secret_hash.bytes, session.secret_hash.bytes)) {
    return Ended();
  }
  return Caller{.account = account->account, .scopes = key->key.scopes, .api_key = key->key.sid};
}

/// All texts that are no SID wait together.
std::string_view BackoffName(std::string_view user) {
  return AccountSid::Parse(user) || ApiKeySid::Parse(user) ? user : std::string_view();
}

}  // namespace

ApiResult<std::pair<ConsoleSession, std::string>> Service::SignIn(std::string_view user,
                                                                  std::string_view password,
                                                                  std::string_view address) {
  const UnixSeconds now = impl_->ports.clock->Now();
  const std::string_view name = BackoffName(user);
  if (const int wait_sec = impl_->sign_ins.Begin(address, name, now); wait_sec > 0) {
    return TooMany(
        "too many attempts to sign in; wait " + std::to_string(wait_sec) + " s and try again",
        wait_sec);
  }
  STRATA_CLOUD_TRY_ASSIGN(const Caller caller, Authenticate(user, password));
  impl_->sign_ins.Succeeded(address, name);
  STRATA_CLOUD_TRY(AdmitRequest(caller.account));
  STRATA_CLOUD_TRY_ASSIGN(std::string token, NewSecret(*impl_->ports.random));
  const SessionRecord record{.token_hash = HashOfSecret(token),
                             .account_sid = caller.account.sid,
                             .api_key = caller.api_key,
                             .secret_hash = HashOfSecret(password),
                             .date_created = now,
                             .date_expires = now + kSessionSec};
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.ForgetSessions(now));
    STRATA_CLOUD_TRY(transaction.TrimSessions(
        record.account_sid, record.secret_hash, kSessionsOfACredential - 1));
    STRATA_CLOUD_TRY(transaction.InsertSession(record));
    return Empty{};
  }));
  return std::pair(ConsoleSession{.caller = caller, .date_expires = record.date_expires},
                   std::move(token));
}

ApiResult<ConsoleSession> Service::ResumeSession(std::string_view token) {
  const Digest hash = HashOfSecret(token);
  const UnixSeconds now = impl_->ports.clock->Now();
  return impl_->Read([&](StoreView& view) -> ApiResult<ConsoleSession> {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<SessionRecord> session, view.FindSession(hash));
    if (!session || now >= session->date_expires || session->date_created - now > kClockSlackSec) {
      return Ended();
    }
    STRATA_CLOUD_TRY_ASSIGN(Caller caller, CallerOf(view, *session));
    return ConsoleSession{.caller = std::move(caller), .date_expires = session->date_expires};
  });
}

ApiOutcome Service::SignOut(std::string_view token) {
  const Digest hash = HashOfSecret(token);
  STRATA_CLOUD_TRY_ASSIGN(
      const std::optional<SessionRecord> ended,
      impl_->Write([&](StoreTransaction& transaction) -> ApiResult<std::optional<SessionRecord>> {
        STRATA_CLOUD_TRY_ASSIGN(std::optional<SessionRecord> session,
                                transaction.FindSession(hash));
        if (session) {
          STRATA_CLOUD_TRY(transaction.DeleteSession(session->account_sid, hash));
        }
        return session;
      }));
  if (ended) {
    impl_->ports.signals->AccessChanged(ended->account_sid);  // its other pages follow streams
  }
  return Empty{};
}

}  // namespace strata::cloud
