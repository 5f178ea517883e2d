// SPDX-License-Identifier: Apache-2.0
/// Checks a NewKeys message that arrived, in the order of docs/spec/new-keys.md, up to what only
/// the key store can tell. Role: decides whether it is the next order of this device's fleet;
/// changes nothing. Security: `bytes` are an attacker's until the signature matched; nothing of the
/// body is parsed before.
#pragma once

#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/key_store.hpp"
#include "strata/format/manifest/new_keys.hpp"

namespace strata::engine {

struct NewKeysTools {
  ports::Crypto& crypto;
  ports::RotatingKeyStore& keys;
};

/// Fills `out`, whose views point into `bytes`, and `body_hash`. * kNewKeysMalformed, also for a
/// key that is not on the curve. * kRotationKeyUnknown. * kSignatureInvalid. * kNewKeysOtherFleet.
/// * kNewKeysOutOfOrder. * kKeyStoreCorrupt, kCryptoFailed.
Status CheckNewKeys(const NewKeysTools& tools,
                    ByteSpan bytes,
                    manifest::NewKeys& out,
                    Digest& body_hash);

}  // namespace strata::engine
