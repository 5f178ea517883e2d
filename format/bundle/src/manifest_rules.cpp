// SPDX-License-Identifier: Apache-2.0
#include "manifest_rules.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "strata/core/checked.hpp"
#include "strata/core/staging_size.hpp"

#include "layer_length.hpp"
#include "try.hpp"

namespace strata::bundle {
namespace {

constexpr std::size_t kMaxVersionBytes = 64;
constexpr std::size_t kMaxHardwareTypeBytes = 31;
constexpr std::uint32_t kMaxTrialWindowSec = 86'400;
constexpr std::uint32_t kMaxTrialCrashes = 100;

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

// The length of the UTF-8 sequence at the start of `text`, 0 when there is none (RFC 3629 §4).
std::size_t SequenceLength(std::string_view text) {
  const auto at = [text](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto tail = [&at](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    return tail(1) ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && at(1) < 0xA0;
    const bool surrogate = first == 0xED && at(1) >= 0xA0;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && at(1) < 0x90;
    const bool beyond = first == 0xF4 && at(1) >= 0x90;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

// UTF-8 of at most `most_bytes` without control characters (C0, DEL, C1).
bool IsShortText(std::string_view text, std::size_t most_bytes) {
  if (text.size() > most_bytes) {
    return false;
  }
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    const auto first = static_cast<unsigned char>(text[0]);
    if (length == 0 || first < 0x20 || first == 0x7F) {
      return false;
    }
    if (first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

Outcome CheckPolicies(const AppBody& body) {
  if (body.maximum_restart_ms != 0 && body.minimum_restart_ms > body.maximum_restart_ms) {
    return BadPolicy("the minimum restart interval is longer than the maximum");
  }
  if (!IsShortText(body.app_version, kMaxVersionBytes)) {
    return BadPolicy(
        "the app version is not a text of at most 64 bytes without control characters");
  }
  if (!IsShortText(body.hardware_type, kMaxHardwareTypeBytes)) {
    return BadPolicy(
        "the hardware type is not a text of at most 31 bytes without control characters");
  }
  if (body.trial && (body.trial->window_sec > kMaxTrialWindowSec ||
                     body.trial->crashes_allowed > kMaxTrialCrashes)) {
    return BadPolicy("the trial window is above 86400 s or its crashes are above 100");
  }
  return Done{};
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
  std::uint64_t staged = StagedManifestBytes(profile.external_erase_unit_bytes);
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
    const std::uint64_t fetched = FetchLimitBytes(
        layer.fetch_bytes, placement.size_bytes, layer.encrypted_with != KeyId::kNone);
    staged += StagedLayerBytes(fetched, profile.external_erase_unit_bytes);
  }
  if (staged > profile.slot_bytes) {
    return MakeFailure(Code::kUpdateTooLarge,
                       Op::kCheckManifest,
                       {},
                       static_cast<std::uint32_t>(std::min<std::uint64_t>(
                           staged, std::numeric_limits<std::uint32_t>::max())));
  }
  return Done{};
}

}  // namespace strata::bundle
