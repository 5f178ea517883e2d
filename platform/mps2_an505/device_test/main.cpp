// SPDX-License-Identifier: Apache-2.0
#include <mbedtls/memory_buffer_alloc.h>

#include "strata/platform/psa/psa_crypto.hpp"

#include "cases.hpp"
#include "semihosting.hpp"

namespace strata::device_test {
namespace {

// All the memory that Mbed TLS may use.
std::array<std::uint8_t, 16 * 1024> arena;

std::uint32_t Run(std::span<const Case> cases) {
  std::uint32_t failures = 0;
  for (const Case& test : cases) {
    const bool passed = test.run();
    failures += passed ? 0 : 1;
    Print(passed ? "PASS " : "FAIL ");
    Print(test.name);
    Print("\n");
  }
  return failures;
}

}  // namespace

std::uint32_t RunAll() {
  mbedtls_memory_buffer_alloc_init(arena.data(), arena.size());
  if (!platform::PsaCrypto::Init()) {
    Print("FAIL PsaCrypto::Init\n");
    return 1;
  }
  return Run(CryptoCases()) + Run(HpkeCases());
}

}  // namespace strata::device_test
