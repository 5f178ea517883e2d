// SPDX-License-Identifier: Apache-2.0
/// Expected<T>: a value, or a Failure = Error plus one line for the person who runs the device.
/// Not for the engine's ports, which answer Result. (format/bundle has the same shape; a platform
/// may not use it.)
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "strata/core/result.hpp"

namespace strata::device {

struct Failure {
  Error error;
  std::string message;  ///< one line: what is wrong, then what to do; no secret
};

template <typename T>
class [[nodiscard]] Expected {
 public:
  // Implicit on purpose, like Result.
  Expected(T value)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<0>, std::move(value)) {}

  Expected(Failure failure)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, std::move(failure)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }

  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }

  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }

  [[nodiscard]] T& operator*() & { return value(); }

  [[nodiscard]] const T& operator*() const& { return value(); }

  [[nodiscard]] T* operator->() { return &value(); }

  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] const Failure& failure() const { return std::get<1>(state_); }

 private:
  std::variant<T, Failure> state_;
};

struct Done {};

/// Success without a value: `return Done{};`.
using Outcome = Expected<Done>;

}  // namespace strata::device
