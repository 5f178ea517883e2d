// SPDX-License-Identifier: Apache-2.0
/// Encrypted layers: enc ‖ chunk size ‖ chunks. Reference: docs/spec/layer-encryption.md version 1.
#pragma once

#include <vector>

#include "strata/format/bundle/create.hpp"

namespace strata::bundle {

/// `plaintext` must not be empty. With key.private_key the result is reproducible.
/// * kKeyWrongType: the private key is not that of public_key. * kKeyInvalid. * kCryptoFailed,
/// kEntropyFailed.
Expected<std::vector<std::uint8_t>> EncryptLayer(const LayerKey& key,
                                                 const Placement& placement,
                                                 ByteSpan plaintext);

/// * kLayerEncodingInvalid. * kLayerDecryptFailed: a chunk does not open, or was not made for
/// `placement`.
Expected<std::vector<std::uint8_t>> DecryptLayer(const PrivateKey& key,
                                                 const Placement& placement,
                                                 ByteSpan layer);

}  // namespace strata::bundle
