// SPDX-License-Identifier: Apache-2.0
#include "certificates.hpp"

#include <string>

namespace strata::cloud {
namespace {

std::string WordsFor(Code code) {
  switch (code) {
    case Code::kTooLarge:
      return "Csr is too large";
    case Code::kKeyWrongType:
      return "Csr must be for a P-256 key";
    case Code::kSignatureInvalid:
      return "Csr is not signed by its own key";
    default:
      return "Csr is not a certificate request in PEM";
  }
}

}  // namespace

ApiResult<PublicKey> PkiCertificates::CheckRequest(std::string_view csr_pem) {
  const Result<PublicKey> key = pki::ParseCsr(csr_pem);
  if (!key.ok()) {
    return ApiError{.status = 400, .code = 20001, .message = WordsFor(key.error().code)};
  }
  return *key;
}

ApiResult<std::string> PkiCertificates::Issue(const DeviceSid& device, const PublicKey& key) {
  Result<std::string> pem = pki::IssueDevice(pki_.device_ca(), device, key, clock_.Now());
  if (!pem.ok()) {
    return ApiError{
        .status = 500, .code = 20500, .message = "the server can't issue a certificate"};
  }
  return std::move(pem).value();
}

}  // namespace strata::cloud
