// SPDX-License-Identifier: Apache-2.0
/// HpkeOpener: opens the chunks of one encrypted layer, in order.
/// Role: RFC 9180 base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, receiver side
/// only. Knows nothing of layers in slots (plain_reader.hpp feeds it). Security: `enc` and the
/// chunks are an attacker's until they open. Keys are wiped on destruction. Reference: RFC 9180
/// §4.1, §5.1, §5.2; docs/spec/layer-encryption.md.
#pragma once

#include <cstdint>

#include "strata/core/hardware.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/secure.hpp"
#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/key_store.hpp"

namespace strata::engine {

inline constexpr std::size_t kHpkeInfoBytes = 37;
inline constexpr std::uint32_t kHpkeHeaderBytes =
    69;  ///< enc and chunk size before the first chunk

/// What binds an encrypted layer to its place (docs/spec/layer-encryption.md).
std::array<std::uint8_t, kHpkeInfoBytes> LayerInfo(KeyId key, const Placement& placement);

class HpkeOpener {
 public:
  explicit HpkeOpener(ports::Crypto& crypto) : crypto_(crypto) {}

  /// Sets up the receiver's context; may be called again for another layer.
  /// * kDecryptionKeyMissing, kKeyStoreCorrupt: from the key store. * kLayerEncodingInvalid: `enc`
  /// is not on the curve.
  /// * kCryptoFailed.
  Status Setup(ports::KeyStore& keys, KeyId key, const PublicKey& enc, ByteSpan info);

  /// The same with an agreement at hand: `dh` is the recipient's with `enc`. * kCryptoFailed.
  Status SetupWith(ByteSpan dh, const PublicKey& recipient, const PublicKey& enc, ByteSpan info);

  /// Opens the next chunk, also in place. `out.size()` == sealed.size() - kAeadTagBytes.
  /// * kLayerDecryptFailed: it does not open; the context is then useless. * kCryptoFailed.
  Status OpenNext(ByteSpan aad, ByteSpan sealed, MutableByteSpan out);

 private:
  Status Schedule(ByteSpan shared_secret, ByteSpan info);

  ports::Crypto& crypto_;
  Secret<16> key_;
  Secret<12> base_nonce_;
  std::uint64_t sequence_ = 0;
};

}  // namespace strata::engine
