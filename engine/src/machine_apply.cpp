// SPDX-License-Identifier: Apache-2.0
// Machine: from Applying to the end of the update. No app runs here before every placement measures
// right.
#include <algorithm>

#include "machine.hpp"

namespace strata::engine {
namespace {

constexpr std::uint32_t kIdleWaitMs = 60'000;
constexpr std::uint32_t kStopRetryMs = 1000;

}  // namespace

Applier::Tools Machine::WritingTools() {
  return {book_, store_, ports_.internal, ports_.external, ports_.crypto, ports_.keys, buffers_};
}

Status Machine::Conclude(RecordType type,
                         wire::Verdict verdict,
                         const Error& error,
                         std::uint32_t security_counter) {
  const Conclusion conclusion{.verdict = verdict,
                              .deployment_id = update_->id,
                              .manifest_hash = update_->manifest_hash,
                              .body_hash = update_body_hash_,
                              .error = error,
                              .counter = state().receipt_counter + 1};
  std::array<std::uint8_t, kMaxRecordPayloadBytes> payload{};
  const std::size_t size = EncodeConclusion(conclusion, security_counter, payload);
  return Note(type, ByteSpan(payload).first(size));
}

Status Machine::BeginApplying() {
  STRATA_TRY(Note(RecordType::kApplying));
  measured_ = false;
  writing_ = Writing::kApply;
  applier_.Begin(state().update_slot, rewrite_all_);
  return Enter(State::kApplying);
}

Activity Machine::ApplyingStep() {
  if (writing_ == Writing::kStopApp) {
    if (!StopApp()) {
      return From(Progress::Wait(kStopRetryMs));
    }
    verifier_.Begin(state().update_slot);
    writing_ = Writing::kDryRun;
    return {true, 0};
  }
  const bool dry = writing_ == Writing::kDryRun;
  const Progress progress = dry ? verifier_.Step() : applier_.Step();
  if (progress.kind == Progress::Kind::kFailed) {
    return BeginReverting(progress.error);
  }
  if (progress.kind != Progress::Kind::kDone) {
    return From(progress);
  }
  if (dry) {
    applier_.Begin(state().update_slot, rewrite_all_);
    writing_ = Writing::kApply;
    return {true, 0};
  }
  rewrite_all_ = false;
  const bool entered = Note(RecordType::kTrial).ok() && Enter(State::kStarting).ok();
  return {entered, kIdleWaitMs};
}

Activity Machine::StartingStep() {
  if (!StopApp()) {
    return From(Progress::Wait(kStopRetryMs));
  }
  if (const auto loaded = book_.Load(state().update_slot); !loaded.ok()) {
    return BeginReverting(Error{loaded.error().code, Op::kStartApp, 0});
  }
  TakeEffect(state().update_slot);
  crashes_ = 0;
  restart_delay_ms_ = 0;
  trial_started_ms_ = ports_.clock.NowMs();
  if (!StartApp()) {
    return BeginReverting(Fail(Code::kAppStartFailed, Op::kStartApp));
  }
  return From(Enter(State::kConfirming).ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
}

Activity Machine::ConfirmingStep() {
  if (const auto loaded = book_.Load(state().update_slot); !loaded.ok()) {
    return BeginReverting(Error{loaded.error().code, Op::kConfirm, 0});
  }
  const manifest::TrialPolicy& trial = book_.app().trial;
  if (crashes_ > trial.crashes_allowed) {
    return BeginReverting(Fail(Code::kAppCrashed, Op::kConfirm, crashes_));
  }
  const std::uint64_t window_ms = std::uint64_t{trial.window_sec} * 1000;
  const std::uint64_t elapsed = ports_.clock.NowMs() - trial_started_ms_;
  const bool over = elapsed >= window_ms;
  if (app_running_ && (trial.ready_required ? ready_ : over)) {
    return From(Confirm().ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
  }
  if (over && trial.ready_required) {
    return BeginReverting(Fail(Code::kTrialExpired, Op::kConfirm, trial.window_sec));
  }
  const std::uint64_t left = over ? kStopRetryMs : window_ms - elapsed;
  return {false, static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kIdleWaitMs))};
}

Status Machine::Confirm() {
  STRATA_TRY(Conclude(
      RecordType::kConfirmed, wire::Verdict::kConfirmed, {}, book_.app().security_counter));
  book_.Forget();
  measured_ = true;
  if (state().recovering) {
    STRATA_TRY(Note(RecordType::kRecovered));
  }
  return Enter(State::kConfirmed);
}

Activity Machine::BeginReverting(const Error& error) {
  std::array<std::uint8_t, kMaxRecordPayloadBytes> payload{};
  const std::size_t size = EncodeError(error, payload);
  if (!Note(RecordType::kReverting, ByteSpan(payload).first(size))) {
    return {false, kIdleWaitMs};
  }
  // Writes that failed may have left units that read well once.
  rewrite_all_ = rewrite_all_ || state_ == State::kApplying;
  measured_ = false;
  writing_ = Writing::kStopApp;
  return From(Enter(State::kReverting, error).ok() ? Progress::More()
                                                   : Progress::Wait(kIdleWaitMs));
}

// Brings the placements to what the current slot says (or to nothing, if there is no app), fetching
// the slot's layers again where it is damaged.
Activity Machine::WriteCurrent() {
  const JournalState& journal = state();
  if (writing_ == Writing::kStopApp) {
    if (!StopApp()) {
      return From(Progress::Wait(kStopRetryMs));
    }
    if (state_ == State::kReverting && !ForgetRevoked()) {
      return {false, kIdleWaitMs};
    }
    writing_ = journal.has_current() ? Writing::kDryRun : Writing::kApply;
    verifier_.Begin(journal.current_slot);
    applier_.Begin(journal.current_slot, rewrite_all_);
    return {true, 0};
  }
  if (writing_ == Writing::kDryRun) {
    const Progress progress = verifier_.Step();
    if (progress.kind == Progress::Kind::kDone) {
      // Its manifest may have been fetched only now.
      if (state_ == State::kReverting && !ForgetRevoked()) {
        return {false, kIdleWaitMs};
      }
      applier_.Begin(journal.current_slot, rewrite_all_);
      writing_ = Writing::kApply;
      return {true, 0};
    }
    if (progress.kind != Progress::Kind::kFailed) {
      return From(progress);
    }
    const std::uint32_t pause = recover_backoff_.NextMs();
    stager_.Begin(journal.current_slot, StageMode::kRecover);
    writing_ = Writing::kFetch;
    const bool here =
        state_ == State::kRecovering || Enter(State::kRecovering, progress.error).ok();
    return From(Progress::Wait(here ? pause : kIdleWaitMs));
  }
  if (writing_ == Writing::kFetch) {
    const Progress progress = stager_.Step();
    if (progress.kind != Progress::Kind::kDone) {
      return From(progress);
    }
    verifier_.Begin(journal.current_slot);
    writing_ = Writing::kDryRun;
    const bool reverting = journal.phase == Phase::kReverting;
    return From(!reverting || Enter(State::kReverting).ok() ? Progress::More()
                                                            : Progress::Wait(kIdleWaitMs));
  }
  const Progress progress = applier_.Step();
  if (progress.kind == Progress::Kind::kDone) {
    rewrite_all_ = false;
    measured_ = true;
    recover_backoff_.Reset();
    return state_ == State::kReverting ? FinishReverting() : FinishRecovering();
  }
  if (progress.kind == Progress::Kind::kFailed) {
    // Nothing else can run on this device, so it is tried for as long as it takes.
    rewrite_all_ = true;
    writing_ = Writing::kStopApp;
    return From(Progress::Wait(recover_backoff_.NextMs()));
  }
  return From(progress);
}

Activity Machine::RevertingStep() {
  return WriteCurrent();
}

Activity Machine::FinishReverting() {
  const Error error = state().last_error;
  if (!Conclude(RecordType::kReverted, wire::Verdict::kReverted, error)) {
    return {false, kIdleWaitMs};
  }
  if (state().recovering && !Note(RecordType::kRecovered)) {
    return {false, kIdleWaitMs};
  }
  const bool entered = Enter(State::kIdle, error).ok();
  update_.reset();
  return {entered, kIdleWaitMs};
}

Activity Machine::RecoveringStep() {
  const bool abandoned = writing_ == Writing::kFetch && stager_.cloud_lacks_it() &&
                         state().phase != Phase::kReverting && WantsUpdate();
  if (!abandoned) {
    return WriteCurrent();
  }
  if (state().has_update() && !Note(RecordType::kDropped)) {
    return {false, kIdleWaitMs};
  }
  return From(BeginUpdate().ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
}

Activity Machine::FinishRecovering() {
  if (!Note(RecordType::kRecovered)) {
    return {false, kIdleWaitMs};
  }
  return From(Enter(State::kIdle).ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
}

}  // namespace strata::engine
