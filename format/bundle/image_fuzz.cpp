// SPDX-License-Identifier: Apache-2.0
// Any file as an image, for every hardware profile: what is read fits the medium.
#include <cstdlib>

#include "strata/format/bundle/create.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const strata::HardwareProfile& profile : strata::HardwareProfiles()) {
    const auto image = strata::bundle::ReadImage({data, size}, profile);
    if (image && (image->bytes.empty() || image->start_bytes > profile.internal_bytes ||
                  image->bytes.size() > profile.internal_bytes - image->start_bytes)) {
      std::abort();
    }
  }
  return 0;
}
