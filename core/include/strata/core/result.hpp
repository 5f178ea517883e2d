// SPDX-License-Identifier: Apache-2.0
/// Result<T>: a value or an Error; Status: Result<void>. No heap, no exceptions.
/// Role: the one way in which functions of Strata fail. Nothing here prints or logs.
/// (std::expected is absent from g++ 12 in C++20.)
#pragma once

#include <cassert>
#include <new>
#include <type_traits>
#include <utility>

#include "strata/core/error.hpp"

namespace strata {

template <typename T>
class [[nodiscard]] Result {
  static_assert(!std::is_reference_v<T>, "return a pointer");
  static_assert(!std::is_same_v<std::remove_cv_t<T>, Error>, "an Error is not a value");

 public:
  // Implicit on purpose: `return value;` and `return Error{…};` read as what they are.
  // NOLINTBEGIN(google-explicit-constructor)
  Result(const T& value) : ok_(true) { new (&value_) T(value); }

  Result(T&& value) : ok_(true) { new (&value_) T(std::move(value)); }

  /// `error.code` must not be kOk.
  Result(Error error) : error_(error), ok_(false) { assert(error.code != Code::kOk); }

  // NOLINTEND(google-explicit-constructor)

  Result(const Result& other) : ok_(other.ok_) {
    if (ok_) {
      new (&value_) T(other.value_);
    } else {
      error_ = other.error_;
    }
  }

  Result(Result&& other) noexcept : ok_(other.ok_) {
    if (ok_) {
      new (&value_) T(std::move(other.value_));
    } else {
      error_ = other.error_;
    }
  }

  Result& operator=(Result other) noexcept {
    Destroy();
    ok_ = other.ok_;
    if (ok_) {
      new (&value_) T(std::move(other.value_));
    } else {
      error_ = other.error_;
    }
    return *this;
  }

  ~Result() { Destroy(); }

  [[nodiscard]] bool ok() const { return ok_; }

  explicit operator bool() const { return ok_; }

  /// The failure; an Error with code kOk when ok().
  [[nodiscard]] Error error() const { return ok_ ? Error{} : error_; }

  /// The value; only when ok().
  [[nodiscard]] T& value() & {
    assert(ok_);
    return value_;
  }

  [[nodiscard]] const T& value() const& {
    assert(ok_);
    return value_;
  }

  [[nodiscard]] T&& value() && {
    assert(ok_);
    return std::move(value_);
  }

  [[nodiscard]] T& operator*() & { return value(); }

  [[nodiscard]] const T& operator*() const& { return value(); }

  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }

  [[nodiscard]] T* operator->() { return &value(); }

  [[nodiscard]] const T* operator->() const { return &value(); }

 private:
  void Destroy() {
    if (ok_) {
      value_.~T();
    }
  }

  union {
    T value_;
    Error error_;
  };

  bool ok_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;

  /// `error.code` must not be kOk.
  Result(Error error) : error_(error) {  // NOLINT(google-explicit-constructor)
    assert(error.code != Code::kOk);
  }

  [[nodiscard]] bool ok() const { return error_.code == Code::kOk; }

  explicit operator bool() const { return ok(); }

  [[nodiscard]] Error error() const { return error_; }

  /// For the rare caller that means to go on whatever happened; say why beside the call.
  void IgnoreError() const {}

 private:
  Error error_;
};

using Status = Result<void>;

constexpr Error Fail(Code code, Op op = Op::kNone, std::uint32_t detail = 0) {
  return Error{code, op, detail};
}

}  // namespace strata

#define STRATA_CONCAT_INNER(a, b) a##b
#define STRATA_CONCAT(a, b) STRATA_CONCAT_INNER(a, b)

/// Evaluates a Status or Result once; returns its error from the current function when it failed.
#define STRATA_TRY(expression)                                            \
  do {                                                                    \
    if (auto strata_try_status = (expression); !strata_try_status.ok()) { \
      return strata_try_status.error();                                   \
    }                                                                     \
  } while (false)

/// STRATA_TRY_ASSIGN(auto x, F()): declares or assigns the value, or returns the error.
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration can't stand in parentheses.
#define STRATA_TRY_ASSIGN(left, expression) \
  STRATA_TRY_ASSIGN_INNER(STRATA_CONCAT(strata_try_result_, __LINE__), left, expression)
#define STRATA_TRY_ASSIGN_INNER(name, left, expression) \
  auto name = (expression);                             \
  if (!name.ok()) {                                     \
    return name.error();                                \
  }                                                     \
  left = std::move(name).value()
// NOLINTEND(bugprone-macro-parentheses)
