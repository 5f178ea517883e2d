// SPDX-License-Identifier: Apache-2.0
/// Explorer: runs many cases of one scenario on one geometry by splitting the process where a cut
/// falls: the parent goes on as if nothing had happened, the child lives through the cut. So what
/// lies before a cut is simulated once, and a panic ends only its own case.
/// Context: POSIX, one child at a time; call it from a process without threads. Every failure
/// prints one line with its id on stderr.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "strata/sim/scenario.hpp"

namespace strata::sim {

/// Lies in memory that all processes of an Explorer share.
struct Tally {
  std::uint64_t cases = 0;         ///< of all depths, the one without a cut included
  std::uint64_t by_depth[4] = {};  ///< cases by their number of cuts
  std::uint64_t faults = 0;        ///< cases in which a port's call failed
  std::uint64_t operations = 0;    ///< flash operations of the case without a cut
  std::uint64_t failures = 0;
};

/// Which cuts follow a cut. Cuts in journal writes (operations on the secure flash) are followed by
/// every cut in a journal write; all others by seeded ones.
struct Depths {
  int deepest = 1;            ///< 1 … 3
  std::uint32_t one_in = 64;  ///< of the operations behind a first cut, one in so many is cut
  std::uint32_t one_in_third = 512;  ///< the same behind a second cut
};

class Explorer {
 public:
  explicit Explorer(Runner& runner);
  ~Explorer();
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;

  /// Every cut of the first depth; deeper ones as `depths` says.
  void Exhaust(std::uint64_t seed, const Depths& depths);

  /// `count` different cases of one to three cuts, chosen by `seed`.
  void Sample(std::uint64_t seed, std::uint64_t count);

  /// Each `stride`-th call of `port` fails once.
  void FailCalls(std::uint64_t seed, PortName port, std::uint64_t stride);

  [[nodiscard]] const Tally& tally() const { return *tally_; }

  /// After so many failures nothing more is tried.
  void SetMaxFailures(std::uint64_t failures) { max_failures_ = failures; }

 private:
  using Cuts = std::vector<Cut>;

  [[nodiscard]] std::optional<CutKind> Choose(std::uint64_t operation, std::string_view medium);
  [[nodiscard]] std::optional<CutKind> ChooseListed(std::uint64_t operation);
  [[nodiscard]] std::vector<CutKind> KindsAt(std::uint64_t operation, bool secure) const;
  [[nodiscard]] std::vector<Cuts> DrawCases(std::uint64_t seed,
                                            std::uint64_t count,
                                            const std::vector<bool>& secure) const;
  [[nodiscard]] bool Split();
  [[nodiscard]] bool FailsHere(PortName port, std::uint64_t call, std::uint64_t stride);
  void RunTree(std::uint64_t seed);
  void Conclude(const std::string& wrong);
  [[nodiscard]] CaseId Here() const;

  Runner& runner_;
  Tally* tally_;
  std::uint64_t max_failures_ = 10;
  std::uint64_t seed_ = 0;
  Depths depths_;
  bool child_ = false;
  Cuts cuts_;                   ///< of this process
  std::optional<Fault> fault_;  ///< of this process
  bool all_secure_ = true;      ///< all cuts so far were journal writes
  std::vector<Cuts> listed_;    ///< of Sample(): sorted
  std::size_t next_listed_ = 0;
  Cuts pending_;  ///< of a child of Sample(): the cuts still to come
};

}  // namespace strata::sim
