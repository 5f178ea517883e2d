// SPDX-License-Identifier: Apache-2.0
/// JSON as the original CLI prints it, and the renaming of API fields.
#pragma once

#include <string>
#include <string_view>

#include "support/api.hpp"

namespace strata::cli {

/// JSON.stringify(value, null, 2): two spaces, `[]` and `{}` when empty, no line feed at the end.
std::string PrettyJson(const Json& value);

/// unique_name → uniqueName.
std::string CamelCase(std::string_view snake);

/// uniqueName → "Unique Name"; the words sid, id and url become capitals.
std::string Heading(std::string_view camel);

/// An API resource for output: keys in camelCase, dates with milliseconds; nested objects stay as
/// they came.
JsonObject FromApi(const JsonObject& resource);

}  // namespace strata::cli
