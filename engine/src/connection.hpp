// SPDX-License-Identifier: Apache-2.0
/// Connection: when the device is to be connected, by the network policy of the running app.
/// Role: decides from times alone; the Cloud port connects. A policy counts from the start of the
/// app that carries it and never before. While the engine needs the cloud (an update, a receipt, no
/// app) it is connected whatever the policy says.
/// Reference: page "What is a bundle?" (network policy); docs/spec/network-policy.md.
#pragma once

#include <cstdint>

namespace strata::engine {

class Connection {
 public:
  struct Policy {
    std::uint32_t check_in_sec = 0;  ///< asks this long after the last answer; 0: stays connected
    std::uint32_t grace_sec = 0;     ///< stays connected this long after the last use
  };

  void SetPolicy(const Policy& policy) { policy_ = policy; }

  /// The cloud told the desired state: this check-in has reached it.
  void OnAnswer(std::uint64_t now_ms);

  /// Whether to be connected now. `needed`: the engine has business with the cloud.
  bool Decide(std::uint64_t now_ms, bool needed);

  /// Until Decide() may answer otherwise without any event; 0xFFFFFFFF: never.
  [[nodiscard]] std::uint32_t WaitMs(std::uint64_t now_ms) const;

 private:
  /// A grace time that reaches the next check-in leaves no time to be apart.
  [[nodiscard]] bool Stays() const { return policy_.grace_sec >= policy_.check_in_sec; }

  [[nodiscard]] std::uint64_t CloseAt() const;
  [[nodiscard]] std::uint64_t OpenAt() const;

  Policy policy_;
  bool open_ = true;             ///< a boot asks at once
  bool answered_ = false;        ///< since it was opened; without one nothing was achieved
  std::uint64_t answer_ms_ = 0;  ///< of the last answer
  std::uint64_t used_ms_ = 0;
};

}  // namespace strata::engine
