// SPDX-License-Identifier: Apache-2.0
#include "state_table.hpp"

#include <array>

namespace strata::engine {
namespace {

using S = wire::UpdateState;
using R = RecordType;

constexpr auto kNoRecord = std::nullopt;

constexpr std::array kTable = std::to_array<Transition>({
    // A boot begins in Idle and goes where the journal says.
    {S::kIdle, S::kFetchingManifest, kNoRecord, "a new deployment is desired"},
    {S::kIdle, S::kFetchingLayers, kNoRecord, "boot: a power cut came while layers were fetched"},
    {S::kIdle, S::kVerifyingStaged, kNoRecord, "boot: an update is staged"},
    {S::kIdle, S::kApplying, kNoRecord, "boot: a power cut came while the update was applied"},
    {S::kIdle, S::kStarting, kNoRecord, "boot: the app is on trial"},
    {S::kIdle, S::kReverting, kNoRecord, "boot: a power cut came while the revert was applied"},
    {S::kIdle, S::kRecovering, R::kRecovering, "the installed app does not measure right"},

    {S::kFetchingManifest, S::kCheckingManifest, kNoRecord, "the manifest arrived"},
    {S::kFetchingManifest, S::kIdle, kNoRecord, "another deployment is desired"},
    {S::kFetchingManifest, S::kFailed, R::kFailed, "no manifest of that hash arrives"},
    {S::kCheckingManifest, S::kFetchingLayers, R::kAccepted, "the manifest is accepted"},
    {S::kCheckingManifest,
     S::kFetchingManifest,
     kNoRecord,
     "what arrived is not the manifest that was named"},
    {S::kCheckingManifest, S::kFailed, R::kFailed, "the manifest is refused"},

    {S::kFetchingLayers, S::kStaged, R::kStaged, "all layers are staged"},
    {S::kFetchingLayers,
     S::kIdle,
     R::kDropped,
     "another deployment is desired, or its signer is gone"},
    {S::kFetchingLayers, S::kFailed, R::kFailed, "a layer stays wrong, or flash fails"},
    {S::kFetchingLayers,
     S::kRecovering,
     R::kRecovering,
     "boot: the installed app does not measure right"},

    {S::kStaged, S::kVerifyingStaged, kNoRecord, "the running app lets the update go on"},
    {S::kStaged, S::kIdle, R::kDropped, "another deployment is desired"},

    {S::kVerifyingStaged, S::kApplying, R::kApplying, "the dry run passed"},
    {S::kVerifyingStaged, S::kFetchingLayers, kNoRecord, "a staged chunk is damaged"},
    {S::kVerifyingStaged,
     S::kRecovering,
     R::kRecovering,
     "boot: the installed app does not measure right"},
    {S::kVerifyingStaged, S::kFailed, R::kFailed, "the dry run failed"},

    {S::kApplying, S::kStarting, R::kTrial, "every placement measures right"},
    {S::kApplying, S::kReverting, R::kReverting, "the update can't be applied"},
    {S::kStarting, S::kConfirming, kNoRecord, "the app was started"},
    {S::kStarting, S::kReverting, R::kReverting, "the app can't be started or measures wrong"},
    {S::kConfirming, S::kConfirmed, R::kConfirmed, "the app proved itself"},
    {S::kConfirming, S::kReverting, R::kReverting, "the trial failed"},
    {S::kConfirmed, S::kIdle, kNoRecord, "the update is over"},

    {S::kReverting, S::kIdle, R::kReverted, "the previous app is in place again"},
    {S::kReverting, S::kRecovering, kNoRecord, "the previous app's slot is damaged"},
    {S::kRecovering, S::kReverting, kNoRecord, "the previous app's slot is whole again"},
    {S::kRecovering, S::kIdle, R::kRecovered, "the installed app measures right again"},
    {S::kRecovering,
     S::kFetchingManifest,
     kNoRecord,
     "the cloud has the installed app no more and desires another"},
    {S::kFailed, S::kIdle, kNoRecord, "the update is over"},
});

constexpr std::size_t kStates = static_cast<std::size_t>(S::kFailed) + 1;

/// By state: a bit for each state that may follow.
constexpr auto kFollowers = [] {
  std::array<std::uint16_t, kStates> followers{};
  for (const Transition& row : kTable) {
    followers[static_cast<std::size_t>(row.from)] |=
        static_cast<std::uint16_t>(1U << static_cast<unsigned>(row.to));
  }
  return followers;
}();

}  // namespace

std::span<const Transition> Transitions() {
  return kTable;
}

bool MayFollow(wire::UpdateState from, wire::UpdateState to) {
  return (kFollowers[static_cast<std::size_t>(from)] >> static_cast<unsigned>(to) & 1U) != 0;
}

}  // namespace strata::engine
