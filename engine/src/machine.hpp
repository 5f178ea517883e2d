// SPDX-License-Identifier: Apache-2.0
/// Machine: the engine itself, behind engine.hpp. Composes the parts and walks the state table.
/// Role: decides what is next; the parts do the work in bounded steps. Split over machine*.cpp by
/// phase of an update.
#pragma once

#include "strata/engine/debug.hpp"
#include "strata/engine/engine.hpp"

#include "applier.hpp"
#include "connection.hpp"
#include "outbox.hpp"
#include "slot_verifier.hpp"
#include "stager.hpp"
#include "state_table.hpp"

namespace strata::engine {

class Machine {
 public:
  Machine(const HardwareProfile& profile, const EnginePorts& ports);

  Status Boot();
  Activity Step();
  [[nodiscard]] Snapshot snapshot() const;

  Result<DebugChallenge> ChallengeDebugger();
  Status OpenDebugging(const Signature& signature);

  [[nodiscard]] bool debugging_open() const { return debugging_open_; }

 private:
  using DebugNonce = decltype(DebugChallenge::nonce);

  /// Steps inside VerifyingStaged, in this order.
  enum class Verifying : std::uint8_t { kRevertSlot, kStopApp, kDryRun };
  /// Steps inside Applying, Reverting and Recovering.
  enum class Writing : std::uint8_t { kStopApp, kFetch, kDryRun, kApply };

  // machine.cpp: the frame.
  Status Enter(State to, const Error& error = {});
  Status Note(RecordType type, ByteSpan payload = {});
  void Die(const Error& error);
  Activity Work();
  Activity From(const Progress& progress);
  void PollDesired();
  void PollApp();
  void SendReport(const Error& error);

  [[nodiscard]] const JournalState& state() const { return journal_.state(); }

  [[nodiscard]] bool MayTalk() const;

  // machine_app.cpp: running the app.
  Status StartCurrent();
  Status BeginRecovering();
  Status StartApp();
  bool StopApp();
  void RestartIfDue();
  void OnCrash();

  // machine_policy.cpp: what the running app's manifest brings.
  void TakeEffect(std::uint8_t slot);
  [[nodiscard]] bool NeedsCloud() const;
  void DriveConnection();
  void CloseDebugging();
  Result<const PublicKey*> DebugKey();
  [[nodiscard]] DebugChallenge ChallengeOf(const DebugNonce& nonce) const;

  // machine_keys.cpp: NewKeys messages, and what follows from them.
  void LoadKeys();
  void ReadKeysPosition();
  [[nodiscard]] bool MayChangeKeys() const;
  [[nodiscard]] bool KeysDue() const;
  [[nodiscard]] std::uint32_t KeysWaitMs(std::uint64_t now) const;
  [[nodiscard]] std::uint32_t KeysPauseMs(std::uint64_t now) const;
  std::optional<Activity> KeysStep();
  Status TakeNewKeys(std::uint32_t sequence);
  ports::NeededLayerKeys LayerKeysNeeded(std::array<KeyId, 2>& storage);
  void RequestTidy();
  void TidyKeys();
  void SendKeysReport();
  Result<bool> SignerRevoked(std::uint8_t slot);
  Status DropUpdateOfRevokedSigner();
  bool CurrentRevoked();
  Status ForgetRevoked();

  // machine_boot.cpp
  Status BootCurrent();
  Status BootTrial();

  // machine_update.cpp: from the desired state to the last dry run.
  Activity IdleStep();
  Activity ManifestStep();
  Status ConsiderDesired();
  [[nodiscard]] bool WantsUpdate() const;
  Status BeginUpdate();
  Status DropUpdate();
  Status CheckAndAccept(ByteSpan bytes);
  Activity LayersStep();
  Status EnterStaged();
  Activity StagedStep();
  Status BeginVerifying();
  Activity VerifyingStep();
  Activity RevertSlotStep();
  Activity DryRunStep();
  Activity FailUpdate(const Error& error);

  // machine_apply.cpp: from Applying to the end.
  Status BeginApplying();
  Activity ApplyingStep();
  Activity StartingStep();
  Activity ConfirmingStep();
  Status Confirm();
  Activity BeginReverting(const Error& error);
  Activity RevertingStep();
  Activity FinishReverting();
  Activity RecoveringStep();
  Activity FinishRecovering();
  Activity WriteCurrent();
  [[nodiscard]] Applier::Tools WritingTools();
  Status Conclude(RecordType type,
                  wire::Verdict verdict,
                  const Error& error,
                  std::uint32_t security_counter = 0);

  static_assert(sizeof(Buffers::scratch) >= kJournalScratchBytes);

  const HardwareProfile& profile_;
  EnginePorts ports_;
  Journal journal_;
  SlotStore store_;
  ManifestBook book_;
  Stager stager_;
  SlotVerifier verifier_;
  Applier applier_;
  Outbox outbox_;
  Backoff backoff_;
  Backoff recover_backoff_;  ///< over several states, until the current app is in place

  State state_ = State::kIdle;
  std::optional<Error> dead_;  ///< the hardware does not work: only a boot helps
  std::optional<wire::DesiredState> desired_;
  std::optional<wire::Deployment> update_;  ///< being fetched, checked or under way
  std::optional<Digest> update_body_hash_;
  Verifying verifying_ = Verifying::kRevertSlot;
  Writing writing_ = Writing::kStopApp;
  std::uint64_t not_before_ms_ = 0;  ///< the state's own work waits until then
  std::uint8_t manifest_tries_ = 0;
  std::uint8_t restages_ = 0;
  std::uint32_t reported_bytes_ = 0;
  bool rewrite_all_ = false;  ///< a power cut came while placements were written
  bool measured_ =
      false;  ///< the current app measured right since this boot, and nothing was written since

  Connection connection_;
  bool connected_ = true;  ///< as the Cloud port was told; it begins connected
  bool debugging_open_ = false;
  std::optional<DebugNonce> debug_nonce_;

  Backoff keys_backoff_;
  std::uint32_t keys_sequence_ = 0;  ///< where in the chain of NewKeys messages the device stands
  std::uint64_t keys_not_before_ms_ = 0;
  std::uint64_t tidy_not_before_ms_ = 0;
  bool tidy_due_ = true;              ///< the key store may hold what no slot needs any more
  bool signer_checked_ = false;       ///< of the update under way, against the present keys
  std::optional<Error> keys_report_;  ///< to be sent; kOk: where it stands

  bool app_running_ = false;
  std::uint8_t running_slot_ = kNoSlot;  ///< whose app was started last
  bool ready_ = false;
  bool apply_now_ = false;
  std::uint32_t crashes_ = 0;
  std::uint64_t app_started_ms_ = 0;
  std::optional<std::uint64_t> restart_at_ms_;
  std::uint32_t restart_delay_ms_ = 0;
  std::uint32_t minimum_restart_ms_ = 0;
  std::uint32_t maximum_restart_ms_ = 0;
  std::uint64_t trial_started_ms_ = 0;
  std::uint64_t staged_at_ms_ = 0;
  std::uint32_t polite_ms_ = 0;

  Buffers buffers_;  ///< last: what stands behind 4 KiB takes longer instructions to reach
};

}  // namespace strata::engine
