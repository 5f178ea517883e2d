// SPDX-License-Identifier: Apache-2.0
/// The manifest as host code reads and writes it (libprotobuf). The device's reader is
/// format/manifest; the two share the .proto and nothing else. Role: bytes ↔ checked values; keys
/// are in keys.hpp. Security: input is an attacker's until Verify() said otherwise. Reference:
/// docs/spec/manifest.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "strata/core/digest.hpp"
#include "strata/core/hardware.hpp"
#include "strata/core/keys.hpp"
#include "strata/format/bundle/expected.hpp"

namespace strata::bundle {

inline constexpr std::size_t kMaxManifestBytes = 4096;
inline constexpr std::size_t kMaxLayers = 32;

struct Layer {
  Placement placement;
  KeyId encrypted_with = KeyId::kNone;  ///< kNone: in clear
  Digest fetch_digest;
  Digest measurement_digest;
  std::uint32_t plaintext_bytes = 0;  ///< 0: a legacy tool did not say
  std::uint32_t fetch_bytes = 0;      ///< 0: a legacy tool did not say

  friend bool operator==(const Layer&, const Layer&) = default;
};

struct TrialPolicy {
  bool ready_required = false;
  std::uint32_t window_sec = 0;
  std::uint32_t crashes_allowed = 0;

  friend bool operator==(const TrialPolicy&, const TrialPolicy&) = default;
};

/// The body's content: what the app is and how the device shall treat it.
struct AppBody {
  std::vector<Layer> layers;
  bool debuggable = false;  ///< legacy flag, ignored
  std::optional<PublicKey> debug_auth_key;
  std::uint32_t minimum_restart_ms = 0;
  std::uint32_t maximum_restart_ms = 0;
  std::optional<PublicKey> crash_report_key;
  std::uint32_t crash_stack_bytes = 0;
  std::uint32_t maximum_politeness_time_sec = 0;
  std::uint32_t minimum_kernel_version = 0;
  std::uint32_t connection_grace_time_sec = 0;
  std::uint32_t minimum_check_in_time_sec = 0;
  std::string app_version;
  std::string hardware_type;  ///< empty: a legacy tool did not say
  std::uint32_t security_counter = 0;
  std::optional<TrialPolicy> trial;

  friend bool operator==(const AppBody&, const AppBody&) = default;
};

/// The envelope. `body` is what the signature covers; parse it only after Verify() or knowingly
/// without.
struct SealedManifest {
  KeyId signer = KeyId::kNone;  ///< kNone: unsigned
  std::vector<std::uint8_t> body;
  std::optional<Signature> signature;
};

/// * kManifestTooLarge: more than 4096 bytes. * kManifestMalformed: not an envelope, a body of 0
/// bytes, a signature that is neither absent nor 64 bytes, or a signer without signature (or the
/// reverse).
Expected<SealedManifest> ParseManifest(ByteSpan bytes);

/// Exactly the bytes that lie in the bundle. Deterministic.
std::vector<std::uint8_t> SerializeManifest(const SealedManifest& manifest);

/// * kManifestUnsigned. * kSignatureInvalid: also when `signer_key`'s id is not the manifest's
/// signer.
Outcome VerifyManifest(const SealedManifest& manifest, const PublicKey& signer_key);

/// Decodes a body and checks everything that needs no device: counts, hash lengths, sizes, media
/// present, overlaps, one key for all layers or none, policies.
/// * kManifestMalformed, kManifestNoLayers, kManifestTooManyLayers, kPlacementOverlap,
/// kPlacementOutOfBounds
///   (start + size beyond 32 bits, size 0), kMixedEncryption, kLayerSizeInvalid, kPolicyInvalid.
Expected<AppBody> ParseBody(ByteSpan body);

/// Field order is by number; equal values give equal bytes.
std::vector<std::uint8_t> SerializeBody(const AppBody& body);

/// Checks against a profile: hardware_type (when given), bounds, erase-unit alignment, and that the
/// layers fit a slot. * kHardwareMismatch, kPlacementOutOfBounds, kPlacementUnaligned,
/// kUpdateTooLarge.
Outcome CheckAgainstHardware(const AppBody& body, const HardwareProfile& profile);

}  // namespace strata::bundle
