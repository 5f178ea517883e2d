// SPDX-License-Identifier: Apache-2.0
#include "strata/core/hardware.hpp"
#include "strata/format/bundle/keys.hpp"

#include "audit.hpp"
#include "audit_views.hpp"
#include "development_key.hpp"
#include "names.hpp"
#include "new_device.hpp"
#include "pages.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr UnixSeconds kLoggingSec = 24 * 60 * 60;

using DeploymentId = std::array<std::uint8_t, 16>;

ApiOutcome CheckNameIsFree(StoreView& view,
                           const AccountSid& account,
                           const std::string& unique_name) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<DeviceRecord> other,
                          view.FindDeviceNamed(account, unique_name));
  return other ? ApiOutcome(NameTaken(unique_name)) : Empty{};
}

/// Whether the name changed.
ApiResult<bool> Rename(StoreView& view, Device& device, const std::string& wanted) {
  const std::optional<std::string> name =
      wanted.empty() ? std::nullopt : std::optional<std::string>(wanted);
  if (name == device.unique_name) {
    return false;
  }
  if (name) {
    STRATA_CLOUD_TRY(CheckNameIsFree(view, device.account_sid, *name));
  }
  device.unique_name = name;
  return true;
}

ApiResult<App> TargetAppOf(StoreView& view, const Device& device, const std::string& wanted) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> app,
                          ResolveApp(view, device.account_sid, wanted));
  if (!app) {
    return BadParameter(
        "TargetApp: this account has no app of that SID or unique name; strata apps list shows "
        "what it has");
  }
  if (!app->hardware_type.empty() && app->hardware_type != device.hardware_type) {
    return ApiError{400,
                    65005,
                    "TargetApp: the app is made for " + app->hardware_type +
                        ", but the device is a " + device.hardware_type +
                        "; create the bundle with --hardware " + device.hardware_type};
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<AccountRecord> owner,
                          view.FindAccount(device.account_sid));
  if (owner && IsDevelopmentSigner(owner->account, app->signer) && !device.development) {
    return ApiError{400,
                    65009,
                    "TargetApp: the app was signed with the account's development key, which this "
                    "device does not trust; sign the bundle with a registered key and upload it"};
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<SigningKey> signer,
                          view.FindKey(device.account_sid, app->signer));
  if (signer && signer->revoked) {
    return ApiError{400,
                    65008,
                    "TargetApp: the app was signed with key " + bundle::KeyIdText(app->signer) +
                        ", which was revoked; sign the bundle with another key and upload it"};
  }
  return *app;
}

/// Whether this made a new deployment.
bool Deploy(Device& device, const App& app, const DeploymentId& id, UnixSeconds now) {
  DeviceApp& state = device.app;
  if (state.target_sid == app.sid && state.update_status != UpdateStatus::kError) {
    return false;
  }
  state.target_sid = app.sid;
  state.target_hash = app.manifest_hash;
  state.date_targeted = now;
  state.deployment_id = id;
  state.update_status = UpdateStatus::kPending;
  state.update_error_code = 0;
  state.update_error_op = 0;
  state.update_error_detail = 0;
  state.update_state = 0;
  state.bytes_staged = 0;
  state.bytes_total = 0;
  return true;
}

/// Whether it is on or was.
bool SetLogging(Device& device, bool wanted, UnixSeconds now) {
  const bool changed = wanted || device.logging_enabled;
  device.logging_enabled = wanted;
  device.logging_expires = wanted ? std::optional(now + kLoggingSec) : std::nullopt;
  return changed;
}

ApiResult<Changed> Apply(StoreView& view,
                         const DeviceUpdate& update,
                         const DeploymentId& deployment_id,
                         UnixSeconds now,
                         Device& device) {
  Changed changed;
  if (update.unique_name) {
    STRATA_CLOUD_TRY_ASSIGN(changed.resource, Rename(view, device, *update.unique_name));
  }
  if (update.target_app) {
    STRATA_CLOUD_TRY_ASSIGN(const App app, TargetAppOf(view, device, *update.target_app));
    changed.desired = Deploy(device, app, deployment_id, now);
    if (changed.desired) {
      changed.deployed = app;
    }
  }
  if (update.logging_enabled && SetLogging(device, *update.logging_enabled, now)) {
    changed.desired = changed.resource = true;
  }
  if (update.restart_app) {
    ++device.restart_counter;
    changed.desired = changed.resource = true;
  }
  changed.any = changed.resource || changed.desired;
  return changed;
}

/// With the development key, for a device that may trust it.
ApiResult<ProvisionedDevice> Provisioned(StoreView& view, const Device& device, bool existed) {
  ProvisionedDevice made{.device = device, .existed = existed};
  if (device.development) {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<AccountRecord> owner,
                            view.FindAccount(device.account_sid));
    made.development_signer = owner ? owner->account.development_signer : std::nullopt;
  }
  return made;
}

ApiOutcome CheckFields(const DeviceUpdate& update) {
  if (update.unique_name && !update.unique_name->empty()) {
    STRATA_CLOUD_TRY(CheckUniqueName(*update.unique_name));
  }
  if (update.target_app && update.target_app->empty()) {
    return BadParameter(
        "TargetApp: it must name an app, by SID or unique name; a target app can be changed but "
        "not taken away");
  }
  return Empty{};
}

}  // namespace

ApiOutcome Service::Impl::RecordChange(StoreTransaction& transaction,
                                       const Device& before,
                                       const Device& device,
                                       const Changed& changed) {
  if (changed.resource) {
    STRATA_CLOUD_TRY(Record(transaction, EventOf(EventType::kDeviceChanged, device)));
  }
  if (!changed.deployed) {
    return Empty{};
  }
  if (before.app.update_status == UpdateStatus::kPending) {
    STRATA_CLOUD_TRY(EndUpdate(transaction, before, UpdateOutcome::kReplaced));
  }
  return BeginUpdate(transaction, device, *changed.deployed);
}

ApiResult<ProvisionedDevice> Service::Impl::AddDevice(StoreTransaction& transaction,
                                                      const DeviceRecord& wanted,
                                                      UnixSeconds now) {
  const AccountSid& account = wanted.device.account_sid;
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<DeviceRecord> known,
                          transaction.FindDeviceByFingerprint(wanted.fingerprint));
  if (known && known->device.account_sid != account) {
    return BadParameter(
        "Csr: its key can't be used for a new device; let the device make a fresh one");
  }
  if (known) {
    return Provisioned(transaction, ShownAt(known->device, now), true);
  }
  if (wanted.device.unique_name) {
    STRATA_CLOUD_TRY(CheckNameIsFree(transaction, account, *wanted.device.unique_name));
  }
  STRATA_CLOUD_TRY(transaction.InsertDevice(wanted));
  if (!wanted.device.tags.empty()) {
    STRATA_CLOUD_TRY(transaction.SetTags(account, wanted.device.sid, wanted.device.tags));
  }
  STRATA_CLOUD_TRY(Record(transaction, EventOf(EventType::kDeviceProvisioned, wanted.device)));
  return Provisioned(transaction, wanted.device, false);
}

ApiResult<std::string> HardwareOf(const std::string& wanted) {
  if (wanted.empty()) {
    return std::string(HardwareProfiles().front().name);
  }
  if (FindHardwareProfile(wanted) == nullptr) {
    std::string message = "Hardware: there is no such hardware profile; use one of";
    for (const HardwareProfile& profile : HardwareProfiles()) {
      message += " ";
      message += profile.name;
    }
    return BadParameter(std::move(message));
  }
  return wanted;
}

bool IsLoggingAt(const Device& device, UnixSeconds now) {
  const UnixSeconds expires = device.logging_expires.value_or(now + 1);
  return device.logging_enabled && expires > now && expires - now <= kLoggingSec + kClockSlackSec;
}

Device ShownAt(Device device, UnixSeconds now) {
  if (!IsLoggingAt(device, now)) {
    device.logging_enabled = false;
    device.logging_expires.reset();
  }
  return device;
}

ApiResult<ProvisionedDevice> Service::ProvisionDevice(const Account& account,
                                                      const DeviceRequest& request) {
  if (request.unique_name) {
    STRATA_CLOUD_TRY(CheckUniqueName(*request.unique_name));
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::string hardware_type, HardwareOf(request.hardware_type));
  STRATA_CLOUD_TRY_ASSIGN(const std::vector<std::string> tags, ParseTags(request.tags));
  STRATA_CLOUD_TRY_ASSIGN(const auto sid_bytes, impl_->RandomId());
  const UnixSeconds now = impl_->ports.clock->Now();
  const DeviceRecord wanted{.device = {.sid = DeviceSid::FromBytes(sid_bytes),
                                       .account_sid = account.sid,
                                       .unique_name = request.unique_name,
                                       .hardware_type = hardware_type,
                                       .development = request.development,
                                       .tags = tags,
                                       .date_created = now,
                                       .date_updated = now},
                            .public_key = request.public_key,
                            .fingerprint = bundle::PublicKeyFingerprint(request.public_key)};
  auto made = impl_->Write([&](StoreTransaction& transaction) -> ApiResult<ProvisionedDevice> {
    STRATA_CLOUD_TRY_ASSIGN(ProvisionedDevice device, impl_->AddDevice(transaction, wanted, now));
    if (!device.existed) {
      STRATA_CLOUD_TRY(Note(transaction,
                            account.sid,
                            {.action = "device.provision",
                             .resource = std::string(device.device.sid.text()),
                             .after = AuditView(device.device)}));
    }
    return device;
  });
  if (made.ok() && !made->existed) {
    impl_->ports.signals->EventsArrived(account.sid);
  }
  return made;
}

ApiResult<Device> Service::FetchDevice(const Account& account, std::string_view name) {
  return impl_->Read([&](StoreView& view) -> ApiResult<Device> {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<DeviceRecord> record,
                            ResolveDevice(view, account.sid, name));
    if (!record) {
      return NotFound(kDevicesCollection, name);
    }
    return ShownAt(record->device, impl_->ports.clock->Now());
  });
}

ApiResult<Device> Service::UpdateDevice(const Account& account,
                                        std::string_view name,
                                        const DeviceUpdate& update) {
  STRATA_CLOUD_TRY(CheckFields(update));
  STRATA_CLOUD_TRY_ASSIGN(const std::vector<std::string> tags,
                          ParseTags(update.tags.value_or(std::string())));
  STRATA_CLOUD_TRY_ASSIGN(const DeploymentId deployment_id, impl_->RandomId());
  const UnixSeconds now = impl_->ports.clock->Now();
  Changed changed;
  auto answer = impl_->Write([&](StoreTransaction& transaction) -> ApiResult<Device> {
    STRATA_CLOUD_TRY_ASSIGN(std::optional<DeviceRecord> record,
                            ResolveDevice(transaction, account.sid, name));
    if (!record) {
      return NotFound(kDevicesCollection, name);
    }
    Device& device = record->device;
    const Device before = device;
    STRATA_CLOUD_TRY_ASSIGN(changed, Apply(transaction, update, deployment_id, now, device));
    if (update.tags && tags != device.tags) {
      device.tags = tags;
      STRATA_CLOUD_TRY(transaction.SetTags(account.sid, device.sid, tags));
      changed.any = changed.resource = true;
    }
    if (changed.any) {
      device.date_updated = now;
      STRATA_CLOUD_TRY(transaction.UpdateDevice(*record));
      STRATA_CLOUD_TRY(impl_->RecordChange(transaction, before, device, changed));
      STRATA_CLOUD_TRY(Note(transaction,
                            account.sid,
                            {.action = "device.update",
                             .resource = std::string(device.sid.text()),
                             .before = AuditView(before),
                             .after = AuditView(device)}));
    }
    return ShownAt(device, now);
  });
  if (answer.ok() && changed.desired) {
    impl_->ports.signals->DesiredStateChanged(answer->sid);
  }
  if (answer.ok() && changed.any) {
    impl_->ports.signals->EventsArrived(account.sid);
  }
  return answer;
}

ApiOutcome Service::RemoveDevice(const Account& account, std::string_view name) {
  std::optional<DeviceSid> removed;
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<DeviceRecord> record,
                            ResolveDevice(transaction, account.sid, name));
    if (!record) {
      return NotFound(kDevicesCollection, name);
    }
    removed = record->device.sid;
    STRATA_CLOUD_TRY(transaction.DeleteDevice(account.sid, *removed));
    STRATA_CLOUD_TRY(
        impl_->Record(transaction, EventOf(EventType::kDeviceRemoved, record->device)));
    return Note(transaction,
                account.sid,
                {.action = "device.remove",
                 .resource = std::string(removed->text()),
                 .before = AuditView(record->device)});
  }));
  // Its waiting request and whoever follows its log look again and find nothing.
  impl_->ports.signals->DesiredStateChanged(*removed);
  impl_->ports.signals->LogsArrived(*removed);
  impl_->ports.signals->EventsArrived(account.sid);
  return Empty{};
}

}  // namespace strata::cloud
