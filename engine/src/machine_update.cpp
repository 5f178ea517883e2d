// SPDX-License-Identifier: Apache-2.0
// Machine: from the desired state to the end of the dry run. Nothing here touches a placement.
#include <algorithm>
#include <new>

#include "machine.hpp"
#include "manifest_check.hpp"

namespace strata::engine {
namespace {

constexpr std::uint32_t kIdleWaitMs = 60'000;
constexpr std::uint32_t kStopRetryMs = 1000;
constexpr std::uint8_t kManifestTries = 3;
constexpr std::uint8_t kRestages = 3;

// Not the manifest's fault: it may be better the next time.
bool IsPassing(Code code) {
  return code == Code::kManifestHashMismatch || code == Code::kCryptoFailed ||
         code == Code::kEntropyFailed || code == Code::kFlashIo || code == Code::kKeyStoreCorrupt;
}

}  // namespace

bool Machine::WantsUpdate() const {
  if (!desired_ || !desired_->deployment) {
    return false;
  }
  const wire::Deployment& wanted = *desired_->deployment;
  const JournalState& journal = state();
  if (journal.has_current() && journal.slots[journal.current_slot].deployment == wanted) {
    return false;
  }
  return !journal.quarantine || journal.quarantine->deployment_id != wanted.id ||
         journal.quarantine->manifest_hash != wanted.manifest_hash;
}

Status Machine::ConsiderDesired() {
  if (!desired_) {
    return {};
  }
  if (desired_->restart_counter != state().restart_counter) {
    STRATA_TRY(Note(RecordType::kRestart, BigEndian(desired_->restart_counter)));
    if (app_running_ && StopApp() && !StartApp()) {
      OnCrash();
    }
  }
  const bool under_way = state_ == State::kFetchingManifest || state_ == State::kFetchingLayers ||
                         state_ == State::kStaged;
  if (under_way && desired_->deployment && update_ && *desired_->deployment != *update_) {
    return DropUpdate();
  }
  return {};
}

Status Machine::DropUpdate() {
  if (state().has_update()) {
    STRATA_TRY(Note(RecordType::kDropped));
  }
  update_.reset();
  return Enter(State::kIdle);
}

Activity Machine::IdleStep() {
  const JournalState& journal = state();
  if (journal.phase == Phase::kFetching) {
    stager_.Begin(journal.update_slot, StageMode::kResume);
    return From(Enter(State::kFetchingLayers).ok() ? Progress::More()
                                                   : Progress::Wait(kIdleWaitMs));
  }
  if (journal.phase == Phase::kStaged) {
    return From(BeginVerifying().ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
  }
  if (journal.has_current() && !app_running_ && !restart_at_ms_) {
    if (const Status started = StartCurrent(); !started) {
      return From(Progress::Wait(backoff_.NextMs()));
    }
    return {true, 0};
  }
  if (WantsUpdate()) {
    return From(BeginUpdate().ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
  }
  return {false, kIdleWaitMs};
}

Status Machine::BeginUpdate() {
  update_ = *desired_->deployment;
  update_body_hash_.reset();
  manifest_tries_ = 0;
  restages_ = 0;
  return Enter(State::kFetchingManifest);
}

Activity Machine::ManifestStep() {
  const MutableByteSpan room = MutableByteSpan(buffers_.scratch).first(manifest::kMaxManifestBytes);
  const auto fetched = ports_.cloud.FetchManifest(update_->manifest_hash, room);
  if (!fetched.ok()) {
    const Code code = fetched.error().code;
    if (code == Code::kManifestTooLarge && ++manifest_tries_ >= kManifestTries) {
      return FailUpdate(Fail(code, Op::kFetchManifest));
    }
    if (code == Code::kNotFound) {
      ports_.cloud.RefreshDesired();
    }
    return From(Progress::Wait(backoff_.NextMs()));
  }
  if (!Enter(State::kCheckingManifest)) {
    return From(Progress::Wait(kIdleWaitMs));
  }
  const Status checked = CheckAndAccept(room.first(std::min(*fetched, room.size())));
  if (dead_) {
    return {false, kIdleWaitMs};
  }
  if (!checked) {
    if (!IsPassing(checked.error().code) || ++manifest_tries_ >= kManifestTries) {
      return FailUpdate(checked.error());
    }
    const std::uint32_t pause = backoff_.NextMs();
    return From(Enter(State::kFetchingManifest).ok() ? Progress::Wait(pause)
                                                     : Progress::Wait(kIdleWaitMs));
  }
  stager_.Begin(state().update_slot, StageMode::kFresh);
  return From(Enter(State::kFetchingLayers).ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
}

Status Machine::CheckAndAccept(ByteSpan bytes) {
  const CheckTools tools{
      profile_, ports_.crypto, ports_.keys, store_.Layout(), state().security_counter};
  // Nobody has a chunk: the state is CheckingManifest.
  static_assert(sizeof(manifest::AppManifest) <= sizeof(Buffers::chunk));
  auto& app = *new (buffers_.chunk.data()) manifest::AppManifest();
  STRATA_TRY(CheckManifest(tools, bytes, update_->manifest_hash, update_body_hash_, app));
  const auto& quarantine = state().quarantine;
  if (quarantine && quarantine->deployment_id == update_->id &&
      quarantine->body_hash == update_body_hash_) {
    return Fail(Code::kQuarantined, Op::kCheckManifest);
  }
  Acceptance acceptance{.slot = static_cast<std::uint8_t>(state().current_slot == 0 ? 1 : 0),
                        .deployment = *update_,
                        .body_hash = *update_body_hash_,
                        .seed = {},
                        .manifest_bytes = static_cast<std::uint16_t>(bytes.size())};
  STRATA_TRY(ports_.entropy.Fill(acceptance.seed));
  STRATA_TRY(store_.WriteManifest(acceptance.slot, bytes));
  std::array<std::uint8_t, kMaxRecordPayloadBytes> payload{};
  const std::size_t size = EncodeAcceptance(acceptance, payload);
  const Status noted = Note(RecordType::kAccepted, ByteSpan(payload).first(size));
  SecureZero(payload);
  SecureZero(acceptance.seed);
  return noted;
}

Activity Machine::LayersStep() {
  const Progress progress = stager_.Step();
  if (stager_.bytes_done() > reported_bytes_ + kReportEveryBytes ||
      stager_.bytes_done() < reported_bytes_) {
    SendReport({});
  }
  switch (progress.kind) {
    case Progress::Kind::kMore:
    case Progress::Kind::kWait:
      return From(progress);
    case Progress::Kind::kFailed:
      return FailUpdate(progress.error);
    case Progress::Kind::kDone:
      break;
  }
  if (!EnterStaged()) {
    return {false, kIdleWaitMs};
  }
  return {true, 0};
}

Status Machine::EnterStaged() {
  if (state().phase != Phase::kStaged) {
    STRATA_TRY(Note(RecordType::kStaged));
  }
  polite_ms_ = 0;
  if (app_running_ && state().has_current() && book_.Load(state().current_slot).ok()) {
    const std::uint64_t ms = std::uint64_t{book_.app().maximum_politeness_time_sec} * 1000;
    polite_ms_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(ms, 0xFFFFFFFF));
  }
  staged_at_ms_ = ports_.clock.NowMs();
  if (polite_ms_ > 0) {
    ports_.app.NotifyUpdateDownloaded();
  }
  return Enter(State::kStaged);
}

Activity Machine::StagedStep() {
  const std::uint64_t waited = ports_.clock.NowMs() - staged_at_ms_;
  // As the original: an app that says nothing is waited for as long as its manifest asks.
  if (app_running_ && !apply_now_ && waited < polite_ms_) {
    return {false, static_cast<std::uint32_t>(polite_ms_ - waited)};
  }
  return From(BeginVerifying().ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
}

Status Machine::BeginVerifying() {
  // An app that is being recovered has nothing whole to go back to; one whose signer is gone is not
  // gone back to.
  const bool check_revert_slot = state().has_current() && !state().recovering && !CurrentRevoked();
  verifying_ = check_revert_slot ? Verifying::kRevertSlot : Verifying::kStopApp;
  if (check_revert_slot) {
    stager_.Begin(state().current_slot, StageMode::kCheck);
  }
  return Enter(State::kVerifyingStaged);
}

Activity Machine::VerifyingStep() {
  switch (verifying_) {
    case Verifying::kRevertSlot:
      return RevertSlotStep();
    case Verifying::kStopApp:
      if (!StopApp()) {
        return From(Progress::Wait(kStopRetryMs));
      }
      verifier_.Begin(state().update_slot);
      verifying_ = Verifying::kDryRun;
      return {true, 0};
    case Verifying::kDryRun:
      return DryRunStep();
  }
  return {false, kIdleWaitMs};
}

Activity Machine::RevertSlotStep() {
  const Progress progress = stager_.Step();
  switch (progress.kind) {
    case Progress::Kind::kMore:
      return From(progress);
    case Progress::Kind::kWait:
      // Repairing needs the cloud; at a cold boot the app does not wait for that.
      if (!app_running_ && !restart_at_ms_ && !StartCurrent()) {
        return From(Progress::Wait(backoff_.NextMs()));
      }
      return state_ == State::kVerifyingStaged ? From(progress) : Activity{true, 0};
    case Progress::Kind::kFailed:
      return FailUpdate(Fail(Code::kSlotUnusable, Op::kVerifyStaged, progress.error.detail));
    case Progress::Kind::kDone:
      break;
  }
  verifying_ = Verifying::kStopApp;
  return {true, 0};
}

Activity Machine::DryRunStep() {
  const Progress progress = verifier_.Step();
  if (progress.kind == Progress::Kind::kDone) {
    return From(BeginApplying().ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
  }
  if (progress.kind != Progress::Kind::kFailed) {
    return From(progress);
  }
  const Code code = progress.error.code;
  if ((code != Code::kStagingCorrupt && code != Code::kCryptoFailed) || ++restages_ > kRestages) {
    return FailUpdate(progress.error);
  }
  stager_.Begin(state().update_slot, StageMode::kRepair);
  if (!Enter(State::kFetchingLayers, progress.error) || !StartCurrent()) {
    return From(Progress::Wait(backoff_.NextMs()));
  }
  return {true, 0};
}

Activity Machine::FailUpdate(const Error& error) {
  if (!Conclude(RecordType::kFailed, wire::Verdict::kFailed, error)) {
    return {false, kIdleWaitMs};
  }
  return From(Enter(State::kFailed, error).ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
}

}  // namespace strata::engine
