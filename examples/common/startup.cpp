// SPDX-License-Identifier: Apache-2.0
/// Vector table and start of an application in the non-secure world.
#include <array>
#include <cstdint>

#include "board.hpp"

extern "C" {
extern std::uint32_t data_start[], data_end[], data_load[], bss_start[], bss_end[], stack_top[];
extern void (*init_array_start[])();
extern void (*init_array_end[])();
[[noreturn]] void Reset();
void SysTickHandler();
}

namespace {

// Only the tick is used. Any other exception is a defect: a fault inside a handler goes to the
// secure world, which reports it and ends the application.
void Unexpected() {
  asm volatile("udf #0");
}

using Handler = void (*)();

struct Vectors {
  std::uint32_t* stack;
  std::array<Handler, 15> handlers;
};

[[gnu::section(".vectors"), gnu::used]] const Vectors kVectors = {stack_top,
                                                                  {Reset,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   Unexpected,
                                                                   SysTickHandler}};

}  // namespace

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
  RunApp();
}
