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
