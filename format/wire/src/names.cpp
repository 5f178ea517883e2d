// SPDX-License-Identifier: Apache-2.0
#include "strata/format/wire/wire.hpp"

namespace strata::wire {

std::string_view NameOf(UpdateState state) {
  switch (state) {
    case UpdateState::kIdle:
      return "Idle";
    case UpdateState::kFetchingManifest:
      return "FetchingManifest";
    case UpdateState::kCheckingManifest:
      return "CheckingManifest";
    case UpdateState::kFetchingLayers:
      return "FetchingLayers";
    case UpdateState::kStaged:
      return "Staged";
    case UpdateState::kVerifyingStaged:
      return "VerifyingStaged";
    case UpdateState::kApplying:
      return "Applying";
    case UpdateState::kStarting:
      return "Starting";
    case UpdateState::kConfirming:
      return "Confirming";
    case UpdateState::kConfirmed:
      return "Confirmed";
    case UpdateState::kReverting:
      return "Reverting";
    case UpdateState::kRecovering:
      return "Recovering";
    case UpdateState::kFailed:
      return "Failed";
  }
  return "";
}

}  // namespace strata::wire
