// SPDX-License-Identifier: Apache-2.0
/// Words for error codes: a stable name, what happened, and the next step for a person.
/// Used by the CLI and the cloud; a device that has no room for them sends numbers only.
#pragma once

#include <span>
#include <string_view>

#include "strata/core/error.hpp"

namespace strata {

struct ErrorText {
  Code code;
  std::string_view name;       ///< as in docs/spec/errors.md, e.g. "LayerHashMismatch"
  std::string_view what;       ///< one sentence without a full stop
  std::string_view next_step;  ///< one imperative sentence without a full stop
};

/// Every code but kOk, in rising order.
[[nodiscard]] std::span<const ErrorText> ErrorTexts();

/// The text of `code`; for a number that is in no table, the text of kInternal.
[[nodiscard]] const ErrorText& TextOf(Code code);

/// "fetching a layer" and the like; empty for kNone.
[[nodiscard]] std::string_view TextOf(Op op);

}  // namespace strata
