// SPDX-License-Identifier: Apache-2.0
/// Renewal: keeps the device's certificate from expiring, and gets a new one when it has.
/// Role: decides when, makes the request, checks the answer and replaces identity.crt as a whole.
/// Does not talk to the cloud itself: `Ask` does. Context: single thread; Step() blocks as long as
/// `Ask`. Durability: when Step() returns true the new certificate survives a power loss; until
/// then the old one stands. Security: an answer counts only when it is one certificate of the
/// device's own key; who signed it is the cloud's business, which alone verifies it.
/// Reference: docs/spec/wire.md `POST /device/v1/certificate`, docs/spec/device-directory.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "strata/core/bytes.hpp"
#include "strata/core/result.hpp"
#include "strata/platform/linux/expected.hpp"
#include "strata/platform/linux/log.hpp"

namespace strata::device {

inline constexpr std::size_t kMaxRenewedBytes = 4096;

/// Seconds since 1970 UTC.
struct Validity {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Of the one certificate in a PEM file. * kKeyInvalid, kNotFound, kPermission, kIo.
Expected<Validity> ReadValidity(const std::filesystem::path& certificate_file);

/// From two thirds of its time on, also after its end; never before its begin: then it is the clock
/// that is wrong.
bool IsDue(const Validity& validity, std::int64_t now);

/// A PKCS#10 request, DER, for the private key in `key_file`. * as ReadPrivateKeyPem.
/// * kCryptoFailed.
Expected<std::string> MakeRenewalRequest(const std::filesystem::path& key_file);

/// Puts the certificate `der` into the place of `certificate_file`. * kCloudProtocol: not one
/// certificate, of another key than `key_file`'s, or one that ends before `least_end`, seconds
/// since 1970 UTC. * kIo, kPermission. After a failure the file is as it was.
Outcome ReplaceCertificate(const std::filesystem::path& certificate_file,
                           const std::filesystem::path& key_file,
                           ByteSpan der,
                           std::int64_t least_end);

class Renewal {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  /// Sends a request and fills the answer; returns its size.
  using Ask = std::function<Result<std::size_t>(ByteSpan request, MutableByteSpan answer)>;

  static constexpr std::chrono::seconds kFirstPause{10};
  static constexpr std::chrono::seconds kLongestPause{3600};

  /// `log` outlives it.
  Renewal(std::filesystem::path certificate_file,
          std::filesystem::path key_file,
          Ask ask,
          Log& log);

  /// Renews when it is due, or when the cloud refuses the device (`refused`): a device without the
  /// right time learns so that its certificate has expired. After a failure it tries again with
  /// growing pauses. A new certificate that ends before the present one is taken only when that one
  /// was refused: it was issued while the cloud's clock was ahead, and would never do.
  /// True: there is a new certificate; connections made with the old one should go.
  bool Step(std::int64_t now, SteadyTime steady_now, bool refused);

 private:
  Outcome Renew(std::int64_t least_end);

  std::filesystem::path certificate_file_;
  std::filesystem::path key_file_;
  Ask ask_;
  Log& log_;
  Validity validity_;
  SteadyTime not_before_{};
  std::chrono::seconds pause_{kFirstPause};
  std::string told_;
};

}  // namespace strata::device
