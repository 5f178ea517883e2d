// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <algorithm>

namespace strata::engine {
namespace {

constexpr std::uint32_t kIdleWaitMs = 60'000;
constexpr std::uint32_t kDeadWaitMs = 60'000;
constexpr int kEventsPerStep = 16;

}  // namespace

Machine::Machine(const HardwareProfile& profile, const EnginePorts& ports)
    : profile_(profile),
      ports_(ports),
      journal_(ports.secure,
               ports.crypto,
               SecureLayout::For(ports.secure.geometry()).journal_start,
               buffers_.scratch),
      store_(profile, ports.external, ports.crypto),
      book_(journal_, store_, ports.crypto, buffers_),
      stager_({journal_,
               store_,
               book_,
               buffers_,
               ports.internal,
               ports.crypto,
               ports.cloud,
               ports.entropy}),
      verifier_(book_, store_, ports.crypto, ports.keys, buffers_),
      applier_({book_, store_, ports.internal, ports.external, ports.crypto, ports.keys, buffers_}),
      outbox_({journal_, book_, buffers_, ports.clock, ports.cloud, ports.identity, ports.entropy}),
      backoff_(ports.entropy),
      recover_backoff_(ports.entropy),
      keys_backoff_(ports.entropy) {}

Status Machine::Enter(State to, const Error& error) {
  if (!MayFollow(state_, to)) {
    return Fail(Code::kInternal, Op::kNone, static_cast<std::uint32_t>(to));
  }
  const State from = state_;
  state_ = to;
  not_before_ms_ = 0;
  backoff_.Reset();
  ports_.observer.OnStateChange(from, to, error);
  SendReport(error);
  return {};
}

Status Machine::Note(RecordType type, ByteSpan payload) {
  const Status noted = journal_.Append(type, payload);
  if (!noted) {
    Die(noted.error());
  }
  switch (type) {
    case RecordType::kConfirmed:
    case RecordType::kReverted:
    case RecordType::kFailed:
    case RecordType::kDropped:
      RequestTidy();  // a slot was given up, and with it perhaps the need for a retired layer key
      break;
    default:
      break;
  }
  return noted;
}

// The journal is the ground everything stands on: without it nothing may be decided any more. A
// running app goes on.
void Machine::Die(const Error& error) {
  dead_ = error;
}

void Machine::SendReport(const Error& error) {
  if (!update_) {
    return;
  }
  reported_bytes_ = stager_.bytes_done();
  const bool staging = state_ == State::kFetchingLayers || state_ == State::kStaged;
  // Advisory: a report that does not get through is forgotten.
  static_cast<void>(outbox_.Report({.deployment_id = update_->id,
                                    .state = state_,
                                    .bytes_staged = staging ? stager_.bytes_done() : 0,
                                    .bytes_total = staging ? stager_.bytes_total() : 0,
                                    .error = error,
                                    .keys_sequence = keys_sequence_}));
}

bool Machine::MayTalk() const {
  // From the dry run on the device works for itself alone; what it has to say can wait.
  return state_ == State::kIdle || state_ == State::kFetchingManifest ||
         state_ == State::kFetchingLayers || state_ == State::kStaged ||
         state_ == State::kConfirming || state_ == State::kRecovering;
}

Activity Machine::Step() {
  if (dead_) {
    return {false, kDeadWaitMs};
  }
  DriveConnection();
  PollDesired();
  PollApp();
  RestartIfDue();
  std::uint32_t receipt_wait = 0;
  if (MayTalk()) {
    const auto sent = outbox_.SendReceipt();
    if (!sent.ok()) {
      Die(sent.error());
      return {false, kDeadWaitMs};
    }
    receipt_wait = *sent;
  }
  Activity activity = Work();
  if (activity.more_work || dead_) {
    return activity;
  }
  const std::uint64_t now = ports_.clock.NowMs();
  const auto sooner = [&activity](std::uint64_t ms) {
    activity.wait_ms = static_cast<std::uint32_t>(std::min<std::uint64_t>(activity.wait_ms, ms));
  };
  if (receipt_wait > 0) {
    sooner(receipt_wait);
  }
  sooner(connection_.WaitMs(now));
  sooner(KeysWaitMs(now));
  if (restart_at_ms_) {
    sooner(*restart_at_ms_ > now ? *restart_at_ms_ - now : 0);
  }
  return activity;
}

Activity Machine::Work() {
  if (const auto keys = KeysStep()) {
    return *keys;
  }
  if (dead_) {
    return {false, kDeadWaitMs};
  }
  const std::uint64_t now = ports_.clock.NowMs();
  const bool honours_desired = state_ == State::kIdle || state_ == State::kFetchingManifest ||
                               state_ == State::kFetchingLayers || state_ == State::kStaged ||
                               state_ == State::kRecovering;
  if (honours_desired) {
    if (const Status considered = ConsiderDesired(); !considered) {
      Die(considered.error());
      return {false, kDeadWaitMs};
    }
  }
  if (now < not_before_ms_) {
    return {false,
            static_cast<std::uint32_t>(std::min<std::uint64_t>(not_before_ms_ - now, kIdleWaitMs))};
  }
  switch (state_) {
    case State::kIdle:
      return IdleStep();
    case State::kFetchingManifest:
    case State::kCheckingManifest:
      return ManifestStep();
    case State::kFetchingLayers:
      return LayersStep();
    case State::kStaged:
      return StagedStep();
    case State::kVerifyingStaged:
      return VerifyingStep();
    case State::kApplying:
      return ApplyingStep();
    case State::kStarting:
      return StartingStep();
    case State::kConfirming:
      return ConfirmingStep();
    case State::kReverting:
      return RevertingStep();
    case State::kRecovering:
      return RecoveringStep();
    case State::kConfirmed:
    case State::kFailed:
      update_.reset();
      return From(Enter(State::kIdle).ok() ? Progress::More() : Progress::Wait(kIdleWaitMs));
  }
  return {false, kIdleWaitMs};
}

Activity Machine::From(const Progress& progress) {
  switch (progress.kind) {
    case Progress::Kind::kMore:
    case Progress::Kind::kDone:
      return {true, 0};
    case Progress::Kind::kWait:
      not_before_ms_ = ports_.clock.NowMs() + progress.wait_ms;
      return {false, progress.wait_ms};
    case Progress::Kind::kFailed:
      Die(progress.error);
      return {false, kDeadWaitMs};
  }
  return {false, kIdleWaitMs};
}

void Machine::PollDesired() {
  std::array<std::uint8_t, wire::kMaxDesiredStateBytes> bytes{};
  const auto size = ports_.cloud.TakeDesired(bytes);
  if (!size.ok() || *size == 0 || *size > bytes.size()) {
    return;  // the port asks again by itself
  }
  const auto desired = wire::DecodeDesiredState(ByteSpan(bytes).first(*size));
  if (desired.ok()) {
    desired_ = *desired;
    connection_.OnAnswer(ports_.clock.NowMs());
  }
}

void Machine::PollApp() {
  for (int i = 0; i < kEventsPerStep; ++i) {
    switch (ports_.app.TakeEvent()) {
      case ports::AppEvent::kNone:
        return;
      case ports::AppEvent::kReady:
        ready_ = app_running_;
        break;
      case ports::AppEvent::kDefer:
        apply_now_ = false;
        break;
      case ports::AppEvent::kApplyNow:
        apply_now_ = true;
        break;
      case ports::AppEvent::kCrashed:
        OnCrash();
        break;
    }
  }
}

Snapshot Machine::snapshot() const {
  Snapshot snapshot;
  snapshot.state = state_;
  const JournalState& journal = state();
  if (journal.has_current()) {
    snapshot.current = journal.slots[journal.current_slot].deployment;
  }
  snapshot.update = update_;
  snapshot.last_error = dead_ ? *dead_ : journal.last_error;
  snapshot.bytes_staged = stager_.bytes_done();
  snapshot.bytes_total = stager_.bytes_total();
  snapshot.security_counter = journal.security_counter;
  snapshot.boot_count = journal.boot_count;
  snapshot.keys_sequence = keys_sequence_;
  return snapshot;
}

}  // namespace strata::engine
