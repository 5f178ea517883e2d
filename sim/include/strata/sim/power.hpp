// SPDX-License-Identifier: Apache-2.0
/// Power: one counter over the operations of all flashes of a device, and where the power fails.
/// After a cut the device is dead: every port call fails and changes nothing until Restore(). So
/// the engine's own error paths and destructors can't do anything that a real cut would not allow.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

namespace strata::sim {

enum class CutKind : std::uint8_t {
  kBefore,
  kInside,  ///< anywhere in the operation, its last unit torn in any way
  kAfter,
  kSeemsDone,    ///< inside, so late that all reads as done at first, and otherwise later
  kSeemsUndone,  ///< inside, so early that all reads as untouched at first, and otherwise later
};

inline constexpr CutKind kAllCutKinds[] = {CutKind::kBefore,
                                           CutKind::kInside,
                                           CutKind::kAfter,
                                           CutKind::kSeemsDone,
                                           CutKind::kSeemsUndone};

[[nodiscard]] std::string_view NameOf(CutKind kind);

struct Cut {
  std::uint64_t operation = 0;  ///< counted from 0 since the plan was set
  CutKind kind = CutKind::kBefore;

  friend bool operator==(const Cut&, const Cut&) = default;
};

class Power {
 public:
  /// Asked at each operation that no planned cut meets: nullopt lets it happen.
  using Chooser =
      std::function<std::optional<CutKind>(std::uint64_t operation, std::string_view medium)>;

  /// Counts from 0 again. `cuts` ascend by operation; empty: the power never fails. `seed` decides
  /// what torn units look like: equal seed and cuts, equal bits.
  void Plan(std::vector<Cut> cuts, std::uint64_t seed);

  void Plan(std::optional<Cut> cut, std::uint64_t seed) {
    Plan(cut ? std::vector<Cut>{*cut} : std::vector<Cut>(), seed);
  }

  void SetChooser(Chooser chooser) { chooser_ = std::move(chooser); }

  /// Asked once before each operation that changes flash. `medium` is the flash's name.
  enum class Fate : std::uint8_t { kWhole, kNothing, kTorn, kSeemsDone, kSeemsUndone };
  Fate NextOperation(std::string_view medium);

  [[nodiscard]] bool alive() const { return alive_; }

  void Restore() { alive_ = true; }

  [[nodiscard]] std::uint64_t operations() const { return operations_; }

  [[nodiscard]] std::mt19937_64& random() { return random_; }

  /// Makes what is torn next depend on `event` and the plan's seed alone.
  void Reseed(std::uint64_t event);

  /// A cut that comes after an operation takes effect when it is done.
  void OperationDone();

 private:
  std::vector<Cut> cuts_;
  std::size_t next_cut_ = 0;
  Chooser chooser_;
  std::uint64_t seed_ = 0;
  std::uint64_t operations_ = 0;
  bool dies_after_ = false;
  bool alive_ = true;
  std::mt19937_64 random_;
};

}  // namespace strata::sim
