// SPDX-License-Identifier: Apache-2.0
// Machine: the policies that an app's manifest brings. They count from the app's start and never
// before.
#include <algorithm>

#include "machine.hpp"

namespace strata::engine {

// The manifest of `slot` is loaded.
void Machine::TakeEffect(std::uint8_t slot) {
  const manifest::AppPolicy& app = book_.app();
  running_slot_ = slot;
  minimum_restart_ms_ = app.minimum_restart_ms;
  maximum_restart_ms_ = app.maximum_restart_ms;
  connection_.SetPolicy({app.minimum_check_in_time_sec, app.connection_grace_time_sec});
}

bool Machine::NeedsCloud() const {
  return state_ != State::kIdle || state().receipt || !state().has_current() || WantsUpdate() ||
         KeysDue();
}

void Machine::DriveConnection() {
  const bool wanted = connection_.Decide(ports_.clock.NowMs(), NeedsCloud());
  if (wanted != connected_) {
    connected_ = wanted;
    ports_.cloud.SetConnected(wanted);
  }
}

void Machine::CloseDebugging() {
  debug_nonce_.reset();
  debugging_open_ = false;
}

DebugChallenge Machine::ChallengeOf(const DebugNonce& nonce) const {
  return {ports_.identity.sid(), state().slots[running_slot_].deployment->manifest_hash, nonce};
}

Result<const PublicKey*> Machine::DebugKey() {
  constexpr Error kRefused = Fail(Code::kDebugRefused, Op::kDebug);
  if (!app_running_ || !book_.Load(running_slot_).ok() || !book_.app().debug_auth_key) {
    return kRefused;
  }
  return &*book_.app().debug_auth_key;
}

Result<DebugChallenge> Machine::ChallengeDebugger() {
  CloseDebugging();
  STRATA_TRY(DebugKey());
  DebugNonce nonce{};
  STRATA_TRY(ports_.entropy.Fill(nonce));
  debug_nonce_ = nonce;
  return ChallengeOf(nonce);
}

Status Machine::OpenDebugging(const Signature& signature) {
  if (!debug_nonce_) {
    return Fail(Code::kDebugNoChallenge, Op::kDebug);
  }
  const DebugChallenge challenge = ChallengeOf(*debug_nonce_);
  CloseDebugging();
  STRATA_TRY_ASSIGN(const PublicKey* key, DebugKey());
  const auto parts = challenge.SignedParts();
  if (const Status verified = ports_.crypto.Verify(*key, parts, signature); !verified) {
    return Error{verified.error().code, Op::kDebug, 0};
  }
  debugging_open_ = true;
  return {};
}

}  // namespace strata::engine
