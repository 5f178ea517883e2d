// SPDX-License-Identifier: Apache-2.0
// Any bytes as a NewKeys message, as its body and as a cloud CA: what is accepted keeps its meaning
// when it is written and read again.
#include <cstdlib>

#include "strata/format/bundle/new_keys.hpp"

namespace {

namespace bundle = strata::bundle;

void CheckBodyBytes(strata::ByteSpan bytes) {
  const auto body = bundle::ParseNewKeysBody(bytes);
  if (!body) {
    return;
  }
  const auto written = bundle::SerializeNewKeysBody(*body);
  if (written.size() > bundle::kMaxNewKeysBytes) {
    return;  // short spellings of an empty field grow
  }
  const auto again = bundle::ParseNewKeysBody(written);
  if (!again || *again != *body || bundle::SerializeNewKeysBody(*again) != written) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const strata::ByteSpan bytes(data, size);
  CheckBodyBytes(bytes);
  static_cast<void>(bundle::CheckCloudCa(bytes).ok());
  if (const auto message = bundle::ParseNewKeys(bytes)) {
    CheckBodyBytes(message->body);
    const auto again = bundle::ParseNewKeys(bundle::SerializeNewKeys(*message));
    if (bundle::SerializeNewKeys(*message).size() <= bundle::kMaxNewKeysBytes &&
        (!again || again->signer != message->signer || again->body != message->body ||
         again->signature != message->signature)) {
      std::abort();
    }
  }
  return 0;
}
