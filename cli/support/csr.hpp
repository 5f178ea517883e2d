// SPDX-License-Identifier: Apache-2.0
/// Certificate requests and certificates of devices (OpenSSL).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/outcome.hpp"

namespace strata::cli {

/// A PKCS#10 request, PEM, signed with `private_key_pem` (proof of possession). The cloud ignores
/// the subject.
/// * kKeyUnreadable. * kCryptoFailed.
Expected<std::string> MakeCertificateRequest(std::string_view private_key_pem);

/// * kMalformed: `certificate_pem` is no certificate. * kKeyInvalid: it is another key's.
Outcome CheckCertificateIsFor(std::string_view certificate_pem, std::string_view private_key_pem);

/// * kMalformed: `request_pem` is no certificate request. * kKeyInvalid: it is not signed by its
/// own key.
Outcome CheckCertificateRequest(std::string_view request_pem);

/// * kMalformed: one of the two is not what it should be. * kKeyInvalid: the certificate is for
/// another key than the request.
Outcome CheckCertificateAnswers(std::string_view certificate_pem, std::string_view request_pem);

/// Until when the first certificate in `certificate_pem` is valid, seconds since 1970.
/// * kMalformed: there is none.
Expected<std::int64_t> CertificateEnd(std::string_view certificate_pem);

/// * kMalformed: `certificate_pem` is no certificate.
Outcome CheckIsCertificate(std::string_view certificate_pem);

}  // namespace strata::cli
