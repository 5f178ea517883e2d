// SPDX-License-Identifier: Apache-2.0
/// The rules of docs/spec/manifest.md "Body" on values, whichever way they came here.
#pragma once

#include "strata/format/bundle/manifest.hpp"

namespace strata::bundle {

/// The checks of ParseBody that concern values. Errors: see ParseBody.
Outcome CheckBody(const AppBody& body);

}  // namespace strata::bundle
