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
  std::uint64_t content = 1;            ///< seed of the image's bytes
  std::uint32_t image_start_bytes = 0;  ///< no layer covers what lies before
  std::size_t image_bytes = 20'000;
  std::uint64_t tail_content = 0;  ///< not 0: all behind the first layer comes from this seed
  bool encrypted = false;
  bool without_sizes = false;      ///< as legacy tools write manifests
  std::size_t external_bytes = 0;  ///< of each data layer on the external medium; 0: there is none
  std::uint32_t external_layers = 1;   ///< equal ones
  std::uint64_t external_content = 0;  ///< 0: as `content` says
  std::uint64_t layer_order = 0;       ///< not 0: the manifest's layers are shuffled by this seed
  std::uint32_t layer_bytes = 8 * 1024;
  bool wrong_measurement = false;  ///< signed, of the last layer
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
  /// Equal seeds make equal keys, so that a case can be run again bit by bit.
  explicit TestWorld(const HardwareProfile& profile, std::uint64_t seed = 1);

  /// Ready required, a window of 2 s, no crash.
  static bundle::AppBody ReadyPolicy();

  [[nodiscard]] AppImage MakeApp(const AppOptions& options) const;

  [[nodiscard]] Persona persona() const;

  /// No device trusts it before a message of KeyMessages() came.
  [[nodiscard]] const bundle::PrivateKey& next_signer() const { return next_signer_; }

  /// The fleet's messages 1 and 2: the next signer, another layer key and two CAs; then one of
  /// these keys is taken back. `revoke`: the signer that devices begin with is taken back instead.
  [[nodiscard]] std::vector<std::vector<std::uint8_t>> KeyMessages(bool revoke) const;

  [[nodiscard]] const HardwareProfile& profile() const { return profile_; }

 private:
  const HardwareProfile& profile_;
  bundle::PrivateKey signer_;
  bundle::PrivateKey layer_key_;
  bundle::PrivateKey identity_key_;
  bundle::PrivateKey rotation_;
  bundle::PrivateKey receiver_;
  bundle::PrivateKey next_signer_;
  bundle::PrivateKey next_layer_key_;
  mutable platform::PsaCrypto crypto_;
  mutable platform::PsaIdentity identity_;
  std::vector<PublicKey> signers_;
  std::vector<PublicKey> rotation_keys_;
  std::vector<std::array<std::uint8_t, kPrivateKeyBytes>> layer_keys_;
};

/// Bytes that look like nothing else.
std::vector<std::uint8_t> RandomBytes(std::uint64_t seed, std::size_t size);

}  // namespace strata::sim
