// SPDX-License-Identifier: Apache-2.0
/// blink's data: how bright its light is, step by step. Made at compile time, so every build gives
/// the same bytes. Each table ends with the sum of what stands before it; blink proves both before
/// it calls itself ready.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace blink {

template <std::size_t kSteps>
struct Table {
  std::array<std::uint16_t, kSteps> steps{};
  std::uint32_t sum = 0;
};

/// Order matters to the sum, so a table put together from two versions does not pass.
template <std::size_t kSteps>
constexpr std::uint32_t SumOf(const Table<kSteps>& table) {
  std::uint32_t sum = 1;
  for (const std::uint16_t step : table.steps) {
    sum = sum * 31 + step;
  }
  return sum;
}

/// A triangle of brightness with `period` steps and a little noise, which keeps a light from
/// showing bands.
template <std::size_t kSteps>
constexpr Table<kSteps> MakeTable(std::uint32_t period, std::uint32_t seed) {
  Table<kSteps> table;
  std::uint32_t noise = seed;
  for (std::size_t i = 0; i < kSteps; ++i) {
    noise ^= noise << 13;
    noise ^= noise >> 17;
    noise ^= noise << 5;
    const std::uint32_t phase = static_cast<std::uint32_t>(i) % period;
    const std::uint32_t ramp = phase < period / 2 ? phase : period - phase;
    table.steps[i] = static_cast<std::uint16_t>(ramp * (0xff00 / period) + (noise & 0xff));
  }
  table.sum = SumOf(table);
  return table;
}

// The curve and its sum fill two layers of 64 KiB exactly; the patterns start the next one.
inline constexpr std::size_t kLayerBytes = 64 * 1024;
inline constexpr std::size_t kCurveSteps =
    (2 * kLayerBytes - sizeof(std::uint32_t)) / sizeof(std::uint16_t);
inline constexpr std::size_t kPatternSteps = 12 * 1024;

/// The same in every version.
extern const Table<kCurveSteps> kCurve;

/// Different in every version.
extern const Table<kPatternSteps> kPattern;
extern const char* const kPatternName;

}  // namespace blink
