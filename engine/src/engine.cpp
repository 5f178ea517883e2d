// SPDX-License-Identifier: Apache-2.0
#include "strata/engine/engine.hpp"

#include "machine.hpp"

namespace strata::engine {

struct Engine::Impl {
  Impl(const HardwareProfile& profile, const EnginePorts& ports) : machine(profile, ports) {}

  Machine machine;
};

Engine::Engine(const HardwareProfile& profile, const EnginePorts& ports) : storage_{} {
  static_assert(sizeof(Impl) <= kImplBytes, "raise kImplBytes");
  static_assert(sizeof(void*) > 4 || sizeof(Impl) + 256 > kImplBytes,
                "lower kImplBytes: it is a device's RAM");
  static_assert(alignof(Impl) <= 16);
  impl_ = new (storage_.data()) Impl(profile, ports);
}

Engine::~Engine() {
  impl_->~Impl();
}

Status Engine::Boot() {
  return impl_->machine.Boot();
}

Activity Engine::Step() {
  return impl_->machine.Step();
}

Snapshot Engine::snapshot() const {
  return impl_->machine.snapshot();
}

Result<DebugChallenge> Engine::ChallengeDebugger() {
  return impl_->machine.ChallengeDebugger();
}

Status Engine::OpenDebugging(const Signature& signature) {
  return impl_->machine.OpenDebugging(signature);
}

bool Engine::debugging_open() const {
  return impl_->machine.debugging_open();
}

namespace {

State StateOf(const JournalState& journal) {
  switch (journal.phase) {
    case Phase::kIdle:
      return journal.recovering ? State::kRecovering : State::kIdle;
    case Phase::kFetching:
      return State::kFetchingLayers;
    case Phase::kStaged:
      return State::kStaged;
    case Phase::kApplying:
      return State::kApplying;
    case Phase::kTrial:
      return State::kConfirming;
    case Phase::kReverting:
      return State::kReverting;
  }
  return State::kIdle;
}

}  // namespace

Result<Snapshot> ReadSnapshot(ports::Flash& secure, ports::Crypto& crypto) {
  std::array<std::uint8_t, kMaxSnapshotRecordBytes> scratch{};
  Journal journal(secure, crypto, SecureLayout::For(secure.geometry()).journal_start, scratch);
  STRATA_TRY(journal.Load());
  const JournalState& state = journal.state();
  if (journal.was_lost()) {
    return kJournalLost;
  }
  Snapshot snapshot;
  snapshot.state = StateOf(state);
  if (state.has_current()) {
    snapshot.current = state.slots[state.current_slot].deployment;
  }
  if (state.has_update()) {
    snapshot.update = state.slots[state.update_slot].deployment;
  }
  snapshot.last_error = state.last_error;
  snapshot.security_counter = state.security_counter;
  snapshot.boot_count = state.boot_count;
  return snapshot;
}

}  // namespace strata::engine
