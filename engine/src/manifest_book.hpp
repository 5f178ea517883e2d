// SPDX-License-Identifier: Apache-2.0
/// ManifestBook: what the engine knows of one slot's manifest: its policy and one of its layers.
/// Role: reads them from the slot when they are needed, so that RAM holds 0.3 KiB of a manifest and
/// not all of its layers. Checking a new one is manifest_check.hpp's. Security: external flash is
/// an attacker's. Each reading brings the whole manifest into RAM and checks it there against the
/// hash in the journal before a byte of it is believed; the manifest with that hash was verified
/// before it was accepted.
#pragma once

#include <cstdint>

#include "journal.hpp"
#include "plain_reader.hpp"
#include "slot.hpp"

namespace strata::engine {

/// Walks the layers of a slot's manifest. Reads buffers.scratch: only while that is left alone.
/// A copy walks on from where it was made.
class SlotLayers {
 public:
  SlotLayers(const manifest::VerifiedManifest& manifest, const SlotLayout& empty_slot)
      : reader_(manifest), layout_(empty_slot) {}

  /// Goes to the first layer, then to the one behind; false: there is none. * kManifestMalformed,
  /// kUpdateTooLarge: this manifest was never accepted.
  Result<bool> Next();

  /// Only after Next() returned true.
  [[nodiscard]] const manifest::Layer& layer() const { return layer_; }

  /// Its offset in the slot.
  [[nodiscard]] std::uint32_t start() const { return start_; }

 private:
  manifest::LayerReader reader_;
  SlotLayout layout_;
  manifest::Layer layer_;
  std::uint32_t start_ = 0;
};

class ManifestBook {
 public:
  ManifestBook(const Journal& journal, SlotStore& store, ports::Crypto& crypto, Buffers& buffers)
      : journal_(journal), store_(store), crypto_(crypto), buffers_(buffers) {}

  /// Loads the policy of a slot's manifest and, if it has so many, the layer at position `index`;
  /// uses buffers.scratch unless they are loaded already.
  /// * kStagingCorrupt: the slot does not hold the manifest that the journal names. * kNotFound:
  /// the slot is empty. * kCryptoFailed. What was loaded is forgotten then.
  Status Load(std::uint8_t slot, std::uint32_t index = 0);

  /// What is loaded; only after Load() returned OK.
  [[nodiscard]] const manifest::AppPolicy& app() const { return app_; }

  [[nodiscard]] const manifest::Layer& layer() const { return layer_; }

  /// The loaded layer in the slot. fetch_bytes is 0 while its size is not known.
  [[nodiscard]] StagedLayer staged() const {
    return StagedAs(loaded_, layer_index_, layer_, layer_start_);
  }

  /// A layer at position `index`, from Layers(slot).
  [[nodiscard]] StagedLayer StagedAs(std::uint8_t slot,
                                     std::uint32_t index,
                                     const manifest::Layer& layer,
                                     std::uint32_t start) const;

  /// All layers of a slot, to be walked before buffers.scratch is used again; what is loaded stays.
  /// * as Load().
  Result<SlotLayers> Layers(std::uint8_t slot);

  void Forget() { loaded_ = kNoSlot; }

 private:
  static constexpr std::uint32_t kNoLayer = 0xFFFFFFFF;

  Result<manifest::VerifiedManifest> Read(std::uint8_t slot);
  Status LoadAnew(std::uint8_t slot, std::uint32_t index);

  const Journal& journal_;
  SlotStore& store_;
  ports::Crypto& crypto_;
  Buffers& buffers_;
  manifest::AppPolicy app_;
  manifest::Layer layer_;
  std::uint32_t layer_start_ = 0;
  std::uint32_t layer_index_ = kNoLayer;
  std::uint8_t loaded_ = kNoSlot;
  Digest loaded_hash_;
};

}  // namespace strata::engine
