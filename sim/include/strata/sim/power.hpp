// SPDX-License-Identifier: Apache-2.0
/// Power: one counter over the operations of all flashes of a device, and where the power fails.
/// After a cut the device is dead: every port call fails and changes nothing until Restore(). So
/// the engine's own error paths and destructors can't do anything that a real cut would not allow.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

namespace strata::sim {

enum class CutKind : std::uint8_t { kBefore, kInside, kAfter };

[[nodiscard]] std::string_view NameOf(CutKind kind);

struct Cut {
  std::uint64_t operation = 0;  ///< counted from 0 since the plan was set
  CutKind kind = CutKind::kBefore;
};

class Power {
 public:
  /// Counts from 0 again; nullopt: the power never fails. `seed` decides what torn units look like.
  void Plan(std::optional<Cut> cut, std::uint64_t seed);

  /// Asked once before each operation that changes flash.
  enum class Fate : std::uint8_t { kWhole, kNothing, kTorn };
  Fate NextOperation();

  [[nodiscard]] bool alive() const { return alive_; }

  void Restore() { alive_ = true; }

  [[nodiscard]] std::uint64_t operations() const { return operations_; }

  [[nodiscard]] std::mt19937_64& random() { return random_; }

  /// A cut that comes after an operation takes effect when it is done.
  void OperationDone();

 private:
  std::optional<Cut> cut_;
  std::uint64_t operations_ = 0;
  bool dies_after_ = false;
  bool alive_ = true;
  std::mt19937_64 random_;
};

}  // namespace strata::sim
