// SPDX-License-Identifier: Apache-2.0
#include "numbers_for_test.hpp"

#include "strata/sim/panic.hpp"

#include "world_for_test.hpp"

namespace strata::sim {
namespace {

constexpr std::uint32_t kImageBytes = 1024 * 1024;
constexpr std::uint32_t kLayerBytes = 64 * 1024;

void Install(Device& device, const AppImage& app) {
  device.AddApp(app);
  device.Deploy(app);
  if (!device.RunUntilSettled() || !device.CheckRuns(&app).empty()) {
    Panic(app.name + " is not installed");
  }
}

}  // namespace

UpdateCost CostOfMebibyte(bool encrypted, std::uint32_t changed_from) {
  const HardwareProfile& profile = *FindHardwareProfile("stm32u585");
  const TestWorld world(profile);
  AppOptions options;
  options.name = "old";
  options.image_bytes = kImageBytes;
  options.layer_bytes = changed_from == 0 ? kLayerBytes : changed_from;
  options.encrypted = encrypted;
  options.policies = TestWorld::ReadyPolicy();
  const AppImage before = world.MakeApp(options);
  options.name = "new";
  options.content = changed_from == 0 ? 2 : options.content;
  options.tail_content = changed_from == 0 ? 0 : 3;
  const AppImage after = world.MakeApp(options);
  Device device(profile, world.persona(), 1);
  Install(device, before);
  const SimFlash::Wear wear = device.internal().wear();
  const std::uint64_t records = device.journal_programs();
  Install(device, after);
  const std::uint32_t changed = kImageBytes - changed_from;
  return {.journal_records = device.journal_programs() - records,
          .pages_erased = device.internal().wear().erased_units - wear.erased_units,
          .units_programmed = device.internal().wear().programmed_units - wear.programmed_units,
          .fewest_pages = changed / profile.internal_erase_unit_bytes,
          .fewest_units = changed / profile.internal_program_unit_bytes};
}

}  // namespace strata::sim
