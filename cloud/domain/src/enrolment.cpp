// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/domain/enrolment.hpp"

#include "strata/core/hardware.hpp"
#include "strata/core/secure.hpp"
#include "strata/format/bundle/keys.hpp"

#include "audit.hpp"
#include "audit_views.hpp"
#include "names.hpp"
#include "new_device.hpp"
#include "pages.hpp"
#include "secrets.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr std::string_view kTokenCollection = "/v1/EnrolmentTokens";
constexpr UnixSeconds kShortestTokenSec = 60;
constexpr UnixSeconds kKeepSec = 30 * 24 * 60 * 60;

ApiError BadToken() {
  return {.status = 401, .code = 20003, .message = "the enrolment token is not known here"};
}

ApiError TokenUsed() {
  return {.status = 403,
          .code = 65022,
          .message =
              "the enrolment token was used already, for another key or for a device that was "
              "removed since; make another with strata devices enrolment-tokens create"};
}

ApiError TokenExpired() {
  return {
      .status = 403,
      .code = 65023,
      .message =
          "the enrolment token has expired, or was made under a clock that ran ahead; make another "
          "with strata devices enrolment-tokens create"};
}

ApiError TooManyTokens() {
  return {.status = 400,
          .code = 65024,
          .message = "Count: with these the account would have more than " +
                     std::to_string(kMaxTokensWaiting) +
                     " enrolment tokens waiting, which is all it may; use or revoke some first"};
}

ApiResult<EnrolmentTokenRecord> ResolveToken(StoreView& view,
                                             const AccountSid& account,
                                             std::string_view sid) {
  const std::optional<EnrolmentTokenSid> parsed = EnrolmentTokenSid::Parse(sid);
  std::optional<EnrolmentTokenRecord> record;
  if (parsed) {
    STRATA_CLOUD_TRY_ASSIGN(record, view.FindEnrolmentToken(account, *parsed));
  }
  if (!record) {
    return NotFound(kTokenCollection, sid);
  }
  return std::move(*record);
}

ApiOutcome CheckFields(const EnrolmentTokenRequest& request) {
  STRATA_CLOUD_TRY(CheckFriendlyName(request.friendly_name));
  if (request.count == 0 || request.count > kMaxTokensAtOnce) {
    return BadParameter("Count: it must be 1 to " + std::to_string(kMaxTokensAtOnce));
  }
  if (request.valid_sec < kShortestTokenSec || request.valid_sec > kLongestTokenSec) {
    return BadParameter("ValidSeconds: it must be " + std::to_string(kShortestTokenSec) + " to " +
                        std::to_string(kLongestTokenSec));
  }
  return Empty{};
}

struct MadeToken {
  EnrolmentTokenRecord record;
  std::string text;
};

ApiResult<MadeToken> MakeToken(Random& random, const EnrolmentToken& like) {
  std::array<std::uint8_t, 16> id{};
  if (const Status filled = random.Fill(id); !filled.ok()) {
    return ServerFailed("random", filled.error());
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::string secret, NewSecret(random));
  MadeToken made{.record = {.token = like, .secret_hash = HashOfSecret(secret)}, .text = {}};
  made.record.token.sid = EnrolmentTokenSid::FromBytes(id);
  made.text = std::string(made.record.token.sid.text()) + "." + secret;
  return made;
}

/// SID and secret of a token's text; what is no SID becomes one that can't exist, so that every
/// refusal costs the same.
std::pair<EnrolmentTokenSid, std::string_view> PartsOf(std::string_view text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto sid = EnrolmentTokenSid::Parse(text.substr(0, dot));
  return {sid.value_or(EnrolmentTokenSid::FromBytes(std::array<std::uint8_t, 16>{})),
          text.substr(std::min(dot + 1, text.size()))};
}

}  // namespace

ApiResult<std::vector<NewEnrolmentToken>> Service::CreateEnrolmentTokens(
    const Account& account, const EnrolmentTokenRequest& request) {
  STRATA_CLOUD_TRY(CheckFields(request));
  STRATA_CLOUD_TRY_ASSIGN(const std::string hardware_type, HardwareOf(request.hardware_type));
  STRATA_CLOUD_TRY_ASSIGN(const std::vector<std::string> tags, ParseTags(request.tags));
  const UnixSeconds now = impl_->ports.clock->Now();
  const EnrolmentToken like{.sid = EnrolmentTokenSid::FromBytes(std::array<std::uint8_t, 16>{}),
                            .account_sid = account.sid,
                            .friendly_name = request.friendly_name,
                            .hardware_type = hardware_type,
                            .tags = tags,
                            .date_created = now,
                            .date_expires = now + request.valid_sec};
  std::vector<EnrolmentTokenRecord> records;
  std::vector<NewEnrolmentToken> tokens;
  for (std::uint32_t i = 0; i < request.count; ++i) {
    STRATA_CLOUD_TRY_ASSIGN(MadeToken made, MakeToken(*impl_->ports.random, like));
    tokens.push_back({.token = made.record.token, .text = std::move(made.text)});
    records.push_back(std::move(made.record));
  }
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.ForgetEnrolmentTokens(now - kKeepSec));
    STRATA_CLOUD_TRY_ASSIGN(const std::uint64_t waiting,
                            transaction.CountEnrolmentTokens(account.sid, now));
    if (waiting + records.size() > kMaxTokensWaiting) {
      return TooManyTokens();
    }
    for (const EnrolmentTokenRecord& record : records) {
      STRATA_CLOUD_TRY(transaction.InsertEnrolmentToken(record));
    }
    return Note(transaction,
                account.sid,
                {.action = "enrolment-token.create",
                 .resource = std::string(tokens.front().token.sid.text()),
                 .after = AuditView(tokens)});
  }));
  return tokens;
}

ApiResult<PageOf<EnrolmentToken>> Service::ListEnrolmentTokens(const Account& account,
                                                               const PageRequest& request) {
  const PageTokens tokens(impl_->page_key, ListKind::kEnrolmentTokens, account.sid);
  return impl_->Read([&](StoreView& view) {
    return MakePage<EnrolmentToken>(tokens, request, [&](const ListQuery& query) {
      return view.ListEnrolmentTokens(account.sid, query);
    });
  });
}

ApiResult<EnrolmentToken> Service::FetchEnrolmentToken(const Account& account,
                                                       std::string_view sid) {
  return impl_->Read([&](StoreView& view) -> ApiResult<EnrolmentToken> {
    STRATA_CLOUD_TRY_ASSIGN(EnrolmentTokenRecord record, ResolveToken(view, account.sid, sid));
    return std::move(record.token);
  });
}

ApiOutcome Service::DeleteEnrolmentToken(const Account& account, std::string_view sid) {
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const EnrolmentTokenRecord record,
                            ResolveToken(transaction, account.sid, sid));
    STRATA_CLOUD_TRY(transaction.DeleteEnrolmentToken(account.sid, record.token.sid));
    return Note(transaction,
                account.sid,
                {.action = "enrolment-token.delete",
                 .resource = std::string(record.token.sid.text()),
                 .before = AuditView(record.token)});
  });
}

ApiOutcome Service::AdmitEnrolment(const std::string& address) {
  const int wait_sec = impl_->enrolments.Take(address, impl_->ports.clock->Now());
  if (wait_sec == 0) {
    return Empty{};
  }
  return TooMany("from one address " + std::to_string(impl_->limits.enrolments_per_min) +
                     " enrolments a minute are taken; wait and try again",
                 wait_sec);
}

ApiResult<EnrolmentCaller> Service::AuthenticateEnrolment(std::string_view text) {
  const auto [sid, secret] = PartsOf(text);
  return impl_->Read(
      [&, &token = sid, &shown = secret](StoreView& view) -> ApiResult<EnrolmentCaller> {
        STRATA_CLOUD_TRY_ASSIGN(const auto record, view.FindEnrolmentTokenBySid(token));
        const Digest presented = HashOfSecret(shown);
        const Digest expected = record ? record->secret_hash : Digest{};
        const bool same = ConstantTimeEqual(presented.bytes, expected.bytes);
        if (!record || !same) {
          return BadToken();
        }
        STRATA_CLOUD_TRY_ASSIGN(const auto owner, view.FindAccount(record->token.account_sid));
        if (!owner) {
          return BadToken();
        }
        return EnrolmentCaller{.account = owner->account, .token = record->token.sid};
      });
}

ApiResult<ProvisionedDevice> Service::EnrolDevice(const EnrolmentCaller& caller,
                                                  const EnrolmentRequest& request) {
  if (request.unique_name) {
    STRATA_CLOUD_TRY(CheckUniqueName(*request.unique_name));
  }
  STRATA_CLOUD_TRY_ASSIGN(const auto sid_bytes, impl_->RandomId());
  const Digest fingerprint = bundle::PublicKeyFingerprint(request.public_key);
  const UnixSeconds now = impl_->ports.clock->Now();
  const AccountSid& account = caller.account.sid;
  auto made = impl_->Write([&](StoreTransaction& transaction) -> ApiResult<ProvisionedDevice> {
    STRATA_CLOUD_TRY_ASSIGN(auto record, transaction.FindEnrolmentToken(account, caller.token));
    if (!record) {
      return BadToken();  // it was revoked meanwhile
    }
    EnrolmentToken& token = record->token;
    if (now >= token.date_expires || token.date_created - now > kClockSlackSec) {
      return TokenExpired();
    }
    if (request.hardware_type && *request.hardware_type != token.hardware_type) {
      return BadParameter("Hardware: the enrolment token is for " + token.hardware_type);
    }
    if (token.date_used) {
      // Who lost the answer asks again with the same key; nobody else has its private half.
      STRATA_CLOUD_TRY_ASSIGN(const auto known, transaction.FindDeviceByFingerprint(fingerprint));
      if (!known || known->device.account_sid != account || known->device.sid != token.device_sid) {
        return TokenUsed();
      }
      return ProvisionedDevice{.device = ShownAt(known->device, now), .existed = true};
    }
    const DeviceRecord wanted{.device = {.sid = DeviceSid::FromBytes(sid_bytes),
                                         .account_sid = account,
                                         .unique_name = request.unique_name,
                                         .hardware_type = token.hardware_type,
                                         .tags = token.tags,
                                         .date_created = now,
                                         .date_updated = now},
                              .public_key = request.public_key,
                              .fingerprint = fingerprint};
    STRATA_CLOUD_TRY_ASSIGN(ProvisionedDevice device, impl_->AddDevice(transaction, wanted, now));
    token.date_used = now;
    token.device_sid = device.device.sid;
    STRATA_CLOUD_TRY(transaction.UseEnrolmentToken(token));
    if (!device.existed) {
      STRATA_CLOUD_TRY(Note(transaction,
                            account,
                            {.action = "device.provision",
                             .resource = std::string(device.device.sid.text()),
                             .after = AuditView(device.device)}));
    }
    return device;
  });
  if (made.ok() && !made->existed) {
    impl_->ports.signals->EventsArrived(account);
  }
  return made;
}

}  // namespace strata::cloud
