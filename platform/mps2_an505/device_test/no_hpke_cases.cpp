// SPDX-License-Identifier: Apache-2.0
#include "cases.hpp"

namespace strata::device_test {

std::span<const Case> HpkeCases() {
  return {};
}

}  // namespace strata::device_test
