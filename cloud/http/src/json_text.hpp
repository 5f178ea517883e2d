// SPDX-License-Identifier: Apache-2.0
/// Helpers that the json_*.cpp files share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "strata/cloud/domain/resources.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"

namespace strata::cloud::http {

inline boost::json::string Text(std::string_view text) {
  return boost::json::string(text.data(), text.size());
}

template <typename T, typename Convert>
boost::json::value OrNull(const std::optional<T>& value, Convert convert) {
  return value ? boost::json::value(convert(*value)) : boost::json::value(nullptr);
}

inline boost::json::value OrNull(const std::optional<std::string>& value) {
  return OrNull(value, [](const std::string& text) { return Text(text); });
}

/// `up-to-date`, `pending`, `error`.
std::string_view StatusText(UpdateStatus status);

/// Words with the next step, for a code that is not 0.
std::string UpdateErrorText(std::uint32_t code, std::uint32_t op);
/// "fetching-layers"; null for 0.
boost::json::value UpdateStateOrNull(std::uint32_t state);
/// For a path segment or a query value.
std::string PercentEncode(std::string_view text);
boost::json::value DateOrNull(const std::optional<UnixSeconds>& value);
boost::json::string HashText(const Digest& digest);
std::string KeyIdText(KeyId id);
std::string Base64(const std::vector<std::uint8_t>& bytes);
boost::json::object DeviceObject(const Device& device, std::string_view base_url);

}  // namespace strata::cloud::http
