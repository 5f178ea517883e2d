// SPDX-License-Identifier: Apache-2.0
// Layers that nothing names, and layers that are not what they were. Reference:
// docs/spec/storage.md "Garbage" and "Damaged layers".
#include <algorithm>

#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr unsigned kDirectories = 256;

/// Whether the layer went. Uploads take the same lock behind their metadata: either they see it
/// gone and store it again, or this sees that they name it.
ApiResult<bool> RemoveUnused(StoreTransaction& transaction, Blobs& blobs, const Digest& digest) {
  STRATA_CLOUD_TRY(transaction.LockLayers());
  STRATA_CLOUD_TRY_ASSIGN(const bool used, transaction.IsLayerUsed(digest));
  if (used) {
    return false;
  }
  if (const Status removed = blobs.Remove(digest); !removed.ok()) {
    return ServerFailed("blobs", removed.error());
  }
  return true;
}

}  // namespace

std::string HexOf(const Digest& digest) {
  const auto hex = digest.ToHexText();
  return {hex.data(), hex.size()};
}

bool Service::Impl::Suspect(const Digest& digest) {
  const std::lock_guard lock(care_mutex);
  const bool room = suspects.size() < kMaxSuspects;
  return room && suspects.insert(HexOf(digest)).second;
}

bool Service::Impl::NoteMissing(const Digest& digest) {
  const std::lock_guard lock(care_mutex);
  return missing.size() < kMaxSuspects && missing.insert(HexOf(digest)).second;
}

Result<std::vector<Digest>> Service::Impl::StillMissing() {
  const std::lock_guard lock(care_mutex);
  std::vector<Digest> gone;
  for (auto name = missing.begin(); name != missing.end();) {
    const Digest digest = *Digest::FromHexText(*name);
    STRATA_TRY_ASSIGN(const auto info, ports.blobs->Find(digest));
    if (info) {
      name = missing.erase(name);
    } else {
      gone.push_back(digest);
      ++name;
    }
  }
  return gone;
}

ApiOutcome Service::Impl::FindMissing(std::uint8_t first, ScrubFound& found) {
  STRATA_CLOUD_TRY_ASSIGN(const auto used,
                          Read([first](StoreView& view) -> ApiResult<std::vector<Digest>> {
                            STRATA_CLOUD_TRY_ASSIGN(auto all, view.UsedLayers(first));
                            return all;
                          }));
  for (const Digest& digest : used) {
    const auto info = ports.blobs->Find(digest);
    if (!info.ok()) {
      return ServerFailed("blobs", info.error());
    }
    if (!info->has_value() && NoteMissing(digest)) {
      found.missing.push_back(digest);
    }
  }
  return Empty{};
}

void Service::Impl::SuspectLayersOf(
    const Device& device,
    const std::optional<std::array<std::uint8_t, 16>>& deployment_id,
    Code code) {
  const bool doubt = code == Code::kLayerHashMismatch || code == Code::kLayerTooLong ||
                     code == Code::kLayerTooShort;
  if (!doubt || !deployment_id || device.app.deployment_id != deployment_id ||
      !device.app.target_sid) {
    return;
  }
  const Status read = ports.store->Read([&](StoreView& view) -> Status {
    STRATA_TRY_ASSIGN(const std::vector<Digest> layers,
                      view.LayersOf(device.account_sid, *device.app.target_sid));
    for (const Digest& layer : layers) {
      Suspect(layer);
    }
    return {};
  });
  read.IgnoreError();  // the scrub comes to them all the same
}

ApiResult<GarbageFound> Service::CollectGarbage(UnixSeconds wait_sec, const GoOn& go_on) {
  GarbageFound found;
  Blobs& blobs = *impl_->ports.blobs;
  for (unsigned directory = 0; directory < kDirectories; ++directory) {
    const auto listed = blobs.List(static_cast<std::uint8_t>(directory));
    if (!listed.ok()) {
      return ServerFailed("blobs", listed.error());
    }
    for (const Digest& digest : *listed) {
      if (!go_on()) {
        return found;
      }
      ++found.layers;
      const auto info = blobs.Find(digest);
      const auto written = blobs.WrittenAt(digest);
      const bool old = info.ok() && info->has_value() && written.ok() &&
                       impl_->ports.clock->Now() - *written >= wait_sec;
      if (!old) {
        continue;
      }
      STRATA_CLOUD_TRY_ASSIGN(const bool used,
                              impl_->Read([&digest](StoreView& view) -> ApiResult<bool> {
                                STRATA_CLOUD_TRY_ASSIGN(const bool named, view.IsLayerUsed(digest));
                                return named;
                              }));
      if (used) {
        continue;
      }
      STRATA_CLOUD_TRY_ASSIGN(const bool removed, impl_->Write([&](StoreTransaction& transaction) {
        return RemoveUnused(transaction, blobs, digest);
      }));
      found.removed += removed ? 1 : 0;
      found.removed_bytes += removed ? (*info)->size_bytes : 0;
    }
  }
  return found;
}

ApiOutcome Service::Impl::CheckLayer(const Digest& digest, ScrubFound& found) {
  const auto condition = ports.blobs->Check(digest);
  if (!condition.ok()) {
    return ServerFailed("blobs", condition.error());
  }
  if (*condition == Blobs::Condition::kMissing) {
    return Empty{};
  }
  ++found.layers;
  if (*condition == Blobs::Condition::kWhole) {
    return Empty{};
  }
  if (const Status moved = ports.blobs->Quarantine(digest); !moved.ok()) {
    return ServerFailed("blobs", moved.error());
  }
  found.damaged.push_back(digest);
  NoteMissing(digest);  // told already
  return Empty{};
}

ApiResult<ScrubFound> Service::CheckSuspects(const GoOn& go_on) {
  ScrubFound found;
  std::set<std::string> suspects;
  {
    const std::lock_guard lock(impl_->care_mutex);
    suspects.swap(impl_->suspects);
  }
  for (const std::string& name : suspects) {
    const std::optional<Digest> digest = Digest::FromHexText(name);
    if (digest && go_on()) {
      STRATA_CLOUD_TRY(impl_->CheckLayer(*digest, found));
    }
  }
  return found;
}

ApiResult<ScrubFound> Service::Scrub(std::uint64_t max_bytes, const GoOn& go_on) {
  ScrubFound found;
  Impl& impl = *impl_;
  std::uint64_t bytes = 0;
  for (unsigned step = 0; step <= kDirectories; ++step) {
    const std::string last = impl.scrub_last;
    const auto directory = static_cast<std::uint8_t>(impl.scrub_directory);
    auto listed = impl.ports.blobs->List(directory);
    if (!listed.ok()) {
      return ServerFailed("blobs", listed.error());
    }
    for (const Digest& digest : *listed) {
      if (HexOf(digest) <= last) {
        continue;
      }
      if (bytes >= max_bytes || !go_on()) {
        return found;
      }
      const auto info = impl.ports.blobs->Find(digest);
      bytes += info.ok() && info->has_value() ? (*info)->size_bytes : 0;
      STRATA_CLOUD_TRY(impl.CheckLayer(digest, found));
      impl.scrub_last = HexOf(digest);
    }
    STRATA_CLOUD_TRY(impl.FindMissing(directory, found));
    impl.scrub_directory = (impl.scrub_directory + 1) % kDirectories;
    impl.scrub_last.clear();
    if (impl.scrub_directory == 0) {
      found.round_ended = true;
      return found;
    }
  }
  return found;
}

}  // namespace strata::cloud
