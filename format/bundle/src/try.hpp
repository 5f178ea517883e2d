// SPDX-License-Identifier: Apache-2.0
/// STRATA_TRY for Expected: the same two macros as core/result.hpp, for failures that carry words.
#pragma once

#include "strata/core/result.hpp"
#include "strata/format/bundle/expected.hpp"

/// Evaluates an Outcome or Expected once; returns its failure from the current function.
#define BUNDLE_TRY(expression)                                         \
  do {                                                                 \
    if (auto bundle_try_outcome = (expression); !bundle_try_outcome) { \
      return std::move(bundle_try_outcome).failure();                  \
    }                                                                  \
  } while (false)

/// BUNDLE_TRY_ASSIGN(auto x, F()): declares or assigns the value, or returns the failure.
#define BUNDLE_TRY_ASSIGN(left, expression) \
  BUNDLE_TRY_ASSIGN_INNER(STRATA_CONCAT(bundle_try_expected_, __LINE__), left, expression)
#define BUNDLE_TRY_ASSIGN_INNER(name, left, expression) \
  auto name = (expression);                             \
  if (!name) {                                          \
    return std::move(name).failure();                   \
  }                                                     \
  left = std::move(name).value()
