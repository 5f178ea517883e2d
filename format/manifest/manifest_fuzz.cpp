// SPDX-License-Identifier: Apache-2.0
// The device's manifest reader. Input: a manifest as it lies in a bundle; its signature counts as
// good.
#include <cstdlib>

#include "strata/format/manifest/manifest.hpp"

namespace {

namespace manifest = strata::manifest;

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// What the engine relies on without asking again.
void RequireSound(const manifest::AppManifest& app) {
  Require(app.layer_count >= 1 && app.layer_count <= manifest::kMaxLayers);
  Require(app.hardware_type().size() <= manifest::kMaxHardwareTypeBytes);
  Require(app.trial.window_sec >= 1 && app.trial.window_sec <= 86400);
  for (const manifest::Layer& layer : app.layers()) {
    Require(layer.placement.size_bytes > 0 && layer.FetchLimitBytes() > 0);
    Require(layer.placement.start_bytes <= UINT32_MAX - layer.placement.size_bytes);
    Require(layer.plaintext_bytes <= layer.placement.size_bytes);
    Require(layer.encrypted_with == app.encrypted_with());
  }
}

// What the engine reads piece by piece later is what was judged as a whole.
void RequireSamePieces(const manifest::VerifiedManifest& verified,
                       const manifest::AppManifest& app) {
  manifest::AppPolicy policy;
  Require(manifest::DecodePolicy(verified, policy).ok());
  Require(policy == app);
  manifest::LayerReader reader(verified);
  manifest::Layer layer;
  for (const manifest::Layer& expected : app.layers()) {
    const auto another = reader.Next(layer);
    Require(another.ok() && *another && layer == expected);
  }
  const auto another = reader.Next(layer);
  Require(another.ok() && !*another);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto envelope = manifest::ParseEnvelope({data, size});
  if (!envelope.ok()) {
    return 0;
  }
  const auto verified = manifest::VerifiedManifest::Verify(
      *envelope, [](auto, const strata::Signature&) { return strata::Status(); });
  manifest::AppManifest app;
  if (!verified.ok() || !manifest::Decode(*verified, app).ok()) {
    return 0;
  }
  RequireSound(app);
  RequireSamePieces(*verified, app);
  for (const strata::HardwareProfile& profile : strata::HardwareProfiles()) {
    manifest::CheckAgainstHardware(app, profile).IgnoreError();
  }
  return 0;
}
