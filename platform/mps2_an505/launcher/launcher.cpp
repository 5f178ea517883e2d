// SPDX-License-Identifier: Apache-2.0
/// Secure launcher for the AN505 board: gives the application its memory and two UARTs, and enters
/// it. Role: stands in for the secure firmware while a Linux device runs its app in QEMU; installs
/// nothing. Security: everything it does not hand over stays secure; it holds no secret. Contract:
/// docs/spec/app-link.md.
#include <array>
#include <cstdint>

#include <arm_cmse.h>

#include "board.hpp"
#include "fault.hpp"

extern "C" std::uint32_t stack_seal[2];
extern "C" [[noreturn]] void Reset();

namespace strata::mps2_an505 {
namespace {

// The `using` form of this attribute is ignored by g++.
typedef void AppEntry(void) __attribute__((cmse_nonsecure_call));

struct Region {
  std::uint32_t base;
  std::uint32_t size;
};

constexpr std::array<Region, 4> kAppRegions = {{
    {kAppFlash, kAppFlashBytes},
    {kAppRam, kAppRamBytes},
    {kAppLogUart, kUartBytes},
    {kAppLinkUart, kUartBytes},
}};

struct AppVectors {
  std::uint32_t stack;
  std::uint32_t reset;
};

/// `offset` and `size` count from the start of the memory behind `mpc`, whole words of its table.
void GiveMemory(std::uint32_t mpc, std::uint32_t offset, std::uint32_t size) {
  volatile std::uint32_t& control = Register(mpc + kMpcControl);
  control = (control | kMpcControlBusError) & ~kMpcControlAutoIncrement;
  for (std::uint32_t at = offset; at < offset + size; at += kMpcBytesInWord) {
    Register(mpc + kMpcIndex) = at / kMpcBytesInWord;
    Register(mpc + kMpcTable) = 0xffff'ffff;
  }
}

void DivideTheWorlds() {
  Register(kShcsr) |= kShcsrAllFaults;
  // BFHFNMINS stays 0, so bus and hard faults of the app come here; PRIS keeps the app from masking
  // them.
  Register(kAircr) = kAircrKey | kAircrPrioritizeSecure;
  Register(kSecureResponse) = kSecureResponseBusError;
  Register(kPpcApbExp1NonSecure) = kPpcUart1 | kPpcUart3;
  GiveMemory(kMpcSsram0, kAppFlash, kAppFlashBytes);
  GiveMemory(kMpcSsram2, 0, kAppRamBytes);
  std::uint32_t number = 0;
  for (const Region& region : kAppRegions) {
    Register(kSauRegionNumber) = number++;
    Register(kSauRegionBase) = region.base;
    Register(kSauRegionLimit) = ((region.base + region.size - 1) & ~0x1fU) | 1U;
  }
  Register(kSauControl) = 1;
  asm volatile("dsb\n isb" ::: "memory");
}

bool Acceptable(const AppVectors& vectors) {
  const bool stack_fits =
      vectors.stack % 8 == 0 && vectors.stack > kAppRam && vectors.stack - kAppRam <= kAppRamBytes;
  const std::uint32_t entry = vectors.reset & ~1U;
  const bool thumb = (vectors.reset & 1U) != 0;
  return stack_fits && thumb && entry >= kAppFlash + sizeof(AppVectors) &&
         entry - kAppFlash < kAppFlashBytes;
}

[[noreturn, gnu::used]] void Launch() {
  StartConsole();
  DivideTheWorlds();
  const AppVectors vectors{Register(kAppFlash), Register(kAppFlash + 4)};
  if (!Acceptable(vectors)) {
    EndWithFault("bad vector table");
  }
  Register(kVtorNonSecure) = kAppFlash;
  asm volatile("msr msp_ns, %0\n msr control_ns, %1" ::"r"(vectors.stack), "r"(0));
  PrintLine("launcher ready");
  auto* entry = reinterpret_cast<AppEntry*>(vectors.reset);
  entry();
  EndWithFault("app returned");
}

using Handler = void (*)();

struct Vectors {
  std::uint32_t* stack;
  std::array<Handler, 15> handlers;
};

[[gnu::section(".vectors"), gnu::used]] const Vectors kVectors = {stack_seal,
                                                                  {Reset,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry,
                                                                   FaultEntry}};

}  // namespace
}  // namespace strata::mps2_an505

void Reset() {
  // A sealed stack can't be unstacked by an exception return that the app forges (Armv8-M stack
  // sealing).
  constexpr std::uint32_t kSeal = 0xfef5'eda5;
  stack_seal[0] = kSeal;
  stack_seal[1] = kSeal;
  strata::mps2_an505::Launch();
}
