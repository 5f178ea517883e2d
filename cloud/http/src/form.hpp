// SPDX-License-Identifier: Apache-2.0
/// Form: the fields of `application/x-www-form-urlencoded`, also of a query. Input is
/// attacker-controlled.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/resources.hpp"

namespace strata::cloud::http {

/// 400/20001.
ApiError BadParameter(std::string message);

class Form {
 public:
  /// * 400/20001: not percent-encoded UTF-8.
  static ApiResult<Form> Parse(std::string_view encoded);

  /// The value of `name`, case-sensitive; nothing when it is not there. * 400/20001: it is given
  /// twice.
  [[nodiscard]] ApiResult<std::optional<std::string>> Get(std::string_view name) const;

  /// Get(), and 400/20001 when it is not there or empty.
  [[nodiscard]] ApiResult<std::string> Require(std::string_view name) const;

  /// `true` or `false`; `otherwise` when it is not there. * 400/20001.
  [[nodiscard]] ApiResult<bool> GetBool(std::string_view name, bool otherwise) const;

  /// Decimal digits; `otherwise` when it is not there. * 400/20001: anything else, or too large.
  template <typename Integer>
  [[nodiscard]] ApiResult<Integer> GetNumber(std::string_view name, Integer otherwise) const {
    ApiResult<std::optional<std::string>> text = Get(name);
    if (!text.ok()) {
      return text.error();
    }
    if (!text->has_value()) {
      return otherwise;
    }
    const std::string& digits = **text;
    Integer number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || stop != end || digits.front() == '-') {
      return BadParameter(std::string(name) + " must be a number");
    }
    return number;
  }

  /// `YYYY-MM-DDThh:mm:ssZ`; nothing when it is not there. * 400/20001.
  [[nodiscard]] ApiResult<std::optional<UnixSeconds>> GetDate(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace strata::cloud::http

/// Declares or assigns the value of an ApiResult, or returns its error from the current function.
#define STRATA_API_ASSIGN(left, expression) \
  STRATA_API_ASSIGN_INNER(STRATA_API_CONCAT(strata_api_result_, __LINE__), left, expression)
#define STRATA_API_ASSIGN_INNER(name, left, expression) \
  auto name = (expression);                             \
  if (!name.ok()) {                                     \
    return name.error();                                \
  }                                                     \
  left = std::move(name).value()
#define STRATA_API_CONCAT_INNER(a, b) a##b
#define STRATA_API_CONCAT(a, b) STRATA_API_CONCAT_INNER(a, b)
