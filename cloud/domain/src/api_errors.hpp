// SPDX-License-Identifier: Apache-2.0
/// The refusals of docs/spec/rest.md#errors, one function each, and the way from other errors to
/// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/core/result.hpp"
#include "strata/format/bundle/expected.hpp"

namespace strata::cloud {

/// Where devices are, for NotFound().
inline constexpr std::string_view kDevicesCollection = "/v1/Devices";

ApiError BadParameter(std::string message);
ApiError BadPage();
ApiError BadCredentials();
ApiError Forbidden(std::string message);
/// "The requested resource <collection>/<name><suffix> was not found", with `name` percent-encoded.
ApiError NotFound(std::string_view collection, std::string_view name, std::string_view suffix = {});
ApiError NameTaken(std::string_view unique_name);
ApiError KeyTaken();
ApiError TooManySettings();
ApiError TooManyWebhooks(std::uint64_t limit);
ApiError UploadTooLarge();
ApiError BundleRefused(const bundle::Failure& failure);
ApiError KeysRefused(const bundle::Failure& failure);
ApiError DiskNearlyFull();
ApiError TooMany(std::string message, int retry_after_sec);
ApiError TooManyApps(std::uint64_t limit);
ApiError TooManyBytes(std::uint64_t limit);
/// 500, or 503 for what may pass. Numbers only: nothing internal reaches the client.
ApiError ServerFailed(std::string_view what, Error error);

inline ApiError ToApiError(const ApiError& error) {
  return error;
}

/// Of the store.
ApiError ToApiError(Error error);

}  // namespace strata::cloud

/// Returns from the current function with the error of a Result, Status, ApiResult or ApiOutcome as
/// an ApiError.
#define STRATA_CLOUD_TRY(expression) \
  STRATA_CLOUD_TRY_INNER(STRATA_CONCAT(strata_try_status_, __COUNTER__), expression)
#define STRATA_CLOUD_TRY_INNER(name, expression)        \
  do {                                                  \
    if (auto name = (expression); !name.ok()) {         \
      return ::strata::cloud::ToApiError(name.error()); \
    }                                                   \
  } while (false)

// __COUNTER__ and not __LINE__: a lambda in `expression` may hold such a line too.
#define STRATA_CLOUD_TRY_ASSIGN(left, expression) \
  STRATA_CLOUD_TRY_ASSIGN_INNER(STRATA_CONCAT(strata_try_result_, __COUNTER__), left, expression)
#define STRATA_CLOUD_TRY_ASSIGN_INNER(name, left, expression) \
  auto name = (expression);                                   \
  if (!name.ok()) {                                           \
    return ::strata::cloud::ToApiError(name.error());         \
  }                                                           \
  left = std::move(name).value()
