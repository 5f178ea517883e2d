// SPDX-License-Identifier: Apache-2.0
#include <mbedtls/memory_buffer_alloc.h>

#include "strata/platform/psa/psa_crypto.hpp"

#include "cases.hpp"
#include "semihosting.hpp"

namespace strata::device_test {
namespace {

// All the memory that Mbed TLS may use.
std::array<std::uint8_t, 16 * 1024> arena;

struct Tally {
  std::uint32_t passed = 0;
  std::uint32_t failed = 0;
};

void PrintNumber(std::uint32_t value) {
  std::array<char, 11> digits{};
  std::size_t at = digits.size() - 1;
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  Print(digits.data() + at);
}

void Run(std::span<const Case> cases, Tally& tally) {
  for (const Case& test : cases) {
    const bool passed = test.run();
    ++(passed ? tally.passed : tally.failed);
    Print(passed ? "PASS " : "FAIL ");
    Print(test.name);
    Print("\n");
  }
}

}  // namespace

std::uint32_t RunAll() {
  mbedtls_memory_buffer_alloc_init(arena.data(), arena.size());
  if (!platform::PsaCrypto::Init()) {
    Print("FAIL PsaCrypto::Init\n");
    return 1;
  }
  Tally tally;
  Run(CryptoCases(), tally);
  Run(HpkeCases(), tally);
  PrintNumber(tally.passed);
  Print(" passed, ");
  PrintNumber(tally.failed);
  Print(" failed\n");
  return tally.failed;
}

}  // namespace strata::device_test
