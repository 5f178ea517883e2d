// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/domain/service.hpp"

#include "strata/core/hex.hpp"
#include "strata/core/secure.hpp"
#include "strata/format/bundle/keys.hpp"

#include "names.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr UnixSeconds kTouchEverySec = 30;

Digest HashOfToken(std::string_view token) {
  return bundle::Sha256(AsBytes(token));
}

}  // namespace

void Service::Impl::Touch(const DeviceRecord& record) {
  const Device& device = record.device;
  const UnixSeconds now = ports.clock->Now();
  const bool recent = device.date_last_seen && now >= *device.date_last_seen &&
                      now - *device.date_last_seen < kTouchEverySec;
  if (recent) {
    return;
  }
  ports.store
      ->Write([&device, now](StoreTransaction& transaction) {
        return transaction.TouchDevice(device.account_sid, device.sid, now);
      })
      .IgnoreError();  // a date that people look at must not stop an update
}

std::string Describe(const DeviceSid& sid, const std::optional<std::string>& unique_name) {
  std::string text(sid.text());
  if (unique_name) {
    text += " (" + *unique_name + ")";
  }
  return text;
}

Result<std::optional<App>> ResolveApp(StoreView& view,
                                      const AccountSid& account,
                                      std::string_view name) {
  if (const std::optional<AppSid> sid = AppSid::Parse(name)) {
    return view.FindApp(account, *sid);
  }
  if (!CheckUniqueName(name).ok()) {
    return std::optional<App>();
  }
  return view.FindAppNamed(account, name);
}

Result<std::optional<DeviceRecord>> ResolveDevice(StoreView& view,
                                                  const AccountSid& account,
                                                  std::string_view name) {
  if (const std::optional<DeviceSid> sid = DeviceSid::Parse(name)) {
    return view.FindDevice(account, *sid);
  }
  if (!CheckUniqueName(name).ok()) {
    return std::optional<DeviceRecord>();
  }
  return view.FindDeviceNamed(account, name);
}

Service::Service(Ports ports, std::vector<std::uint8_t> page_key)
    : impl_(std::make_unique<Impl>(Impl{ports, std::move(page_key)})) {}

Service::~Service() = default;

ApiResult<Account> Service::Authenticate(std::string_view sid, std::string_view token) {
  // A SID that can't exist is looked up as well, so that every refusal costs the same.
  const AccountSid parsed =
      AccountSid::Parse(sid).value_or(AccountSid::FromBytes(std::array<std::uint8_t, 16>{}));
  const Digest presented = HashOfToken(token);
  STRATA_CLOUD_TRY_ASSIGN(
      const std::optional<AccountRecord> record,
      impl_->Read([&parsed](StoreView& view) -> ApiResult<std::optional<AccountRecord>> {
        STRATA_CLOUD_TRY_ASSIGN(std::optional<AccountRecord> found, view.FindAccount(parsed));
        return found;
      }));
  const Digest expected = record ? record->token_hash : Digest{};
  const bool same = ConstantTimeEqual(presented.bytes, expected.bytes);
  if (!record || !same) {
    return BadCredentials();
  }
  return record->account;
}

ApiResult<std::pair<Account, std::string>> Service::CreateAccount(std::string_view friendly_name) {
  STRATA_CLOUD_TRY(CheckFriendlyName(friendly_name));
  STRATA_CLOUD_TRY_ASSIGN(const auto sid_bytes, impl_->RandomId());
  STRATA_CLOUD_TRY_ASSIGN(auto token_bytes, impl_->RandomId());
  std::string token(2 * token_bytes.size(), '\0');
  ToHex(token_bytes, token);
  SecureZero(token_bytes);
  const AccountRecord record{.account = {.sid = AccountSid::FromBytes(sid_bytes),
                                         .friendly_name = std::string(friendly_name),
                                         .date_created = impl_->ports.clock->Now()},
                             .token_hash = HashOfToken(token)};
  STRATA_CLOUD_TRY(impl_->Write([&record](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.InsertAccount(record));
    return Empty{};
  }));
  return std::pair(record.account, std::move(token));
}

std::string Service::Health() {
  std::string problems;
  if (!impl_->ports.store->Probe().ok()) {
    problems = "the database does not answer";
  }
  if (!impl_->ports.blobs->Probe().ok()) {
    problems += problems.empty() ? "" : "; ";
    problems += "the blob directory can't be written";
  }
  return problems;
}

}  // namespace strata::cloud
