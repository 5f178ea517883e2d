// SPDX-License-Identifier: Apache-2.0
/// Owner of an object that a C library allocates and frees.
#pragma once

#include <memory>

namespace strata::bundle {

template <auto kFree>
struct CFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

template <typename T, auto kFree>
using CPtr = std::unique_ptr<T, CFree<kFree>>;

}  // namespace strata::bundle
