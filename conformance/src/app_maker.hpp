// SPDX-License-Identifier: Apache-2.0
/// Apps of the cases: small bundles made in memory, good ones and ones that break a chosen rule.
/// Role: bytes as they would lie in a cloud. Every app differs from every other.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "strata/core/hardware.hpp"
#include "strata/core/sid.hpp"
#include "strata/format/bundle/create.hpp"

namespace strata::conformance {

using Bytes = std::vector<std::uint8_t>;

/// The keys of one case: some the device knows, some it does not.
struct Keys {
  bundle::PrivateKey identity;
  bundle::PrivateKey signer;
  bundle::PrivateKey layer;
  bundle::PrivateKey rotation;
  bundle::PrivateKey stranger;  ///< the device has never heard of it

  /// * kEntropyFailed.
  static bundle::Expected<Keys> Make();
};

/// What the cloud has of an app.
struct App {
  AppSid sid;
  Bytes manifest;
  Digest manifest_hash;
  Digest body_hash;
  std::map<Digest, Bytes> layers;
  std::vector<Digest> measurements;  ///< in the manifest's order
};

/// How the manifest is signed; by default as it should be.
struct Seal {
  const bundle::PrivateKey* key = nullptr;  ///< nullptr: the device's signer
  std::optional<KeyId> signer_id{};         ///< nullopt: that of the device's signer
  std::string_view prefix = bundle::kManifestPrefix;
  bool unsigned_manifest = false;
};

struct Wish {
  std::uint32_t image_bytes = 100'000;  ///< two layers
  std::uint32_t security_counter = 0;
  bool ready_required = false;
  const bundle::PrivateKey* layer_key = nullptr;  ///< nullptr: in clear
  std::function<void(bundle::AppBody&)> edit{};   ///< breaks the content
  std::function<void(Bytes&)> edit_bytes{};       ///< breaks the serialized body
  Seal seal{};
};

/// Makes apps for one device.
class AppMaker {
 public:
  AppMaker(const Keys& keys, const HardwareProfile& profile);

  /// * any failure of CreateBundle: none with a wish that makes sense.
  bundle::Expected<App> Make(const Wish& wish);

 private:
  const Keys& keys_;
  const HardwareProfile& profile_;
  std::uint64_t next_seed_;
};

/// 16 bytes that nobody can guess.
std::array<std::uint8_t, 16> RandomId();

}  // namespace strata::conformance
