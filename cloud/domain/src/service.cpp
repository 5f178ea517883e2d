// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/domain/service.hpp"

#include "names.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr UnixSeconds kTouchEverySec = 30;

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

Service::Service(Ports ports, std::vector<std::uint8_t> page_key, AccountLimits limits)
    : impl_(std::make_shared<Impl>(ports, std::move(page_key), limits)) {}

Service::Service(std::shared_ptr<Impl> impl, Origin origin)
    : impl_(std::move(impl)), origin_(std::move(origin)) {}

Service::~Service() = default;

Service Service::As(Origin origin) const {
  return Service(impl_, std::move(origin));
}

std::vector<HealthCheck> Service::Checks() {
  HealthCheck database{.name = "database"};
  if (const Status probed = impl_->ports.store->Probe(); !probed.ok()) {
    database.problem = probed.error().code == Code::kMalformed
                           ? "the database is damaged and nothing is served: restore a backup"
                       : probed.error().code == Code::kTooLarge
                           ? "the database takes no write: its disk is full"
                           : "the database does not answer, or takes no write";
    database.failed = true;
  }
  HealthCheck blobs{.name = "blobs"};
  if (!impl_->ports.blobs->Probe().ok()) {
    blobs.problem = "the blob directory is not there, or can't be written";
    blobs.failed = true;
  }
  HealthCheck disk{.name = "disk"};
  const auto space = impl_->ports.blobs->FreeSpace();
  if (space.ok() && space->free_bytes < space->total_bytes / 20) {
    disk.problem = "less than 5 % of the disk is free: uploads are refused";
  }
  return {std::move(database), std::move(blobs), std::move(disk), impl_->CheckDamaged()};
}

HealthCheck Service::Impl::CheckDamaged() {
  HealthCheck layers{.name = "layers"};
  auto away = ports.blobs->Quarantined();
  const auto gone = StillMissing();
  if (!away.ok() || !gone.ok()) {
    layers.problem = "nobody can tell which layers are damaged or missing";
    return layers;
  }
  away->insert(away->end(), gone->begin(), gone->end());
  std::set<std::string> used;
  const Status asked = ports.store->Read([&](StoreView& view) -> Status {
    used.clear();
    for (const Digest& digest : *away) {
      STRATA_TRY_ASSIGN(const bool named, view.IsLayerUsed(digest));
      if (named) {
        used.insert(HexOf(digest));
      }
    }
    return {};
  });
  if (!asked.ok()) {
    layers.problem = "nobody can tell which layers are damaged or missing";
  } else if (!used.empty()) {
    layers.problem = std::to_string(used.size()) +
                     " layers of apps are damaged or missing and can't be served; upload the "
                     "bundles they belong to again";
  }
  return layers;
}

ApiOutcome Service::CheckDatabase(const GoOn& go_on) {
  STRATA_CLOUD_TRY(impl_->ports.store->CheckPart(go_on));
  return Empty{};
}

ApiResult<CloudTotals> Service::CountAll() {
  return impl_->Read([](StoreView& view) -> ApiResult<CloudTotals> {
    STRATA_CLOUD_TRY_ASSIGN(const CloudTotals totals, view.CountAll());
    return totals;
  });
}

std::optional<Blobs::Space> Service::DiskSpace() {
  const auto space = impl_->ports.blobs->FreeSpace();
  return space.ok() ? std::optional(*space) : std::nullopt;
}

std::string Service::Health() {
  std::string problems;
  for (const HealthCheck& check : Checks()) {
    if (check.failed) {
      problems += problems.empty() ? "" : "; ";
      problems += check.problem;
    }
  }
  return problems;
}

}  // namespace strata::cloud
