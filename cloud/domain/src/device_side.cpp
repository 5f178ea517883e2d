// SPDX-License-Identifier: Apache-2.0
// What a device asks and says. Reference: docs/spec/wire.md.
#include <algorithm>

#include "strata/core/error.hpp"
#include "strata/format/bundle/keys.hpp"
#include "strata/format/wire/wire.hpp"

#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr std::string_view kManifests = "/device/v1/manifests";
constexpr std::string_view kLayers = "/device/v1/layers";

ApiError NotOurDevice() {
  return Forbidden(
      "this certificate belongs to no device of this cloud; provision the device again");
}

/// The apps whose manifest and layers the device may read.
std::vector<AppSid> ReadableApps(const DeviceRecord& record) {
  std::vector<AppSid> apps;
  for (const std::optional<AppSid>& sid :
       {record.device.app.target_sid, record.device.app.reported_sid, record.updating_sid}) {
    if (sid && std::find(apps.begin(), apps.end(), *sid) == apps.end()) {
      apps.push_back(*sid);
    }
  }
  return apps;
}

wire::DesiredState DesiredStateOf(const Device& device,
                                  std::uint32_t keys_sequence,
                                  UnixSeconds now) {
  wire::DesiredState state{.deployment = std::nullopt,
                           .restart_counter = device.restart_counter,
                           .logging_enabled = IsLoggingAt(device, now),
                           .keys_sequence = keys_sequence};
  const DeviceApp& app = device.app;
  if (app.target_sid && app.target_hash && app.deployment_id) {
    state.deployment = wire::Deployment{*app.target_sid, *app.target_hash, *app.deployment_id};
  }
  return state;
}

/// Where the device stands in the chain of key changes. Whether anything of it is new. Every report
/// may say it, but one without a number is silent about it, unless it is about keys alone.
bool ApplyKeys(const wire::Report& report, Device& device) {
  const bool alone = !report.deployment_id;
  const bool about_keys = alone || report.error.op == Op::kNewKeys;
  const std::uint32_t sequence =
      alone || report.keys_sequence != 0 ? report.keys_sequence : device.keys_sequence;
  const std::uint32_t silent = sequence == device.keys_sequence ? device.keys_error_code : 0;
  const std::uint32_t error = about_keys ? static_cast<std::uint32_t>(report.error.code) : silent;
  const bool same = device.keys_sequence == sequence && device.keys_error_code == error;
  device.keys_sequence = sequence;
  device.keys_error_code = error;
  return !same;
}

/// Whether anything of it is new.
bool ApplyUpdate(const wire::Report& report, DeviceRecord& record) {
  DeviceApp& app = record.device.app;
  if (!report.deployment_id || app.deployment_id != report.deployment_id) {
    return false;
  }
  const bool running = app.update_status == UpdateStatus::kPending;
  const auto state = static_cast<std::uint32_t>(report.state);
  const std::optional<AppSid> updating = running ? app.target_sid : record.updating_sid;
  const bool same = app.update_state == state && app.bytes_staged == report.bytes_staged &&
                    app.bytes_total == report.bytes_total && record.updating_sid == updating;
  app.update_state = state;
  app.bytes_staged = report.bytes_staged;
  app.bytes_total = report.bytes_total;
  record.updating_sid = updating;
  return !same;
}

/// What a report said that was new.
struct Reported {
  bool keys = false;
  bool update = false;
  bool first = false;  ///< nothing was heard of the deployment before

  [[nodiscard]] bool any() const { return keys || update; }
};

Reported Apply(const wire::Report& report, DeviceRecord& record) {
  Reported reported{.first = record.device.app.update_state == 0};
  reported.keys = ApplyKeys(report, record.device);
  reported.update = ApplyUpdate(report, record);
  return reported;
}

UpdateOutcome OutcomeOf(wire::Verdict verdict) {
  switch (verdict) {
    case wire::Verdict::kConfirmed:
      return UpdateOutcome::kConfirmed;
    case wire::Verdict::kReverted:
      return UpdateOutcome::kReverted;
    case wire::Verdict::kFailed:
      return UpdateOutcome::kFailed;
  }
  return UpdateOutcome::kFailed;
}

/// Whether the receipt counts. Its signature was checked and it is this device's.
bool Apply(const wire::ReceiptBody& receipt, UnixSeconds now, DeviceRecord& record) {
  DeviceApp& app = record.device.app;
  if (receipt.counter <= record.receipt_counter || app.deployment_id != receipt.deployment_id ||
      app.target_hash != receipt.manifest_hash) {
    return false;
  }
  record.receipt_counter = receipt.counter;
  record.updating_sid.reset();
  record.device.date_updated = now;
  app.date_reported = now;
  if (receipt.verdict == wire::Verdict::kConfirmed) {
    app.update_status = UpdateStatus::kUpToDate;
    app.update_error_code = 0;
    app.update_error_op = 0;
    app.update_error_detail = 0;
    app.reported_sid = app.target_sid;
    return true;
  }
  // An error without a number would read as none at all.
  const Code code = receipt.error.code == Code::kOk ? Code::kInternal : receipt.error.code;
  app.update_status = UpdateStatus::kError;
  app.update_error_code = static_cast<std::uint32_t>(code);
  app.update_error_op = static_cast<std::uint32_t>(receipt.error.op);
  app.update_error_detail = receipt.error.detail;
  return true;
}

/// A receipt of a deployment that another one replaced: what it proves is true all the same. The
/// present deployment is not touched.
ApiOutcome ApplyOlder(StoreTransaction& transaction,
                      const wire::ReceiptBody& receipt,
                      UnixSeconds now,
                      DeviceRecord& record) {
  DeviceApp& app = record.device.app;
  if (receipt.counter <= record.receipt_counter || app.deployment_id == receipt.deployment_id) {
    return Empty{};
  }
  STRATA_CLOUD_TRY_ASSIGN(
      std::optional<UpdateRecord> update,
      transaction.FindUpdate(record.device.account_sid, record.device.sid, receipt.deployment_id));
  if (!update || update->manifest_hash != receipt.manifest_hash) {
    return Empty{};
  }
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> proven,
                          transaction.FindApp(update->account_sid, update->app_sid));
  record.receipt_counter = receipt.counter;
  record.device.date_updated = now;
  app.date_reported = now;
  if (receipt.verdict == wire::Verdict::kConfirmed && proven) {
    app.reported_sid = proven->sid;
  }
  if (record.updating_sid == update->app_sid && app.target_sid != update->app_sid) {
    record.updating_sid.reset();
  }
  update->outcome = OutcomeOf(receipt.verdict);
  update->error = {static_cast<std::uint32_t>(receipt.error.code),
                   static_cast<std::uint32_t>(receipt.error.op),
                   receipt.error.detail};
  update->date_ended = now;
  STRATA_CLOUD_TRY(transaction.ChangeUpdate(*update));
  STRATA_CLOUD_TRY(transaction.UpdateDevice(record));
  return Empty{};
}

/// Size, form, signature, sender: in this order, nothing of the body is read before its signature
/// was checked.
ApiResult<wire::ReceiptBody> OpenReceipt(const DeviceRecord& record, ByteSpan bytes) {
  if (bytes.size() > wire::kMaxReceiptBytes) {
    return MalformedBody("Receipt");
  }
  std::array<std::uint8_t, wire::kMaxReceiptBodyBytes> storage{};
  const Result<wire::Receipt> envelope = wire::DecodeReceipt(bytes, storage);
  if (!envelope.ok()) {
    return MalformedBody("Receipt");
  }
  if (!bundle::VerifySignature(
          record.public_key, bundle::kReceiptPrefix, envelope->body, envelope->signature)) {
    return BadParameter(
        "the receipt's signature does not verify under the device's registered key; provision "
        "the device again");
  }
  const Result<wire::ReceiptBody> body = wire::DecodeReceiptBody(envelope->body);
  if (!body.ok()) {
    return MalformedBody("ReceiptBody");
  }
  if (body->device != record.device.sid) {
    return BadParameter("the receipt names another device than the one that sent it");
  }
  return *body;
}

}  // namespace

ApiError MalformedBody(std::string_view message) {
  return BadParameter("the body is not a valid " + std::string(message) +
                      " (docs/spec/wire.md); update the device's software");
}

ApiResult<DeviceRecord> RecordOf(StoreView& view, const DeviceIdentity& device) {
  STRATA_CLOUD_TRY_ASSIGN(std::optional<DeviceRecord> record,
                          view.FindDevice(device.account_sid, device.sid));
  if (!record) {
    return NotOurDevice();
  }
  return std::move(*record);
}

ApiResult<DeviceIdentity> Service::IdentifyDevice(const Digest& public_key_fingerprint) {
  return impl_->Read([&](StoreView& view) -> ApiResult<DeviceIdentity> {
    STRATA_CLOUD_TRY_ASSIGN(const std::optional<DeviceRecord> record,
                            view.FindDeviceByFingerprint(public_key_fingerprint));
    if (!record) {
      return NotOurDevice();
    }
    return DeviceIdentity{record->device.sid, record->device.account_sid, record->public_key};
  });
}

ApiResult<DesiredStateBody> Service::Desired(const DeviceIdentity& device) {
  std::uint32_t keys_sequence = 0;
  STRATA_CLOUD_TRY_ASSIGN(
      const DeviceRecord record, impl_->Read([&](StoreView& view) -> ApiResult<DeviceRecord> {
        STRATA_CLOUD_TRY_ASSIGN(keys_sequence, view.NewestKeySequence(device.account_sid));
        return RecordOf(view, device);
      }));
  impl_->Touch(record);
  std::array<std::uint8_t, wire::kMaxDesiredStateBytes> buffer{};
  const Result<std::size_t> length =
      wire::Encode(DesiredStateOf(record.device, keys_sequence, impl_->ports.clock->Now()), buffer);
  if (!length.ok()) {
    return ServerFailed("desired state", length.error());
  }
  const ByteSpan bytes = ByteSpan(buffer).first(*length);
  const auto hex = bundle::Sha256(bytes).ToHexText();
  return DesiredStateBody{.bytes = {bytes.begin(), bytes.end()},
                          .etag = '"' + std::string(hex.data(), hex.size()) + '"'};
}

ApiResult<std::vector<std::uint8_t>> Service::ManifestForDevice(const DeviceIdentity& device,
                                                                const Digest& hash) {
  const auto hex = hash.ToHexText();
  return impl_->Read([&](StoreView& view) -> ApiResult<std::vector<std::uint8_t>> {
    STRATA_CLOUD_TRY_ASSIGN(const DeviceRecord record, RecordOf(view, device));
    for (const AppSid& sid : ReadableApps(record)) {
      STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> app, view.FindApp(device.account_sid, sid));
      if (!app || app->manifest_hash != hash) {
        continue;
      }
      STRATA_CLOUD_TRY_ASSIGN(auto manifest, view.FindManifest(device.account_sid, sid));
      if (manifest) {
        return std::move(*manifest);
      }
    }
    return NotFound(kManifests, {hex.data(), hex.size()});
  });
}

ApiResult<BlobHandle> Service::LayerForDevice(const DeviceIdentity& device, const Digest& digest) {
  const auto hex = digest.ToHexText();
  const ApiError missing = NotFound(kLayers, {hex.data(), hex.size()});
  STRATA_CLOUD_TRY(impl_->Read([&](StoreView& view) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const DeviceRecord record, RecordOf(view, device));
    for (const AppSid& sid : ReadableApps(record)) {
      STRATA_CLOUD_TRY_ASSIGN(const std::optional<StoredLayer> layer,
                              view.FindLayer(device.account_sid, sid, digest));
      if (layer) {
        return Empty{};
      }
    }
    return missing;
  }));
  const auto found = impl_->ports.blobs->Find(digest);
  if (!found.ok()) {
    return ServerFailed("blobs", found.error());
  }
  if (!found->has_value()) {
    impl_->NoteMissing(digest);
    return missing;
  }
  return BlobHandle{(*found)->path, (*found)->size_bytes};
}

ApiOutcome Service::TakeReport(const DeviceIdentity& device, ByteSpan body) {
  if (const int wait_sec = impl_->reports.Take(device.sid, impl_->ports.clock->Now());
      wait_sec > 0) {
    return TooMany("the device reports too often; what it says later is taken", wait_sec);
  }
  const Result<wire::Report> report =
      body.size() > wire::kMaxMessageBytes ? Fail(Code::kTooLarge) : wire::DecodeReport(body);
  if (!report.ok()) {
    return MalformedBody("Report");
  }
  STRATA_CLOUD_TRY_ASSIGN(DeviceRecord record,
                          impl_->Read([&](StoreView& view) { return RecordOf(view, device); }));
  impl_->Touch(record);
  impl_->SuspectLayersOf(record.device, report->deployment_id, report->error.code);
  if (!Apply(*report, record).any()) {
    return Empty{};
  }
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(DeviceRecord current, RecordOf(transaction, device));
    const Reported reported = Apply(*report, current);
    if (!reported.any()) {
      return Empty{};
    }
    STRATA_CLOUD_TRY(transaction.UpdateDevice(current));
    if (reported.keys) {
      Event event = EventOf(EventType::kDeviceChanged, current.device);
      event.error.op = static_cast<std::uint32_t>(Op::kNewKeys);
      STRATA_CLOUD_TRY(impl_->Record(transaction, std::move(event)));
    }
    return reported.update ? impl_->NoteProgress(transaction, current.device, reported.first)
                           : ApiOutcome(Empty{});
  }));
  impl_->ports.signals->EventsArrived(device.account_sid);
  return Empty{};
}

ApiOutcome Service::TakeReceipt(const DeviceIdentity& device, ByteSpan body) {
  const UnixSeconds now = impl_->ports.clock->Now();
  if (const int wait_sec = impl_->receipts.Take(device.sid, now); wait_sec > 0) {
    return TooMany("the device sends receipts too often; it shall send this one again", wait_sec);
  }
  STRATA_CLOUD_TRY_ASSIGN(const DeviceRecord record,
                          impl_->Read([&](StoreView& view) { return RecordOf(view, device); }));
  STRATA_CLOUD_TRY_ASSIGN(const wire::ReceiptBody receipt, OpenReceipt(record, body));
  impl_->Touch(record);
  impl_->SuspectLayersOf(record.device, receipt.deployment_id, receipt.error.code);
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(DeviceRecord current, RecordOf(transaction, device));
    if (!Apply(receipt, now, current)) {
      return ApplyOlder(transaction, receipt, now, current);
    }
    STRATA_CLOUD_TRY(transaction.UpdateDevice(current));
    return impl_->EndUpdate(transaction, current.device, OutcomeOf(receipt.verdict));
  }));
  impl_->ports.signals->EventsArrived(device.account_sid);
  return Empty{};
}

}  // namespace strata::cloud
