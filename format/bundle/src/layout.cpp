// SPDX-License-Identifier: Apache-2.0
#include "layout.hpp"

#include <algorithm>

#include "strata/core/checked.hpp"

#include "try.hpp"

namespace strata::bundle {
namespace {

std::uint64_t RoundedUp(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// The image's last placement runs to the end of the app flash, or up to a data layer that lies
// behind the image.
std::uint64_t RegionEnd(const CreateRequest& request, std::uint64_t image_end) {
  if (request.image_region_bytes != 0) {
    return std::uint64_t{request.image->start_bytes} + request.image_region_bytes;
  }
  std::uint64_t end = request.profile->internal_bytes;
  for (const DataLayer& layer : request.data_layers) {
    if (layer.placement.medium == Medium::kInternal && layer.placement.start_bytes >= image_end) {
      end = std::min<std::uint64_t>(end, layer.placement.start_bytes);
    }
  }
  return end;
}

Outcome CutImage(const CreateRequest& request, std::vector<PlannedLayer>& plan) {
  const Image& image = *request.image;
  const std::uint64_t unit = request.profile->internal_erase_unit_bytes;
  const std::uint64_t start = image.start_bytes;
  const std::uint64_t image_end = start + image.bytes.size();
  if (image.bytes.empty()) {
    return MakeFailure(Code::kImageEmpty, Op::kNone);
  }
  if (start % unit != 0) {
    return MakeFailure(Code::kPlacementUnaligned, Op::kNone, "the image's start");
  }
  const std::uint64_t region_end = RegionEnd(request, RoundedUp(image_end, unit));
  if (image_end > region_end || region_end > request.profile->internal_bytes) {
    return MakeFailure(Code::kImageTooLarge, Op::kNone);
  }
  if (request.data_layers.size() >= kMaxLayers) {
    return MakeFailure(Code::kManifestTooManyLayers, Op::kNone);
  }
  const std::uint64_t most = kMaxLayers - request.data_layers.size();
  const std::uint64_t layer_bytes =
      std::max(RoundedUp(std::max<std::uint64_t>(request.layer_bytes, 1), unit),
               RoundedUp((image.bytes.size() + most - 1) / most, unit));
  for (std::uint64_t at = 0; at < image.bytes.size(); at += layer_bytes) {
    const bool last = at + layer_bytes >= image.bytes.size();
    const std::uint64_t end = last ? region_end - start : at + layer_bytes;
    const ByteSpan rest = ByteSpan(image.bytes).subspan(static_cast<std::size_t>(at));
    plan.push_back({{Medium::kInternal,
                     static_cast<std::uint32_t>(start + at),
                     static_cast<std::uint32_t>(end - at)},
                    rest.first(std::min(rest.size(), static_cast<std::size_t>(layer_bytes)))});
  }
  return Done{};
}

Outcome PlaceData(const DataLayer& layer,
                  const HardwareProfile& profile,
                  std::vector<PlannedLayer>& plan) {
  Placement placement = layer.placement;
  if (layer.bytes.empty()) {
    return MakeFailure(Code::kImageEmpty, Op::kNone, "a data layer");
  }
  if (layer.bytes.size() > profile.AppBytes(placement.medium)) {
    return MakeFailure(Code::kImageTooLarge, Op::kNone, "a data layer");
  }
  if (placement.size_bytes == 0) {
    placement.size_bytes = static_cast<std::uint32_t>(
        RoundedUp(layer.bytes.size(), profile.EraseUnitBytes(placement.medium)));
  }
  if (layer.bytes.size() > placement.size_bytes) {
    return MakeFailure(
        Code::kLayerSizeInvalid, Op::kNone, "a data layer is longer than its placement");
  }
  plan.push_back({placement, layer.bytes});
  return Done{};
}

}  // namespace

Expected<std::vector<PlannedLayer>> PlanLayers(const CreateRequest& request) {
  std::vector<PlannedLayer> plan;
  if (request.image) {
    BUNDLE_TRY(CutImage(request, plan));
  }
  for (const DataLayer& layer : request.data_layers) {
    BUNDLE_TRY(PlaceData(layer, *request.profile, plan));
  }
  if (plan.empty()) {
    return MakeFailure(Code::kImageEmpty, Op::kNone);
  }
  if (plan.size() > kMaxLayers) {
    return MakeFailure(Code::kManifestTooManyLayers, Op::kNone);
  }
  return plan;
}

}  // namespace strata::bundle
