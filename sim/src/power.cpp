// SPDX-License-Identifier: Apache-2.0
#include "strata/sim/power.hpp"

namespace strata::sim {

std::string_view NameOf(CutKind kind) {
  switch (kind) {
    case CutKind::kBefore:
      return "before";
    case CutKind::kInside:
      return "inside";
    case CutKind::kAfter:
      return "after";
  }
  return "";
}

void Power::Plan(std::optional<Cut> cut, std::uint64_t seed) {
  cut_ = cut;
  operations_ = 0;
  dies_after_ = false;
  alive_ = true;
  random_.seed(seed);
}

Power::Fate Power::NextOperation() {
  if (!alive_) {
    return Fate::kNothing;
  }
  const bool here = cut_ && operations_ == cut_->operation;
  ++operations_;
  if (!here) {
    return Fate::kWhole;
  }
  if (cut_->kind == CutKind::kAfter) {
    dies_after_ = true;
    return Fate::kWhole;
  }
  alive_ = false;
  return cut_->kind == CutKind::kInside ? Fate::kTorn : Fate::kNothing;
}

void Power::OperationDone() {
  if (dies_after_) {
    dies_after_ = false;
    alive_ = false;
  }
}

}  // namespace strata::sim
