// SPDX-License-Identifier: Apache-2.0
// Any bytes as a manifest and as a body: what is accepted survives writing and reading again.
#include <cstdlib>

#include "strata/format/bundle/manifest.hpp"

namespace {

using strata::bundle::kMaxManifestBytes;
using strata::bundle::ParseBody;
using strata::bundle::ParseManifest;
using strata::bundle::SerializeBody;

void CheckBodyBytes(strata::ByteSpan bytes) {
  const auto body = ParseBody(bytes);
  if (!body) {
    return;
  }
  const auto written = SerializeBody(*body);
  if (written.size() > kMaxManifestBytes) {
    return;  // `update` and `connectivity` are always written, so a full body can grow
  }
  const auto again = ParseBody(written);
  if (!again || *again != *body || SerializeBody(*again) != written) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const strata::ByteSpan bytes(data, size);
  CheckBodyBytes(bytes);
  if (const auto manifest = ParseManifest(bytes)) {
    CheckBodyBytes(manifest->body);
  }
  return 0;
}
