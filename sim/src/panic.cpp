// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/panic.hpp"

#include <cstdio>
#include <cstdlib>

namespace strata::sim {
namespace {

std::string& Id() {
  static std::string id;
  return id;
}

}  // namespace

void SetRunId(std::string id) {
  Id() = std::move(id);
}

const std::string& RunId() {
  return Id();
}

void Panic(const std::string& message) {
  std::fprintf(stderr, "PANIC %s: %s\n", Id().c_str(), message.c_str());
  std::abort();
}

}  // namespace strata::sim
