// SPDX-License-Identifier: Apache-2.0
#include "support/hardware.hpp"

namespace strata::cli {

Expected<const HardwareProfile*> HardwareOf(const std::string& name) {
  if (const HardwareProfile* profile = FindHardwareProfile(name); profile != nullptr) {
    return profile;
  }
  std::string names;
  for (const HardwareProfile& profile : HardwareProfiles()) {
    names += (names.empty() ? "" : ", ") + std::string(profile.name);
  }
  return Local(
      Code::kNotFound, "--hardware: there is no profile '" + name + "'", "use one of " + names);
}

}  // namespace strata::cli
