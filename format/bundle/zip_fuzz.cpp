// SPDX-License-Identifier: Apache-2.0
// Any file as a bundle: container, manifest and layers.
#include "strata/format/bundle/reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source = strata::bundle::MemorySource({data, size});
  const auto reader = strata::bundle::BundleReader::Open(*source);
  if (reader) {
    static_cast<void>(reader->CheckLayers());
  }
  return 0;
}
