// SPDX-License-Identifier: Apache-2.0
/// What a decoded manifest must keep to, device or not. Reference: docs/spec/manifest.md "Body".
#pragma once

#include "strata/format/manifest/manifest.hpp"

namespace strata::manifest {

/// * kPlacementOutOfBounds, kMixedEncryption, kLayerSizeInvalid, kPlacementOverlap.
Status CheckLayers(std::span<const Layer> layers);

/// Restart intervals and trial. * kPolicyInvalid.
Status CheckNumbers(const AppPolicy& app);

}  // namespace strata::manifest
