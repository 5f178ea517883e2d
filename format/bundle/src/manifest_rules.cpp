// SPDX-License-Identifier: Apache-2.0
#include "manifest_rules.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "strata/core/checked.hpp"

#include "layer_length.hpp"
#include "try.hpp"

namespace strata::bundle {
namespace {

constexpr std::size_t kMaxVersionBytes = 64;
constexpr std::size_t kMaxHardwareTypeBytes = 31;
constexpr std::uint32_t kMaxTrialWindowSec = 86'400;
constexpr std::uint32_t kMaxTrialCrashes = 100;
constexpr std::uint32_t kStagingChunkBytes = 4096;
constexpr std::uint64_t kStagingTagBytes = 16;

std::uint64_t EndOf(const Placement& placement) {
  return std::uint64_t{placement.start_bytes} + placement.size_bytes;
}

Failure Refused(Code code, std::size_t layer, const std::string& why) {
  return {Error{code, Op::kCheckManifest, static_cast<std::uint32_t>(layer)},
          "layer " + std::to_string(layer + 1) + ": " + why};
}

Failure Refused(Code code, std::size_t layer) {
  return Refused(code, layer, std::string(TextOf(code).what));
}

Failure BadPolicy(const std::string& why) {
  return {Error{Code::kPolicyInvalid, Op::kCheckManifest, 0}, why};
}

bool SizesFit(const Layer& layer) {
  if (layer.plaintext_bytes == 0 && layer.fetch_bytes == 0) {
    return true;
  }
  if (layer.plaintext_bytes == 0 || layer.plaintext_bytes > layer.placement.size_bytes) {
    return false;
  }
  return layer.encrypted_with == KeyId::kNone
             ? layer.fetch_bytes == layer.plaintext_bytes
             : IsEncryptedLength(layer.fetch_bytes, layer.plaintext_bytes);
}

Outcome CheckLayer(const AppBody& body, std::size_t index) {
  const Layer& layer = body.layers[index];
  if (layer.placement.size_bytes == 0 ||
      !CheckedAdd(layer.placement.start_bytes, layer.placement.size_bytes)) {
    return Refused(Code::kPlacementOutOfBounds, index);
  }
  if (layer.encrypted_with != body.layers[0].encrypted_with) {
    return Refused(Code::kMixedEncryption, index);
  }
  if (!SizesFit(layer)) {
    return Refused(Code::kLayerSizeInvalid, index);
  }
  for (std::size_t other = 0; other < index; ++other) {
    const Placement& before = body.layers[other].placement;
    if (before.medium == layer.placement.medium && before.start_bytes < EndOf(layer.placement) &&
        layer.placement.start_bytes < EndOf(before)) {
      return Refused(Code::kPlacementOverlap,
                     index,
                     "its placement overlaps that of layer " + std::to_string(other + 1));
    }
  }
  return Done{};
}

// C0 and C1 controls and DEL, in UTF-8. libprotobuf has checked the encoding of what was read.
bool HasControlCharacter(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if (byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next >= 0x80 && next < 0xA0)) {
      return true;
    }
  }
  return false;
}

Outcome CheckPolicies(const AppBody& body) {
  if (body.maximum_restart_ms != 0 && body.minimum_restart_ms > body.maximum_restart_ms) {
    return BadPolicy("the minimum restart interval is longer than the maximum");
  }
  if (body.app_version.size() > kMaxVersionBytes || HasControlCharacter(body.app_version)) {
    return BadPolicy("the app version is longer than 64 bytes or holds control characters");
  }
  if (body.hardware_type.size() > kMaxHardwareTypeBytes ||
      HasControlCharacter(body.hardware_type)) {
    return BadPolicy("the hardware type is longer than 31 bytes or holds control characters");
  }
  if (body.trial && (body.trial->window_sec > kMaxTrialWindowSec ||
                     body.trial->crashes_allowed > kMaxTrialCrashes)) {
    return BadPolicy("the trial window is above 86400 s or its crashes are above 100");
  }
  return Done{};
}

// What a layer takes in a slot: sealed in chunks with a tag each, from an erase unit on
// (docs/spec/staging.md).
std::uint64_t StagedBytes(const Layer& layer, const HardwareProfile& profile) {
  // A legacy tool did not say; it may be as long as its placement.
  const std::uint64_t fetched =
      layer.fetch_bytes != 0 ? layer.fetch_bytes : layer.placement.size_bytes;
  const std::uint64_t chunks = (fetched + kStagingChunkBytes - 1) / kStagingChunkBytes;
  const std::uint64_t unit = profile.external_erase_unit_bytes;
  return (fetched + kStagingTagBytes * chunks + unit - 1) / unit * unit;
}

}  // namespace

Outcome CheckBody(const AppBody& body) {
  for (std::size_t index = 0; index < body.layers.size(); ++index) {
    BUNDLE_TRY(CheckLayer(body, index));
  }
  return CheckPolicies(body);
}

Outcome CheckAgainstHardware(const AppBody& body, const HardwareProfile& profile) {
  if (!body.hardware_type.empty() && body.hardware_type != profile.name) {
    return Failure{
        Error{Code::kHardwareMismatch, Op::kCheckManifest, 0},
        "the bundle was made for " + body.hardware_type + ", not for " + std::string(profile.name)};
  }
  std::uint64_t staged = 0;
  std::set<Digest> seen;
  for (std::size_t index = 0; index < body.layers.size(); ++index) {
    const Layer& layer = body.layers[index];
    const Placement& placement = layer.placement;
    if (EndOf(placement) > profile.AppBytes(placement.medium)) {
      return Refused(Code::kPlacementOutOfBounds, index);
    }
    const std::uint32_t unit = profile.EraseUnitBytes(placement.medium);
    if (!IsAligned(placement.start_bytes, unit) || !IsAligned(placement.size_bytes, unit)) {
      return Refused(Code::kPlacementUnaligned, index);
    }
    if (seen.insert(layer.fetch_digest).second) {
      staged += StagedBytes(layer, profile);
    }
  }
  if (staged > profile.slot_bytes - profile.external_erase_unit_bytes) {
    return MakeFailure(Code::kUpdateTooLarge,
                       Op::kCheckManifest,
                       {},
                       static_cast<std::uint32_t>(std::min<std::uint64_t>(
                           staged, std::numeric_limits<std::uint32_t>::max())));
  }
  return Done{};
}

}  // namespace strata::bundle
