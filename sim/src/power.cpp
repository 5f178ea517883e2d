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
    case CutKind::kSeemsDone:
      return "seems-done";
    case CutKind::kSeemsUndone:
      return "seems-undone";
  }
  return "";
}

void Power::Plan(std::vector<Cut> cuts, std::uint64_t seed) {
  cuts_ = std::move(cuts);
  next_cut_ = 0;
  seed_ = seed;
  operations_ = 0;
  dies_after_ = false;
  alive_ = true;
  random_.seed(seed);
}

void Power::Reseed(std::uint64_t event) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t mixed = (seed_ + 1) * kOdd + event;
  mixed ^= mixed >> 31;
  random_.seed(mixed * kOdd);
}

Power::Fate Power::NextOperation(std::string_view medium) {
  if (!alive_) {
    return Fate::kNothing;
  }
  const std::uint64_t operation = operations_++;
  std::optional<CutKind> kind;
  if (next_cut_ < cuts_.size() && cuts_[next_cut_].operation == operation) {
    kind = cuts_[next_cut_++].kind;
  } else if (chooser_) {
    kind = chooser_(operation, medium);
  }
  if (!kind) {
    return Fate::kWhole;
  }
  Reseed(operation * 8 + static_cast<std::uint64_t>(*kind));
  if (*kind == CutKind::kAfter) {
    dies_after_ = true;
    return Fate::kWhole;
  }
  alive_ = false;
  switch (*kind) {
    case CutKind::kInside:
      return Fate::kTorn;
    case CutKind::kSeemsDone:
      return Fate::kSeemsDone;
    case CutKind::kSeemsUndone:
      return Fate::kSeemsUndone;
    case CutKind::kBefore:
    case CutKind::kAfter:
      break;
  }
  return Fate::kNothing;
}

void Power::OperationDone() {
  if (dies_after_) {
    dies_after_ = false;
    alive_ = false;
  }
}

}  // namespace strata::sim
