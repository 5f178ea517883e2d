// SPDX-License-Identifier: Apache-2.0
// What a device reads of configs and secrets. Reference: docs/spec/wire.md "Configs and secrets".
#include <array>

#include "strata/core/secure.hpp"
#include "strata/format/wire/wire.hpp"

#include "service_impl.hpp"
#include "settings.hpp"

namespace strata::cloud {
namespace {

/// The values of one answer; wiped with it, for some are secret.
struct Values {
  std::array<std::vector<std::uint8_t>, wire::kMaxSettings> bytes{};

  Values() = default;
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  ~Values() {
    for (std::vector<std::uint8_t>& value : bytes) {
      SecureZero(value);
    }
  }
};

SettingScope ScopeOf(const DeviceIdentity& device, const wire::SettingName& name) {
  SettingScope scope{.account = device.account_sid,
                     .kind = name.kind == wire::SettingKind::kConfig ? SettingKind::kConfig
                                                                     : SettingKind::kSecret};
  if (name.scope == wire::SettingScope::kDevice) {
    scope.device = device.sid;
  }
  return scope;
}

wire::SettingStatus Reveal(Sealer& sealer,
                           const SettingRecord& record,
                           std::vector<std::uint8_t>& value) {
  if (record.setting.kind == SettingKind::kConfig) {
    value.assign(record.setting.value.begin(), record.setting.value.end());
    return wire::SettingStatus::kOk;
  }
  auto opened = sealer.Open(SecretContext(record), record.sealed.bytes);
  if (!opened.ok()) {
    return wire::SettingStatus::kServerError;
  }
  value = std::move(opened).value();
  return wire::SettingStatus::kOk;
}

}  // namespace

ApiResult<std::vector<std::uint8_t>> Service::SettingsForDevice(const DeviceIdentity& device,
                                                                ByteSpan body) {
  const Result<wire::SettingsRequest> request = wire::DecodeSettingsRequest(body);
  if (!request.ok()) {
    return MalformedBody("SettingsRequest");
  }
  std::array<std::optional<SettingRecord>, wire::kMaxSettings> found;
  STRATA_CLOUD_TRY_ASSIGN(
      const DeviceRecord record, impl_->Read([&](StoreView& view) -> ApiResult<DeviceRecord> {
        for (std::size_t i = 0; i < request->count; ++i) {
          const wire::SettingName& name = request->names[i];
          STRATA_CLOUD_TRY_ASSIGN(found[i],
                                  view.FindSetting(ScopeOf(device, name), name.key.text()));
        }
        return RecordOf(view, device);
      }));
  impl_->Touch(record);
  Values values;
  wire::SettingsAnswer answer{.items = {}, .count = request->count};
  std::size_t size = 0;
  for (std::size_t i = 0; i < request->count; ++i) {
    if (found[i]) {
      answer.items[i].status = Reveal(*impl_->ports.sealer, *found[i], values.bytes[i]);
      answer.items[i].value = values.bytes[i];
    }
    size += values.bytes[i].size() + 16;  // tags, lengths and the status take less
  }
  std::vector<std::uint8_t> encoded(size);
  const Result<std::size_t> length = wire::Encode(answer, encoded);
  if (!length.ok()) {
    return ServerFailed("settings", length.error());
  }
  encoded.resize(*length);
  return encoded;
}

}  // namespace strata::cloud
