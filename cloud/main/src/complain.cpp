// SPDX-License-Identifier: Apache-2.0
#include "complain.hpp"

#include <cstdio>

#include "strata/core/error_text.hpp"

namespace strata::cloud {
namespace {

constexpr int kFirstCodeOfRest = 20'000;

}  // namespace

ApiError LocalError(Code code, std::string message) {
  return {.status = 503, .code = static_cast<int>(code), .message = std::move(message)};
}

int Complain(const ApiError& error, int exit_code) {
  std::string name;
  if (error.code < kFirstCodeOfRest) {
    name = " " + std::string(TextOf(static_cast<Code>(error.code)).name);
  }
  std::fprintf(
      stderr, "strata-cloud: error %d%s: %s\n", error.code, name.c_str(), error.message.c_str());
  return exit_code;
}

int Complain(Code code, std::string message, int exit_code) {
  return Complain(LocalError(code, std::move(message)), exit_code);
}

int ComplainNoCloud(const std::string& dir) {
  return Complain(Code::kNotFound,
                  dir + " is not a cloud's directory; make one with strata-cloud init");
}

}  // namespace strata::cloud
