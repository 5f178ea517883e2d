// SPDX-License-Identifier: Apache-2.0
/// ManifestBook: the one decoded manifest the engine has room for, loaded from a slot when needed.
/// Role: reads and decodes; what it loads from a slot is authenticated by the hash in the journal,
/// whose manifest was verified before it was accepted. Checking a new one is manifest_check.hpp's.
#pragma once

#include <cstdint>

#include "journal.hpp"
#include "plain_reader.hpp"
#include "slot.hpp"

namespace strata::engine {

class ManifestBook {
 public:
  ManifestBook(const Journal& journal, SlotStore& store, ports::Crypto& crypto, Buffers& buffers)
      : journal_(journal), store_(store), crypto_(crypto), buffers_(buffers) {}

  /// The manifest of a slot, valid until the next Load(); uses buffers.scratch unless it is loaded
  /// already.
  /// * kStagingCorrupt: the slot does not hold the manifest that the journal names. * kNotFound:
  /// the slot is empty.
  /// * kCryptoFailed.
  Result<const manifest::AppManifest*> Load(std::uint8_t slot);

  /// What is loaded; only after Load() returned OK.
  [[nodiscard]] const manifest::AppManifest& app() const { return app_; }

  [[nodiscard]] const SlotLayout& layout() const { return layout_; }

  /// A layer of what is loaded. fetch_bytes is 0 while its size is not known.
  [[nodiscard]] StagedLayer LayerOf(std::uint32_t index) const;

  /// Room to decode a new manifest into; what was loaded is forgotten.
  manifest::AppManifest& Scratch() {
    Forget();
    return app_;
  }

  void Forget() { loaded_ = kNoSlot; }

 private:
  const Journal& journal_;
  SlotStore& store_;
  ports::Crypto& crypto_;
  Buffers& buffers_;
  manifest::AppManifest app_;
  SlotLayout layout_;
  std::uint8_t loaded_ = kNoSlot;
  Digest loaded_hash_;
};

}  // namespace strata::engine
