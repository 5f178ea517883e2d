// SPDX-License-Identifier: Apache-2.0
/// The manifest as a device reads it: envelope, then signature, then content, in that order only.
/// Role: bytes → checked values. Does not hash, verify or look for keys itself; the engine hands in
/// what verifies. The host's reader is format/bundle; the two share nothing but the written format
/// and are held to the same verdicts by tests/fuzz (manifest_differential).
/// Trust is a type: only a VerifiedManifest can be decoded, only Verify() makes one.
/// Context: no heap; the largest frame is below 1 KiB. Lifetimes: views point into the bytes given
/// to ParseEnvelope(), which outlive them and do not change meanwhile. Security: input is an
/// attacker's until Verify() said otherwise, and is checked no less after. Reference:
/// docs/spec/manifest.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/hardware.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"
#include "strata/core/staging_size.hpp"

namespace strata::manifest {

inline constexpr std::size_t kMaxManifestBytes = 4096;
inline constexpr std::size_t kMaxLayers = 32;
inline constexpr std::size_t kMaxHardwareTypeBytes = 31;
inline constexpr std::uint32_t kDefaultTrialWindowSec = 30;

/// Prefix of a manifest's signature, its terminating NUL included.
inline constexpr std::array<std::uint8_t, 20> kSigningPrefix = {'t', 'w', 'l', 'o', '-', 'm', 'v',
                                                                '-', 'm', 'a', 'n', 'i', 'f', 'e',
                                                                's', 't', '-', 'v', '1', '\0'};

/// An envelope of the right form. Nothing in it may be believed.
class UnverifiedManifest {
 public:
  /// kNone: unsigned.
  [[nodiscard]] KeyId signer() const { return signer_; }

  /// What the signature covers: prefix, then the body's very bytes.
  [[nodiscard]] std::array<ByteSpan, 2> SignedParts() const { return {kSigningPrefix, body_}; }

  /// Of an unsigned manifest: zeros.
  [[nodiscard]] const Signature& signature() const { return signature_; }

 private:
  friend Result<UnverifiedManifest> ParseEnvelope(ByteSpan bytes);
  friend class VerifiedManifest;
  UnverifiedManifest() = default;

  KeyId signer_ = KeyId::kNone;
  ByteSpan body_;
  Signature signature_{};
};

/// * kManifestTooLarge: more than kMaxManifestBytes. * kManifestMalformed: not an envelope, a body
/// of 0 bytes, a signature that is neither absent nor 64 bytes, or a signer without signature (or
/// the reverse).
Result<UnverifiedManifest> ParseEnvelope(ByteSpan bytes);

/// A manifest whose signature verified, whatever it says.
class VerifiedManifest {
 public:
  /// `verifier(std::span<const ByteSpan> parts, const Signature&)` → Status: OK only if the
  /// signature over `parts` is that of the trusted key named manifest.signer().
  /// * kManifestUnsigned: `verifier` is not asked. Other codes pass through from it.
  template <typename Verifier>
  static Result<VerifiedManifest> Verify(const UnverifiedManifest& manifest, Verifier&& verifier) {
    if (manifest.signer() == KeyId::kNone) {
      return Fail(Code::kManifestUnsigned, Op::kVerify);
    }
    const std::array<ByteSpan, 2> parts = manifest.SignedParts();
    STRATA_TRY(
        std::forward<Verifier>(verifier)(std::span<const ByteSpan>(parts), manifest.signature()));
    return VerifiedManifest(manifest);
  }

  [[nodiscard]] KeyId signer() const { return signer_; }

  /// SHA-256 of it stands in receipts.
  [[nodiscard]] ByteSpan body() const { return body_; }

 private:
  explicit VerifiedManifest(const UnverifiedManifest& manifest)
      : signer_(manifest.signer_), body_(manifest.body_) {}

  KeyId signer_;
  ByteSpan body_;
};

struct Layer {
  Placement placement{};
  KeyId encrypted_with = KeyId::kNone;  ///< kNone: in clear; the same for all layers
  Digest fetch_digest{};                ///< of the bytes as transferred; names the layer
  Digest measurement_digest{};          ///< of the whole placement after apply
  std::uint32_t plaintext_bytes = 0;    ///< 0: a legacy tool did not say
  std::uint32_t fetch_bytes = 0;        ///< 0: a legacy tool did not say

  /// The most bytes its transfer may have: fetch_bytes, or for a legacy layer its placement's size.
  [[nodiscard]] std::uint64_t FetchLimitBytes() const {
    return strata::FetchLimitBytes(
        fetch_bytes, placement.size_bytes, encrypted_with != KeyId::kNone);
  }

  friend bool operator==(const Layer&, const Layer&) = default;
};

/// How a new app proves itself; the manifest's defaults are filled in.
struct TrialPolicy {
  bool ready_required = false;
  std::uint32_t window_sec = kDefaultTrialWindowSec;
  std::uint32_t crashes_allowed = 0;

  friend bool operator==(const TrialPolicy&, const TrialPolicy&) = default;
};

/// The content but for the layers. app_version is checked and dropped: it is text for people.
struct AppPolicy {
  std::uint32_t layer_count = 0;
  std::array<char, kMaxHardwareTypeBytes> hardware_type_storage{};
  std::uint32_t hardware_type_bytes = 0;
  std::uint32_t security_counter = 0;
  TrialPolicy trial{};
  std::uint32_t maximum_politeness_time_sec = 0;
  std::uint32_t minimum_kernel_version = 0;
  std::uint32_t connection_grace_time_sec = 0;
  std::uint32_t minimum_check_in_time_sec = 0;
  std::uint32_t minimum_restart_ms = 0;
  std::uint32_t maximum_restart_ms = 0;  ///< 0: no upper limit
  std::uint32_t crash_stack_bytes = 0;
  std::optional<PublicKey> debug_auth_key{};    ///< present: debugging is allowed to its holder
  std::optional<PublicKey> crash_report_key{};  ///< crash reports are encrypted to it

  /// Empty: a legacy tool did not say.
  [[nodiscard]] std::string_view hardware_type() const {
    return {hardware_type_storage.data(), hardware_type_bytes};
  }

  friend bool operator==(const AppPolicy&, const AppPolicy&) = default;
};

/// The content, about 3 KiB: for judging a manifest as a whole, not to be kept.
struct AppManifest : AppPolicy {
  std::array<Layer, kMaxLayers> layer_storage{};

  [[nodiscard]] std::span<const Layer> layers() const {
    return std::span(layer_storage).first(layer_count);
  }

  /// The key of all layers, or kNone.
  [[nodiscard]] KeyId encrypted_with() const {
    return layer_count == 0 ? KeyId::kNone : layer_storage[0].encrypted_with;
  }
};

/// Decodes the body and checks everything that needs no device. `out` is undefined after an error.
/// `detail` is the layer's position where a layer is at fault. In this order:
/// * kManifestMalformed: not the message; app_version or hardware_type not UTF-8.
/// * kManifestNoLayers, kManifestTooManyLayers.
/// * kManifestMalformed: a layer without placement or with a hash that is not 32 bytes.
/// * kPolicyInvalid: a key that is neither absent nor an uncompressed point.
/// * per layer kPlacementOutOfBounds (size 0, start + size beyond 32 bits), kMixedEncryption,
///   kLayerSizeInvalid, kPlacementOverlap.
/// * kPolicyInvalid: restart intervals, texts too long or with control characters, trial.
Status Decode(const VerifiedManifest& manifest, AppManifest& out);

/// Of a manifest that Decode() accepted: its content without the layers, which are not judged
/// again.
/// * as Decode(), of which only placements, sizes and encryption of layers are left out.
Status DecodePolicy(const VerifiedManifest& manifest, AppPolicy& out);

/// Walks the layers of a manifest that Decode() accepted, in its order, without room for them all.
/// A copy walks on from where it was made.
class LayerReader {
 public:
  explicit LayerReader(const VerifiedManifest& manifest) : rest_(manifest.body()) {}

  /// False: there is no further layer. * kManifestMalformed: Decode() did not accept this.
  Result<bool> Next(Layer& out);

 private:
  ByteSpan rest_;
};

/// Checks against the device's own geometry.
/// * kHardwareMismatch. * kPlacementOutOfBounds, kPlacementUnaligned: `detail` is the layer's
/// position. * kUpdateTooLarge: sealed, the layers do not fit a slot beside its one erase unit of
/// overhead.
Status CheckAgainstHardware(const AppManifest& app, const HardwareProfile& profile);

}  // namespace strata::manifest
