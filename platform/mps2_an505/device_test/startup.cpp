// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>

#include "cases.hpp"
#include "semihosting.hpp"

extern "C" {
extern std::uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];
extern void (*init_array_start[])();
extern void (*init_array_end[])();
[[noreturn]] void Reset();
}

namespace {

[[noreturn]] void Fault() {
  strata::device_test::Print("FAIL the processor took a fault\n");
  strata::device_test::Exit(99);
}

using Handler = void (*)();

struct Vectors {
  std::uint32_t* stack;
  std::array<Handler, 15> handlers;
};

[[gnu::section(".vectors"), gnu::used]] const Vectors kVectors = {stack_top,
                                                                  {Reset,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault,
                                                                   Fault}};

}  // namespace

// Virtual destructors name it; there is no heap that could have given anything.
void operator delete(void*, std::size_t) noexcept {
  Fault();
}

void operator delete(void*) noexcept {
  Fault();
}

void Reset() {
  const std::uint32_t* from = data_load;
  for (std::uint32_t* to = data_start; to != data_end; ++to) {
    *to = *from++;
  }
  for (std::uint32_t* to = bss_start; to != bss_end; ++to) {
    *to = 0;
  }
  for (auto* constructor = init_array_start; constructor != init_array_end; ++constructor) {
    (*constructor)();
  }
  strata::device_test::Exit(strata::device_test::RunAll());
}
