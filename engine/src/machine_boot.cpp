// SPDX-License-Identifier: Apache-2.0
// Machine: from the journal to the state in which Step() goes on.
#include "machine.hpp"

namespace strata::engine {

Status Machine::Boot() {
  STRATA_TRY(journal_.Open());
  LoadKeys();
  if (state().has_update()) {
    const SlotState& slot = state().slots[state().update_slot];
    update_ = slot.deployment;
    update_body_hash_ = slot.body_hash;
  }
  switch (state().phase) {
    case Phase::kIdle:
    case Phase::kFetching:
      return BootCurrent();
    case Phase::kStaged:
      return {};  // a staged update is applied before the app starts; IdleStep() goes on with it
    case Phase::kApplying:
      rewrite_all_ = true;
      writing_ = Writing::kStopApp;
      return Enter(State::kApplying);
    case Phase::kTrial:
      return BootTrial();
    case Phase::kReverting:
      rewrite_all_ = true;
      writing_ = Writing::kStopApp;
      return Enter(State::kReverting, state().last_error);
  }
  return Fail(Code::kJournalCorrupt, Op::kBoot);
}

Status Machine::BootCurrent() {
  // What a former process started must not run on beside this engine.
  if (!StopApp()) {
    return Fail(Code::kInternal, Op::kBoot);
  }
  return StartCurrent();
}

Status Machine::BootTrial() {
  const auto right = InternalMeasuresRight(WritingTools(), state().update_slot);
  if (!right.ok() && right.error().code == Code::kCryptoFailed) {
    return right.error();
  }
  STRATA_TRY(Enter(State::kStarting));
  if (!right.ok() || !*right) {
    static_cast<void>(BeginReverting(Fail(Code::kMeasurementMismatch, Op::kBoot)));
  }
  return dead_ ? Status(*dead_) : Status();
}

}  // namespace strata::engine
