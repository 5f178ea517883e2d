// SPDX-License-Identifier: Apache-2.0
/// Where each layer goes: cuts the main image and places the data layers. Arithmetic only; bounds,
/// alignment and overlaps are checked by the manifest's rules. Reference: docs/spec/bundle.md
/// "Cutting an image".
#pragma once

#include <vector>

#include "strata/format/bundle/create.hpp"

namespace strata::bundle {

struct PlannedLayer {
  Placement placement;
  ByteSpan bytes;  ///< into the request
};

/// * kImageEmpty: nothing to store, or an empty image or data layer. * kImageTooLarge: the image
/// passes the end of its region or medium. * kPlacementUnaligned: the image does not start on an
/// erase unit.
/// * kManifestTooManyLayers. * kLayerSizeInvalid: a data layer is longer than its given size.
Expected<std::vector<PlannedLayer>> PlanLayers(const CreateRequest& request);

}  // namespace strata::bundle
