// SPDX-License-Identifier: Apache-2.0
/// ApiError and ApiResult<T>: how the cloud's rules refuse. One entry of the table in
/// docs/spec/rest.md.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace strata::cloud {

struct ApiError {
  int status = 500;  ///< HTTP status
  int code = 20500;  ///< docs/spec/rest.md#errors
  std::string
      message;  ///< for the client: what is wrong and what to do; no secret, nothing internal
  int retry_after_sec = 0;  ///< 0: no Retry-After
};

struct Empty {};

template <typename T>
class [[nodiscard]] ApiResult {
 public:
  ApiResult(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)

  ApiResult(ApiError error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }

  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }

  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }

  [[nodiscard]] T& operator*() & { return value(); }

  [[nodiscard]] const T& operator*() const& { return value(); }

  [[nodiscard]] T* operator->() { return &value(); }

  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] const ApiError& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, ApiError> state_;
};

using ApiOutcome = ApiResult<Empty>;

}  // namespace strata::cloud
