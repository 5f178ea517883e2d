// SPDX-License-Identifier: Apache-2.0
/// SlotVerifier: the dry run over a whole slot before anything is written to a placement.
/// Role: unseals every layer, checks its fetch digest, opens every HPKE chunk, and checks the
/// measurement digest of the padded plaintext. Writes nothing. Reference: page "How is the bundle
/// processed?"; docs/architecture.md, invariant 3.
#pragma once

#include "manifest_book.hpp"
#include "progress.hpp"

namespace strata::engine {

class SlotVerifier {
 public:
  SlotVerifier(ManifestBook& book,
               SlotStore& store,
               ports::Crypto& crypto,
               ports::KeyStore& keys,
               Buffers& buffers)
      : book_(book), reader_(store, crypto, keys, buffers), measured_(crypto) {}

  void Begin(std::uint8_t slot);

  /// One chunk. Failed: * kStagingCorrupt: a chunk or the manifest is not what was staged. *
  /// kLayerHashMismatch, kLayerEncodingInvalid, kLayerDecryptFailed, kMeasurementMismatch: the
  /// layer is not what its manifest promises.
  /// * kDecryptionKeyMissing, kKeyStoreCorrupt, kCryptoFailed. `detail` is the layer's position.
  Progress Step();

 private:
  Status StartLayer();
  Result<bool> Advance();
  Status FinishLayer();

  ManifestBook& book_;
  PlainReader reader_;
  RunningHash measured_;
  std::uint8_t slot_ = kNoSlot;
  std::uint32_t layer_ = 0;
  std::uint32_t plain_bytes_ = 0;
  bool started_ = false;
};

}  // namespace strata::engine
