// SPDX-License-Identifier: Apache-2.0
/// Reading staged layers back. StagedReader: the fetched bytes of a layer, chunk by chunk, hashed
/// on the way. PlainReader: the plaintext that goes to the placement, opening HPKE chunks where the
/// layer is encrypted. Role: one way in for the dry run and for apply; neither writes. A caller
/// trusts the bytes of a layer only after the end was reached and the digests matched. Security:
/// everything read is an attacker's until it opened.
#pragma once

#include <cstdint>
#include <optional>

#include "digest_of.hpp"
#include "hpke_open.hpp"
#include "slot.hpp"

namespace strata::engine {

inline constexpr std::uint32_t kMaxHpkeChunkBytes = 4096;

/// Working space, shared by all steps of the engine.
struct Buffers {
  /// One chunk of fetched bytes, sealed and opened in place. Belongs to the part whose turn it is
  /// (Stager, SlotVerifier, Applier), which may keep in it what it has of a chunk between its
  /// steps; nothing that can happen in between (reports, receipts, journal, keys) touches it.
  alignas(std::uint64_t) std::array<std::uint8_t, kSealedChunkBytes> chunk{};
  /// One HPKE chunk, one manifest, one record, one receipt. Contents don't outlive the call that
  /// put them there.
  std::array<std::uint8_t, kMaxHpkeChunkBytes + ports::kAeadTagBytes> scratch{};
};

/// Which layer of which slot.
struct StagedLayer {
  const SlotState* slot = nullptr;
  std::uint8_t slot_index = 0;
  std::uint8_t layer_index = 0;
  std::uint32_t layer_start = 0;
  std::uint32_t fetch_bytes = 0;
};

class StagedReader {
 public:
  StagedReader(SlotStore& store, ports::Crypto& crypto, Buffers& buffers)
      : store_(store), hash_(crypto), buffers_(buffers) {}

  /// * kCryptoFailed.
  Status Start(const StagedLayer& layer);

  /// The next chunk's bytes, in buffers.chunk until the next call; empty at the end.
  /// * kStagingCorrupt: a chunk does not open. * kCryptoFailed.
  Result<ByteSpan> Next();

  /// SHA-256 of all bytes; once, after Next() returned the end.
  Result<Digest> FetchDigest() { return hash_.Finish(); }

  [[nodiscard]] std::uint32_t chunks_read() const { return next_chunk_; }

 private:
  SlotStore& store_;
  RunningHash hash_;
  Buffers& buffers_;
  StagedLayer layer_;
  std::uint32_t next_chunk_ = 0;
};

class PlainReader {
 public:
  PlainReader(SlotStore& store, ports::Crypto& crypto, ports::KeyStore& keys, Buffers& buffers)
      : staged_(store, crypto, buffers), hpke_(crypto), keys_(keys), buffers_(buffers) {}

  Status Start(const StagedLayer& layer, const manifest::Layer& spec);

  /// The next plaintext, 1 … 4096 bytes, in either buffer and valid until it is used again; empty
  /// at the end.
  /// * kStagingCorrupt: a staged chunk does not open. * kLayerEncodingInvalid, kLayerDecryptFailed:
  /// the layer is not an encrypted layer for this place. * kDecryptionKeyMissing, kKeyStoreCorrupt,
  /// kCryptoFailed.
  Result<ByteSpan> Next();

  Result<Digest> FetchDigest() { return staged_.FetchDigest(); }

 private:
  Result<ByteSpan> NextEncrypted();
  Status ReadHeader();
  /// Brings assembled_ to `size`. * kLayerEncodingInvalid: the layer ends before.
  Status Assemble(std::uint32_t size);

  StagedReader staged_;
  HpkeOpener hpke_;
  ports::KeyStore& keys_;
  Buffers& buffers_;
  manifest::Layer spec_;
  ByteSpan pending_;             // of buffers_.chunk, not yet assembled
  std::uint32_t remaining_ = 0;  // fetched bytes not yet assembled
  std::uint32_t assembled_ = 0;
  std::uint32_t chunk_bytes_ = 0;  // 0: the header was not read yet
};

}  // namespace strata::engine
