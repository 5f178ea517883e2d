// SPDX-License-Identifier: Apache-2.0
// Updates of devices that fell silent. Reference: docs/spec/rest.md "Silence".
#include <algorithm>
#include <map>

#include "strata/core/error.hpp"
#include "strata/format/bundle/manifest.hpp"

#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr UnixSeconds kLeastSec = 24 * 60 * 60;
constexpr std::uint32_t kAtOnce = 100;

/// Since when nothing was heard.
UnixSeconds HeardLast(const Device& device) {
  return std::max(device.app.date_targeted.value_or(0), device.date_last_seen.value_or(0));
}

/// How long apps let their devices stay away, by their manifests; read once each.
class CheckIns {
 public:
  /// 0: it says nothing, or is not there.
  ApiResult<UnixSeconds> Of(StoreView& view,
                            const AccountSid& account,
                            const std::optional<AppSid>& app) {
    if (!app) {
      return UnixSeconds{0};
    }
    if (const auto known = known_.find(*app); known != known_.end()) {
      return known->second;
    }
    STRATA_CLOUD_TRY_ASSIGN(const auto manifest, view.FindManifest(account, *app));
    return known_[*app] = manifest ? Read(*manifest) : 0;
  }

 private:
  static UnixSeconds Read(const std::vector<std::uint8_t>& bytes) {
    const auto sealed = bundle::ParseManifest(bytes);
    const auto body = sealed.ok() ? bundle::ParseBody(sealed->body)
                                  : bundle::Expected<bundle::AppBody>(sealed.failure());
    return body.ok() ? body->minimum_check_in_time_sec : 0;
  }

  std::map<AppSid, UnixSeconds> known_;
};

/// The running app decides how often the device asks; the new one does while it is on trial.
ApiResult<UnixSeconds> DeadlineOf(StoreView& view, CheckIns& check_ins, const Device& device) {
  STRATA_CLOUD_TRY_ASSIGN(const UnixSeconds running,
                          check_ins.Of(view, device.account_sid, device.app.reported_sid));
  STRATA_CLOUD_TRY_ASSIGN(const UnixSeconds target,
                          check_ins.Of(view, device.account_sid, device.app.target_sid));
  return HeardLast(device) + std::max(kLeastSec, 2 * std::max(running, target));
}

}  // namespace

ApiOutcome Service::Impl::PullBack(const Device& ahead, UnixSeconds now) {
  return Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(std::optional<DeviceRecord> record,
                            transaction.FindDevice(ahead.account_sid, ahead.sid));
    if (!record) {
      return Empty{};
    }
    if (record->device.date_last_seen > now) {
      STRATA_CLOUD_TRY(transaction.TouchDevice(ahead.account_sid, ahead.sid, now));
    }
    if (record->device.app.date_targeted > now) {
      record->device.app.date_targeted = now;
      STRATA_CLOUD_TRY(transaction.UpdateDevice(*record));
    }
    return Empty{};
  });
}

ApiOutcome Service::Impl::Expire(const Device& silent, UnixSeconds now) {
  return Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(std::optional<DeviceRecord> record,
                            transaction.FindDevice(silent.account_sid, silent.sid));
    // It may have been heard, or given another app, since it was looked at.
    if (!record || record->device.app.update_status != UpdateStatus::kPending ||
        record->device.app.deployment_id != silent.app.deployment_id ||
        HeardLast(record->device) != HeardLast(silent)) {
      return Empty{};
    }
    DeviceApp& app = record->device.app;
    app.update_status = UpdateStatus::kError;
    app.update_error_code = static_cast<std::uint32_t>(Code::kDeviceSilent);
    app.update_error_op = 0;
    app.update_error_detail = 0;
    record->device.date_updated = now;
    STRATA_CLOUD_TRY(transaction.UpdateDevice(*record));
    return EndUpdate(transaction, record->device, UpdateOutcome::kSilent);
  });
}

ApiResult<std::uint64_t> Service::ExpireSilent() {
  const UnixSeconds now = impl_->ports.clock->Now();
  CheckIns check_ins;
  std::uint64_t ended = 0;
  std::optional<DeviceRecord> last;
  for (bool more = true; more;) {
    std::vector<Device> silent;
    std::vector<Device> ahead;
    STRATA_CLOUD_TRY(impl_->Read([&](StoreView& view) -> ApiOutcome {
      silent.clear();
      ahead.clear();
      STRATA_CLOUD_TRY_ASSIGN(const std::vector<DeviceRecord> some,
                              view.SilentDevices(last, now - kLeastSec, now, kAtOnce));
      for (const DeviceRecord& record : some) {
        if (HeardLast(record.device) > now) {
          ahead.push_back(record.device);
          continue;
        }
        STRATA_CLOUD_TRY_ASSIGN(const UnixSeconds deadline,
                                DeadlineOf(view, check_ins, record.device));
        if (deadline < now) {
          silent.push_back(record.device);
        }
      }
      more = some.size() == kAtOnce;
      last = some.empty() ? last : some.back();
      return Empty{};
    }));
    for (const Device& device : ahead) {
      STRATA_CLOUD_TRY(impl_->PullBack(device, now));
    }
    for (const Device& device : silent) {
      STRATA_CLOUD_TRY(impl_->Expire(device, now));
      impl_->ports.signals->EventsArrived(device.account_sid);
    }
    ended += silent.size();
  }
  return ended;
}

}  // namespace strata::cloud
