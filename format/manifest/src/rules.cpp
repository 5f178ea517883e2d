// SPDX-License-Identifier: Apache-2.0
#include "rules.hpp"

#include "strata/core/checked.hpp"
#include "strata/core/staging_size.hpp"

namespace strata::manifest {
namespace {

constexpr std::uint32_t kMaxTrialWindowSec = 86400;
constexpr std::uint32_t kMaxTrialCrashes = 100;

// docs/spec/layer-encryption.md: enc, chunk size, then chunks with a tag each.
constexpr std::uint64_t kEncryptedHeaderBytes = 69;
constexpr std::uint64_t kTagBytes = 16;
constexpr std::uint64_t kMaxChunkBytes = 4096;

Error Refuse(Code code, std::size_t layer) {
  return Fail(code, Op::kCheckManifest, static_cast<std::uint32_t>(layer));
}

std::uint64_t DivideUp(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

std::uint64_t EndOf(const Placement& placement) {
  return std::uint64_t{placement.start_bytes} + placement.size_bytes;
}

bool Overlap(const Placement& a, const Placement& b) {
  return a.medium == b.medium && a.start_bytes < EndOf(b) && b.start_bytes < EndOf(a);
}

// Whether chunks of some one size cut `plaintext_bytes` > 0 so that the layer gets this length.
bool IsEncryptedLength(std::uint64_t fetch_bytes, std::uint64_t plaintext_bytes) {
  const std::uint64_t bare = kEncryptedHeaderBytes + plaintext_bytes;
  if (fetch_bytes <= bare || (fetch_bytes - bare) % kTagBytes != 0) {
    return false;
  }
  const std::uint64_t chunks = (fetch_bytes - bare) / kTagBytes;
  const std::uint64_t chunk_bytes = DivideUp(plaintext_bytes, chunks);
  return chunk_bytes <= kMaxChunkBytes && DivideUp(plaintext_bytes, chunk_bytes) == chunks;
}

bool SizesFit(const Layer& layer) {
  if (layer.plaintext_bytes == 0 || layer.fetch_bytes == 0) {
    return layer.plaintext_bytes == layer.fetch_bytes;
  }
  if (layer.plaintext_bytes > layer.placement.size_bytes) {
    return false;
  }
  return layer.encrypted_with == KeyId::kNone
             ? layer.fetch_bytes == layer.plaintext_bytes
             : IsEncryptedLength(layer.fetch_bytes, layer.plaintext_bytes);
}

Status CheckLayer(std::span<const Layer> layers, std::size_t index) {
  const Layer& layer = layers[index];
  const Placement& placement = layer.placement;
  if (placement.size_bytes == 0 || !CheckedAdd(placement.start_bytes, placement.size_bytes)) {
    return Refuse(Code::kPlacementOutOfBounds, index);
  }
  if (layer.encrypted_with != layers[0].encrypted_with) {
    return Refuse(Code::kMixedEncryption, index);
  }
  if (!SizesFit(layer)) {
    return Refuse(Code::kLayerSizeInvalid, index);
  }
  for (const Layer& before : layers.first(index)) {
    if (Overlap(before.placement, placement)) {
      return Refuse(Code::kPlacementOverlap, index);
    }
  }
  return {};
}

}  // namespace

Status CheckLayers(std::span<const Layer> layers) {
  for (std::size_t index = 0; index < layers.size(); ++index) {
    STRATA_TRY(CheckLayer(layers, index));
  }
  return {};
}

Status CheckNumbers(const AppPolicy& app) {
  const bool restart_fits =
      app.maximum_restart_ms == 0 || app.minimum_restart_ms <= app.maximum_restart_ms;
  const bool trial_fits =
      app.trial.window_sec <= kMaxTrialWindowSec && app.trial.crashes_allowed <= kMaxTrialCrashes;
  if (!restart_fits || !trial_fits) {
    return Fail(Code::kPolicyInvalid, Op::kCheckManifest);
  }
  return {};
}

Status CheckAgainstHardware(const AppManifest& app, const HardwareProfile& profile) {
  if (!app.hardware_type().empty() && app.hardware_type() != profile.name) {
    return Fail(Code::kHardwareMismatch, Op::kCheckManifest);
  }
  std::uint64_t staged_bytes = StagedManifestBytes(profile.external_erase_unit_bytes);
  for (std::size_t index = 0; index < app.layers().size(); ++index) {
    const Layer& layer = app.layers()[index];
    const Placement& placement = layer.placement;
    if (EndOf(placement) > profile.AppBytes(placement.medium)) {
      return Refuse(Code::kPlacementOutOfBounds, index);
    }
    const std::uint32_t unit = profile.EraseUnitBytes(placement.medium);
    if (!IsAligned(placement.start_bytes, unit) || !IsAligned(placement.size_bytes, unit)) {
      return Refuse(Code::kPlacementUnaligned, index);
    }
    staged_bytes += StagedLayerBytes(layer.FetchLimitBytes(), profile.external_erase_unit_bytes);
  }
  if (staged_bytes > profile.slot_bytes) {
    return Fail(Code::kUpdateTooLarge, Op::kCheckManifest);
  }
  return {};
}

}  // namespace strata::manifest
