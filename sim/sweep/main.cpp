// SPDX-License-Identifier: Apache-2.0
// strata-sim: the cases of one scenario on one geometry, or one case by its id. tools/sim runs many
// of these and adds up. Prints one line of numbers; failures go to stderr, one id a line.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "strata/sim/explorer.hpp"
#include "strata/sim/panic.hpp"

#include "numbers_for_test.hpp"
#include "scenarios_for_test.hpp"

namespace strata::sim {
namespace {

constexpr int kUsageError = 2;
constexpr std::string_view kUsage =
    "usage: strata-sim --list | --numbers | --id ID\n"
    "       strata-sim cuts SCENARIO GEOMETRY SEED DEPTH ONE_IN ONE_IN_THIRD\n"
    "       strata-sim sample SCENARIO GEOMETRY SEED COUNT\n"
    "       strata-sim faults SCENARIO GEOMETRY SEED STRIDE\n";

std::uint64_t Number(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

/// For printf.
unsigned long long Wide(std::uint64_t value) {
  return value;
}

int List() {
  for (const Scenario& scenario : SweptScenarios()) {
    for (const HardwareProfile& profile : SimProfiles()) {
      std::printf("%s %s\n", scenario.name.c_str(), std::string(profile.name).c_str());
    }
  }
  return 0;
}

int PrintNumbers() {
  struct Row {
    const char* words;
    bool encrypted;
    std::uint32_t changed_from;
  };

  constexpr Row kRows[] = {{"in clear", false, 0},
                           {"encrypted", true, 0},
                           {"encrypted, its second half changed", true, 512 * 1024}};
  std::printf(
      "| app of 1 MiB over another, stm32u585 | pages erased | units programmed | fewest of both "
      "| ratio | journal records |\n|---|---|---|---|---|---|\n");
  for (const Row& row : kRows) {
    const UpdateCost cost = CostOfMebibyte(row.encrypted, row.changed_from);
    std::printf("| %s | %llu | %llu | %llu | %.3f | %llu |\n",
                row.words,
                Wide(cost.pages_erased),
                Wide(cost.units_programmed),
                Wide(cost.fewest_pages + cost.fewest_units),
                cost.Ratio(),
                Wide(cost.journal_records));
  }
  return 0;
}

int RunOne(const char* text) {
  const auto id = CaseId::Parse(text);
  const Scenario* scenario = id ? FindSweptScenario(id->scenario) : nullptr;
  const HardwareProfile* profile = id ? FindSimProfile(id->geometry) : nullptr;
  if (scenario == nullptr || profile == nullptr) {
    std::fprintf(stderr, "no such case: %s\n", text);
    return kUsageError;
  }
  SweepWorld world(*scenario, *profile, id->seed);
  const std::string wrong = world.runner().Run(*id);
  std::printf("%s: %s\n", text, wrong.empty() ? "holds" : wrong.c_str());
  return wrong.empty() ? 0 : 1;
}

void Print(const Tally& tally) {
  std::printf(
      "cases=%llu depth1=%llu depth2=%llu depth3=%llu faults=%llu operations=%llu "
      "failures=%llu\n",
      Wide(tally.cases),
      Wide(tally.by_depth[1]),
      Wide(tally.by_depth[2]),
      Wide(tally.by_depth[3]),
      Wide(tally.faults),
      Wide(tally.operations),
      Wide(tally.failures));
}

int RunMany(int count, char** words) {
  const std::string_view what = words[0];
  const Scenario* scenario = FindSweptScenario(words[1]);
  const HardwareProfile* profile = FindSimProfile(words[2]);
  if (scenario == nullptr || profile == nullptr) {
    std::fprintf(stderr, "no such scenario or geometry: %s %s\n", words[1], words[2]);
    return kUsageError;
  }
  const std::uint64_t seed = Number(words[3]);
  SweepWorld world(*scenario, *profile, seed);
  Explorer explorer(world.runner());
  if (what == "cuts" && count == 7) {
    explorer.Exhaust(seed,
                     {.deepest = static_cast<int>(Number(words[4])),
                      .one_in = static_cast<std::uint32_t>(Number(words[5])),
                      .one_in_third = static_cast<std::uint32_t>(Number(words[6]))});
  } else if (what == "sample" && count == 5) {
    explorer.Sample(seed, Number(words[4]));
  } else if (what == "faults" && count == 5) {
    for (const PortName port : kAllPorts) {
      explorer.FailCalls(seed, port, Number(words[4]));
    }
  } else {
    std::fputs(kUsage.data(), stderr);
    return kUsageError;
  }
  Print(explorer.tally());
  return explorer.tally().failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace strata::sim

int main(int argc, char** argv) {
  using namespace strata::sim;
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
    return List();
  }
  if (argc == 2 && std::strcmp(argv[1], "--numbers") == 0) {
    return PrintNumbers();
  }
  if (argc == 3 && std::strcmp(argv[1], "--id") == 0) {
    return RunOne(argv[2]);
  }
  if (argc < 6) {
    std::fputs(kUsage.data(), stderr);
    return kUsageError;
  }
  return RunMany(argc - 1, argv + 1);
}
