// SPDX-License-Identifier: Apache-2.0
/// How strata-cloud says that it can't go on: one line on stderr with a stable code.
#pragma once

#include <string>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/core/error.hpp"

namespace strata::cloud {

/// A failure of this program, with a code of docs/spec/errors.md.
ApiError LocalError(Code code, std::string message);

/// Prints "strata-cloud: error CODE NAME: MESSAGE"; a code of docs/spec/rest.md has no name.
/// Answers `exit_code`.
int Complain(const ApiError& error, int exit_code = 1);
int Complain(Code code, std::string message, int exit_code = 1);

/// "DIR is not a cloud's directory; ..."; answers 1.
int ComplainNoCloud(const std::string& dir);

}  // namespace strata::cloud
