// SPDX-License-Identifier: Apache-2.0
/// P-256 keys and certificates from PEM files. Role: reads and checks; trusts nothing, keeps
/// nothing. Security: buffers that held a private key are wiped; no message holds more than a
/// file's name.
#pragma once

#include <array>
#include <filesystem>

#include "strata/core/keys.hpp"
#include "strata/core/secure.hpp"
#include "strata/platform/linux/expected.hpp"

namespace strata::device {

using PrivateKey = std::array<std::uint8_t, kPrivateKeyBytes>;

/// Fills `out` and returns its public half. The file must be the owner's alone.
/// * kPermission: its group or others can read it. * kKeyInvalid: not an unencrypted P-256 private
/// key.
/// * kNotFound, kIo, kTooLarge: the file can't be read.
Expected<PublicKey> ReadPrivateKeyPem(const std::filesystem::path& path, PrivateKey& out);

/// * kKeyInvalid: not a P-256 public key. * kNotFound, kPermission, kIo, kTooLarge: the file can't
/// be read.
Expected<PublicKey> ReadPublicKeyPem(const std::filesystem::path& path);

/// The public key of the one certificate in the file; no signature or date is checked.
/// * kKeyInvalid: not exactly one certificate of a P-256 key. * kNotFound, kPermission, kIo,
/// kTooLarge.
Expected<PublicKey> ReadCertificateKeyPem(const std::filesystem::path& path);

}  // namespace strata::device
