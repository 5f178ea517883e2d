// SPDX-License-Identifier: Apache-2.0
// Machine: running the app and restarting it after crashes.
#include <algorithm>

#include "machine.hpp"

namespace strata::engine {
namespace {

constexpr std::uint32_t kFirstRestartMs = 1000;
constexpr std::uint32_t kMaxRestartMs = 60'000;
/// An app that ran this long begins with the shortest pause again.
constexpr std::uint32_t kStableMs = 60'000;

}  // namespace

Status Machine::StartApp() {
  CloseDebugging();
  ready_ = false;
  apply_now_ = false;
  restart_at_ms_.reset();
  app_started_ms_ = ports_.clock.NowMs();
  const Status started = ports_.app.Start();
  app_running_ = started.ok();
  return started;
}

bool Machine::StopApp() {
  restart_at_ms_.reset();
  if (!ports_.app.Stop()) {
    return false;
  }
  app_running_ = false;
  CloseDebugging();
  return true;
}

// Never starts what was not measured: a mismatch leads to Recovering.
Status Machine::StartCurrent() {
  if (!state().has_current() || app_running_) {
    return {};
  }
  if (state().recovering) {
    return BeginRecovering();
  }
  if (!measured_) {
    const auto right = InternalMeasuresRight(WritingTools(), state().current_slot);
    if (!right.ok() && right.error().code == Code::kCryptoFailed) {
      return right.error();
    }
    if (!right.ok() || !*right) {
      STRATA_TRY(Note(RecordType::kRecovering));
      return BeginRecovering();
    }
    measured_ = true;
  }
  if (book_.Load(state().current_slot).ok()) {
    TakeEffect(state().current_slot);
  }
  restart_delay_ms_ = 0;
  if (!StartApp()) {
    OnCrash();
  }
  return {};
}

Status Machine::BeginRecovering() {
  rewrite_all_ = true;
  writing_ = Writing::kStopApp;
  return Enter(State::kRecovering, Fail(Code::kMeasurementMismatch, Op::kBoot));
}

void Machine::OnCrash() {
  app_running_ = false;
  CloseDebugging();
  ++crashes_;
  const std::uint64_t now = ports_.clock.NowMs();
  const std::uint32_t first = std::max(minimum_restart_ms_, kFirstRestartMs);
  const std::uint32_t most =
      std::max(first, maximum_restart_ms_ != 0 ? maximum_restart_ms_ : kMaxRestartMs);
  const bool stable = now - app_started_ms_ >= kStableMs;
  const std::uint32_t doubled = restart_delay_ms_ > most / 2 ? most : restart_delay_ms_ * 2;
  restart_delay_ms_ = stable ? first : std::clamp(doubled, first, most);
  restart_at_ms_ = now + restart_delay_ms_;
}

void Machine::RestartIfDue() {
  if (!restart_at_ms_ || ports_.clock.NowMs() < *restart_at_ms_) {
    return;
  }
  if (!StartApp()) {
    OnCrash();
  }
}

}  // namespace strata::engine
