// SPDX-License-Identifier: Apache-2.0
#include "pinned_authorities.hpp"

#include <array>

#include <mbedtls/pem.h>

#include "strata/platform/linux/log.hpp"

namespace strata::device {

Expected<std::string> PinnedAuthorities(ports::RotatingKeyStore& keys) {
  std::string all;
  for (std::uint32_t i = 0; i < kMaxCloudCas; ++i) {
    std::array<std::uint8_t, kMaxCloudCaBytes> der{};
    const auto size = keys.ReadCloudCa(i, der);
    if (!size.ok()) {
      return Failure{size.error(), Describe(size.error())};
    }
    if (*size == 0) {
      break;
    }
    std::array<unsigned char, 2 * kMaxCloudCaBytes> pem{};
    std::size_t length = 0;
    if (mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n",
                                 "-----END CERTIFICATE-----\n",
                                 der.data(),
                                 *size,
                                 pem.data(),
                                 pem.size(),
                                 &length) != 0) {
      return Failure{Fail(Code::kKeyInvalid, Op::kKeyStore), "a pinned CA can't be used"};
    }
    all.append(reinterpret_cast<const char*>(pem.data()), length - 1);
  }
  return all;
}

}  // namespace strata::device
