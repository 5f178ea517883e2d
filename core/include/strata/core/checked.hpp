// SPDX-License-Identifier: Apache-2.0
/// Arithmetic on sizes that come from outside: overflow is an answer, not an accident.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

namespace strata {

template <std::unsigned_integral T>
[[nodiscard]] constexpr std::optional<T> CheckedAdd(T a, T b) {
  T sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    return std::nullopt;
  }
  return sum;
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr bool IsAligned(T value, T unit) {
  return unit != 0 && value % unit == 0;
}

/// Smallest multiple of `unit` that is ≥ value, or nothing when it does not fit T.
template <std::unsigned_integral T>
[[nodiscard]] constexpr std::optional<T> RoundUp(T value, T unit) {
  const T rest = value % unit;
  return rest == 0 ? std::optional<T>(value) : CheckedAdd(value, static_cast<T>(unit - rest));
}

}  // namespace strata
