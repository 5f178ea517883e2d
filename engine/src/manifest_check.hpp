// SPDX-License-Identifier: Apache-2.0
/// Checks a manifest that arrived, in the order of the page "How is the bundle processed?". Role:
/// decides whether an update may be accepted; stores nothing. Security: `bytes` are an attacker's
/// until hash and signature matched; nothing of the body is parsed before.
#pragma once

#include <cstdint>

#include "strata/core/hardware.hpp"
#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/key_store.hpp"

#include "slot.hpp"

namespace strata::engine {

struct CheckTools {
  const HardwareProfile& profile;
  ports::Crypto& crypto;
  ports::RotatingKeyStore& keys;
  SlotLayout empty_slot;           ///< what it must fit
  std::uint32_t security_counter;  ///< the device's own
};

/// Fills `app` (undefined after an error) and `body_hash` (set as soon as the signature verified).
/// * kManifestHashMismatch. * kManifestUnsigned, kSignerUnknown, kSignatureInvalid. * every code of
/// manifest::Decode() and CheckAgainstHardware(). * kDecryptionKeyMissing. * kUpdateTooLarge:
/// staging.md's rule. * kKernelTooOld.
/// * kSecurityCounterTooLow. * kKeyStoreCorrupt, kCryptoFailed.
Status CheckManifest(const CheckTools& tools,
                     ByteSpan bytes,
                     const Digest& expected_hash,
                     std::optional<Digest>& body_hash,
                     manifest::AppManifest& app);

/// A manifest that CheckManifest() accepted before it was stored, whose bytes have the hash that
/// the journal names. Its signature is not verified again: a signer revoked since must not stop the
/// installed app. * as manifest::ParseEnvelope(). * kManifestUnsigned.
Result<manifest::VerifiedManifest> Trust(ByteSpan bytes);

}  // namespace strata::engine
