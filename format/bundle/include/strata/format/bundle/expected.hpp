// SPDX-License-Identifier: Apache-2.0
/// Expected<T>: a value, or a Failure = Error plus one line for a person. Host code only.
/// The Error is stable and may be matched on; the line names the file, option or entry concerned
/// and may change.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "strata/core/error_text.hpp"
#include "strata/core/result.hpp"

namespace strata::bundle {

struct Failure {
  Error error;
  std::string message;  ///< one line, no full stop at the end, no secret

  /// "context: message".
  [[nodiscard]] Failure WithContext(const std::string& context) && {
    message = context + ": " + message;
    return std::move(*this);
  }
};

/// The table's own sentence for `code`, with `about` (a file, an option) before it when not empty.
inline Failure MakeFailure(Code code,
                           Op op,
                           const std::string& about = {},
                           std::uint32_t detail = 0) {
  std::string what(TextOf(code).what);
  return {Error{code, op, detail}, about.empty() ? what : about + ": " + what};
}

template <typename T>
class [[nodiscard]] Expected {
 public:
  Expected(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)

  Expected(Failure failure)
      : state_(std::in_place_index<1>, std::move(failure)) {
  }  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }

  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }

  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }

  [[nodiscard]] T& operator*() & { return value(); }

  [[nodiscard]] const T& operator*() const& { return value(); }

  [[nodiscard]] T* operator->() { return &value(); }

  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] const Failure& failure() const& { return std::get<1>(state_); }

  [[nodiscard]] Failure&& failure() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Failure> state_;
};

struct Done {};

/// Success without a value: `return Done{};`.
using Outcome = Expected<Done>;

}  // namespace strata::bundle
