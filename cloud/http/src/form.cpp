// SPDX-License-Identifier: Apache-2.0
#include "form.hpp"

#include <algorithm>
#include <ctime>

#include "json.hpp"
#include "target.hpp"

namespace strata::cloud::http {

ApiError BadParameter(std::string message) {
  return {.status = 400, .code = 20001, .message = std::move(message)};
}

ApiResult<Form> Form::Parse(std::string_view encoded) {
  Form form;
  while (!encoded.empty()) {
    const std::size_t end = std::min(encoded.find('&'), encoded.size());
    const std::string_view field = encoded.substr(0, end);
    encoded.remove_prefix(std::min(end + 1, encoded.size()));
    if (field.empty()) {
      continue;
    }
    const std::size_t equals = std::min(field.find('='), field.size());
    std::optional<std::string> name = PercentDecode(field.substr(0, equals), true);
    std::optional<std::string> value =
        PercentDecode(field.substr(std::min(equals + 1, field.size())), true);
    if (!name || !value || !IsUtf8(*name) || !IsUtf8(*value)) {
      return BadParameter("the parameters are not percent-encoded UTF-8");
    }
    form.fields_.emplace_back(std::move(*name), std::move(*value));
  }
  return form;
}

ApiResult<std::optional<std::string>> Form::Get(std::string_view name) const {
  std::optional<std::string> value;
  for (const auto& [key, text] : fields_) {
    if (key != name) {
      continue;
    }
    if (value) {
      return BadParameter(std::string(name) + " is given twice");
    }
    value = text;
  }
  return value;
}

ApiResult<std::string> Form::Require(std::string_view name) const {
  STRATA_API_ASSIGN(const std::optional<std::string> value, Get(name));
  if (!value || value->empty()) {
    return BadParameter(std::string(name) + " is missing");
  }
  return *value;
}

ApiResult<std::optional<UnixSeconds>> Form::GetDate(std::string_view name) const {
  STRATA_API_ASSIGN(const std::optional<std::string> value, Get(name));
  if (!value) {
    return std::optional<UnixSeconds>();
  }
  std::tm parts{};
  const char* const end = strptime(value->c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  const std::time_t time = timegm(&parts);
  // What reads back as it stood has the form, and is a day of the calendar.
  if (end == nullptr || *end != '\0' || time < 0 || DateText(time) != *value) {
    return BadParameter(std::string(name) + " must be a date like 2026-01-31T12:34:56Z");
  }
  return std::optional<UnixSeconds>(time);
}

ApiResult<bool> Form::GetBool(std::string_view name, bool otherwise) const {
  STRATA_API_ASSIGN(const std::optional<std::string> value, Get(name));
  if (!value) {
    return otherwise;
  }
  if (*value != "true" && *value != "false") {
    return BadParameter(std::string(name) + " must be true or false");
  }
  return *value == "true";
}

}  // namespace strata::cloud::http
