// SPDX-License-Identifier: Apache-2.0
/// TestWorld: keys made at run time, apps packed by the real bundle tool, the real crypto. For
/// tests only.
#pragma once

#include <memory>
#include <vector>

#include "strata/format/bundle/create.hpp"
#include "strata/platform/psa/psa_crypto.hpp"
#include "strata/sim/scenario.hpp"

namespace strata::sim {

struct AppOptions {
  std::string name = "app";
  std::uint64_t content = 1;  ///< seed of the image's bytes
  std::size_t image_bytes = 20'000;
  std::uint64_t tail_content = 0;  ///< not 0: the second half of the image comes from this seed
  bool encrypted = false;
  bool without_sizes = false;      ///< as legacy tools write manifests
  std::size_t external_bytes = 0;  ///< a data layer on the external medium
  std::uint32_t layer_bytes = 8 * 1024;
  bundle::AppBody policies;
  AppScript script{.start_fails = false,
                   .ready_after_ms = 100,
                   .crash_after_ms = {},
                   .defers = false,
                   .apply_now_after_ms = {}};
  const bundle::PrivateKey* signer = nullptr;  ///< nullptr: the world's
  const bundle::PrivateKey* layer_key = nullptr;
};

class TestWorld {
 public:
  explicit TestWorld(const HardwareProfile& profile);

  /// Ready required, a window of 2 s, no crash.
  static bundle::AppBody ReadyPolicy();

  [[nodiscard]] AppImage MakeApp(const AppOptions& options) const;

  [[nodiscard]] Persona persona() const;

  [[nodiscard]] const HardwareProfile& profile() const { return profile_; }

 private:
  const HardwareProfile& profile_;
  bundle::PrivateKey signer_;
  bundle::PrivateKey layer_key_;
  bundle::PrivateKey identity_key_;
  mutable platform::PsaCrypto crypto_;
  mutable platform::PsaIdentity identity_;
  std::vector<PublicKey> signers_;
  std::vector<std::array<std::uint8_t, kPrivateKeyBytes>> layer_keys_;
};

/// Bytes that look like nothing else.
std::vector<std::uint8_t> RandomBytes(std::uint64_t seed, std::size_t size);

}  // namespace strata::sim
