// SPDX-License-Identifier: Apache-2.0
// Certificate requests come from whoever holds an account's token.
#include <cstdint>
#include <cstdlib>

#include "strata/cloud/pki/certificates.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = strata::cloud::pki::ParseCsr(strata::AsText({data, size}));
  const auto of_der = strata::cloud::pki::ParseCsrDer({data, size});
  if ((key.ok() && (*key)[0] != 0x04) || (of_der.ok() && (*of_der)[0] != 0x04)) {
    std::abort();
  }
  return 0;
}
