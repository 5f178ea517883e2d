// SPDX-License-Identifier: Apache-2.0
/// Certificates of a Strata cloud: two certificate authorities, the server's certificate, one per
/// device. Role: makes and reads them in memory. Does not touch files (pki_dir.hpp) and decides
/// nothing about who may have one. Context: thread-safe, no shared state; a signature costs well
/// under a millisecond. Security: everything is P-256 with SHA-256. The server CA and the device CA
/// are separate and limited by key usage, path length 0 and extended key usage, so that neither can
/// make what the other one makes. Reference: decisions "Certificates"; RFC 5280; docs/spec/wire.md
/// for how devices are found.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"
#include "strata/core/sid.hpp"

namespace strata::cloud::pki {

/// A certificate and its private key, both PEM. `key_pem` is secret: 0600 files only, never a log.
struct Credential {
  std::string certificate_pem;
  std::string key_pem;
};

enum class CaUse : std::uint8_t { kServer, kDevices };

inline constexpr std::size_t kMaxCsrBytes = 16 * 1024;
inline constexpr std::int64_t kDeviceCertificateDays = 365;
/// Below the 398 days that some clients tolerate.
inline constexpr std::int64_t kServerCertificateDays = 397;

/// A self-signed CA with a new key, valid for twenty years from `now` (seconds since 1970 UTC).
/// * kCryptoFailed.
[[nodiscard]] Result<Credential> MakeCa(CaUse use, std::int64_t now);

/// A server certificate with a new key for `names` (host names and IP addresses; the first is the
/// CN). `certificate_pem` holds the certificate followed by the CA's.
/// * kInvalidArgument: no name, or one that is neither a host name nor an address.
/// * kKeyUnreadable: `ca` can't be read. * kCryptoFailed.
[[nodiscard]] Result<Credential> IssueServer(const Credential& ca,
                                             std::span<const std::string> names,
                                             std::int64_t now);

/// A device's certificate (PEM) for a key whose proof of possession ParseCsr() checked: CN = SID,
/// client authentication only, one year from `now`, random serial.
/// * kKeyInvalid: not a point on P-256. * kKeyUnreadable: `ca` can't be read. * kCryptoFailed.
[[nodiscard]] Result<std::string> IssueDevice(const Credential& ca,
                                              const DeviceSid& sid,
                                              const PublicKey& key,
                                              std::int64_t now);

/// The public key of a PEM certificate request whose own signature proves possession of the private
/// key. Subject and extensions are ignored. The bytes are attacker-controlled.
/// * kTooLarge: more than kMaxCsrBytes. * kMalformed: no certificate request. * kKeyWrongType: the
/// key is not P-256 by its name. * kSignatureInvalid: it is not signed by its own key.
[[nodiscard]] Result<PublicKey> ParseCsr(std::string_view pem);
/// The same from DER, without a byte behind it.
[[nodiscard]] Result<PublicKey> ParseCsrDer(ByteSpan der);

/// SHA-256 of the SubjectPublicKeyInfo, DER, of `key`: what a device is found by.
[[nodiscard]] Digest Fingerprint(const PublicKey& key);

/// True when the first certificate and the key of `credential` belong together.
[[nodiscard]] bool Matches(const Credential& credential);

/// The first certificate in `pem` as DER. * kMalformed.
[[nodiscard]] Result<std::vector<std::uint8_t>> ToDer(std::string_view pem);

/// True when the first certificate in `pem` is signed by the key of the first one in `ca_pem`.
[[nodiscard]] bool IsIssuedBy(std::string_view pem, std::string_view ca_pem);

/// Begin of validity of the first certificate in `pem`, seconds since 1970 UTC. * kMalformed.
[[nodiscard]] Result<std::int64_t> NotBefore(std::string_view pem);

/// End of validity of the first certificate in `pem`, seconds since 1970 UTC. * kMalformed.
[[nodiscard]] Result<std::int64_t> NotAfter(std::string_view pem);

}  // namespace strata::cloud::pki
