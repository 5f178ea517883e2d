// SPDX-License-Identifier: Apache-2.0
/// Not random: numbers for a test image, so that each run is the same. Firmware brings a real
/// source.
#include <cstdint>

#include <psa/crypto.h>

namespace {

std::uint32_t state = 0x7374'7261;

}  // namespace

extern "C" psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t*,
                                                        std::uint8_t* output,
                                                        size_t output_size,
                                                        size_t* output_length) {
  for (size_t i = 0; i < output_size; ++i) {
    state = state * 1'664'525 + 1'013'904'223;
    output[i] = static_cast<std::uint8_t>(state >> 24);
  }
  *output_length = output_size;
  return PSA_SUCCESS;
}
