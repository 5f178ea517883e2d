// SPDX-License-Identifier: Apache-2.0
// Machine: the keys the device lives by. They change between updates only, and an update or a
// revert never begins under a signer that is gone.
#include <algorithm>

#include "machine.hpp"
#include "new_keys_check.hpp"

namespace strata::engine {
namespace {

constexpr std::uint32_t kNever = 0xFFFFFFFF;
constexpr std::uint32_t kTidyAgainMs = 60'000;
constexpr int kReadTries = 3;

// Says something about the message, not about the way to it.
bool IsRefusal(Code code) {
  return code != Code::kCloudUnreachable && code != Code::kCloudRefused &&
         code != Code::kCloudProtocol && code != Code::kNotFound;
}

}  // namespace

// Before any key is used: a power cut may have left two stores, and which one counts must not
// change any more.
void Machine::LoadKeys() {
  ports_.keys.Tidy(std::nullopt).IgnoreError();  // if not now, TidyKeys() does it
  ReadKeysPosition();
  if (keys_sequence_ > 0) {
    keys_report_ = Error{};
  }
}

void Machine::ReadKeysPosition() {
  const auto position = ports_.keys.Position();
  keys_sequence_ = position.ok() ? position->sequence : 0;
  signer_checked_ = false;
}

bool Machine::MayChangeKeys() const {
  const bool state_allows = state_ == State::kIdle || state_ == State::kFetchingManifest ||
                            state_ == State::kFetchingLayers || state_ == State::kRecovering;
  return state_allows && (state().phase == Phase::kIdle || state().phase == Phase::kFetching);
}

bool Machine::KeysDue() const {
  return desired_ && desired_->keys_sequence > keys_sequence_ && MayChangeKeys() &&
         ports_.clock.NowMs() >= keys_not_before_ms_;
}

std::uint32_t Machine::KeysWaitMs(std::uint64_t now) const {
  const bool behind = desired_ && desired_->keys_sequence > keys_sequence_ && MayChangeKeys();
  std::uint64_t at = behind ? keys_not_before_ms_ : UINT64_MAX;
  if (tidy_due_ && MayChangeKeys()) {
    at = std::min(at, tidy_not_before_ms_);
  }
  return static_cast<std::uint32_t>(at <= now ? 0 : std::min<std::uint64_t>(at - now, kNever));
}

// nullopt: the state's own work goes on.
std::optional<Activity> Machine::KeysStep() {
  if (!MayChangeKeys()) {
    return std::nullopt;
  }
  const std::uint64_t now = ports_.clock.NowMs();
  if (tidy_due_ && now >= tidy_not_before_ms_) {
    TidyKeys();
  }
  if (!signer_checked_ && state().has_update()) {
    if (now < keys_not_before_ms_) {
      return Activity{false, KeysPauseMs(now)};
    }
    if (!DropUpdateOfRevokedSigner()) {
      keys_not_before_ms_ = now + keys_backoff_.NextMs();
      return Activity{false, KeysPauseMs(now)};
    }
  }
  signer_checked_ = true;
  SendKeysReport();
  if (!KeysDue()) {
    return std::nullopt;
  }
  const std::uint32_t sequence = keys_sequence_ + 1;
  const Status taken = TakeNewKeys(sequence);
  if (taken.ok()) {
    keys_backoff_.Reset();
    keys_report_ = Error{};
    SendKeysReport();
    return Activity{true, 0};
  }
  keys_not_before_ms_ = now + keys_backoff_.NextMs();
  if (taken.error().code == Code::kNotFound) {
    ports_.cloud.RefreshDesired();
  }
  if (IsRefusal(taken.error().code)) {
    keys_report_ = Fail(taken.error().code, Op::kNewKeys, sequence);
    SendKeysReport();
  }
  return std::nullopt;
}

std::uint32_t Machine::KeysPauseMs(std::uint64_t now) const {
  return static_cast<std::uint32_t>(keys_not_before_ms_ > now ? keys_not_before_ms_ - now : 0);
}

Status Machine::TakeNewKeys(std::uint32_t sequence) {
  std::array<KeyId, 2> storage{};
  const ports::NeededLayerKeys needed = LayerKeysNeeded(storage);
  const MutableByteSpan room = MutableByteSpan(buffers_.scratch).first(manifest::kMaxNewKeysBytes);
  STRATA_TRY_ASSIGN(const std::size_t size, ports_.cloud.FetchNewKeys(sequence, room));
  manifest::NewKeys keys;
  Digest body_hash;
  STRATA_TRY(CheckNewKeys(
      {ports_.crypto, ports_.keys}, room.first(std::min(size, room.size())), keys, body_hash));
  STRATA_TRY(ports_.keys.Apply({.sequence = keys.sequence,
                                .body_hash = body_hash,
                                .delete_signers = keys.delete_signers.all(),
                                .delete_layer_keys = keys.delete_layer_keys.all(),
                                .add_signers = keys.add_signers.all(),
                                .add_layer_keys = keys.add_layer_keys.all(),
                                .cloud_cas = keys.cloud_cas.all()},
                               needed));
  keys_sequence_ = keys.sequence;
  signer_checked_ = false;
  RequestTidy();
  return {};
}

// What slots need that may be applied again; nullopt when a slot's manifest can't be read now.
ports::NeededLayerKeys Machine::LayerKeysNeeded(std::array<KeyId, 2>& storage) {
  std::size_t count = 0;
  bool known = true;
  for (std::uint8_t slot = 0; slot < storage.size(); ++slot) {
    if (!state().slots[slot].deployment) {
      continue;
    }
    if (book_.Load(slot).ok()) {
      storage[count++] = book_.layer().encrypted_with;
    } else {
      known = false;
    }
  }
  if (state_ == State::kRecovering) {
    writing_ = Writing::kStopApp;  // its steps rely on the manifest that they loaded
  }
  if (!known) {
    return std::nullopt;
  }
  return std::span<const KeyId>(storage).first(count);
}

void Machine::RequestTidy() {
  tidy_due_ = true;
  tidy_not_before_ms_ = 0;
}

void Machine::TidyKeys() {
  std::array<KeyId, 2> storage{};
  if (ports_.keys.Tidy(LayerKeysNeeded(storage)).ok()) {
    tidy_due_ = false;
    ReadKeysPosition();
    return;
  }
  tidy_not_before_ms_ = ports_.clock.NowMs() + kTidyAgainMs;
}

void Machine::SendKeysReport() {
  if (!keys_report_) {
    return;
  }
  if (outbox_.Report({.deployment_id = std::nullopt,
                      .state = state_,
                      .bytes_staged = 0,
                      .bytes_total = 0,
                      .error = *keys_report_,
                      .keys_sequence = keys_sequence_})) {
    keys_report_.reset();
  }
}

// Whether the device trusts the signer of what lies in `slot` no more.
Result<bool> Machine::SignerRevoked(std::uint8_t slot) {
  const SlotState& held = state().slots[slot];
  if (held.manifest_bytes == 0 || held.manifest_bytes > manifest::kMaxManifestBytes) {
    return Fail(Code::kStagingCorrupt, Op::kNewKeys);
  }
  const MutableByteSpan bytes = MutableByteSpan(buffers_.scratch).first(held.manifest_bytes);
  STRATA_TRY(store_.ReadManifest(slot, held.deployment->manifest_hash, bytes));
  STRATA_TRY_ASSIGN(const manifest::UnverifiedManifest envelope, manifest::ParseEnvelope(bytes));
  const auto signer = ports_.keys.FindSigner(envelope.signer());
  if (!signer.ok() && signer.error().code != Code::kSignerUnknown) {
    return signer.error();
  }
  return !signer.ok();
}

// An update that can't tell its signer is begun again as well: its manifest is checked anew then.
Status Machine::DropUpdateOfRevokedSigner() {
  const auto revoked = SignerRevoked(state().update_slot);
  if (!revoked.ok() && (revoked.error().code == Code::kCryptoFailed ||
                        revoked.error().code == Code::kKeyStoreCorrupt)) {
    return revoked.error();
  }
  if (revoked.ok() && !*revoked) {
    return {};
  }
  if (state_ == State::kFetchingLayers) {
    return DropUpdate();
  }
  update_.reset();
  return Note(RecordType::kDropped);
}

// A key store that can't be read must not leave the device without an app.
bool Machine::CurrentRevoked() {
  for (int i = 0; i < kReadTries && state().has_current(); ++i) {
    if (const auto revoked = SignerRevoked(state().current_slot); revoked.ok()) {
      return *revoked;
    }
  }
  return false;
}

// Before a revert writes: an app whose signer is gone is not what it reverts to.
Status Machine::ForgetRevoked() {
  if (!CurrentRevoked()) {
    return {};
  }
  STRATA_TRY(Note(RecordType::kForgotten));
  book_.Forget();
  keys_report_ = Fail(Code::kSignerUnknown, Op::kRevert);
  return {};
}

}  // namespace strata::engine
