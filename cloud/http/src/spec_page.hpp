// SPDX-License-Identifier: Apache-2.0
/// The pages that answers point to (`more_info`), built in from docs/spec, so that the link works
/// where the cloud runs.
#pragma once

#include <string_view>

namespace strata::cloud::http {

/// The Markdown of `/docs/spec/rest.md` or `/docs/spec/errors.md`; empty for every other path.
std::string_view SpecPage(std::string_view path);

}  // namespace strata::cloud::http
