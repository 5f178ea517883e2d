// SPDX-License-Identifier: Apache-2.0
#include "certificates.hpp"

#include <string>

namespace strata::cloud {
namespace {

std::string WordsFor(Code code, const char* form) {
  switch (code) {
    case Code::kTooLarge:
      return "the certificate request is too large";
    case Code::kKeyWrongType:
      return "the certificate request must be for a P-256 key";
    case Code::kSignatureInvalid:
      return "the certificate request is not signed by its own key";
    default:
      return std::string("it is not a certificate request in ") + form;
  }
}

}  // namespace

ApiResult<PublicKey> PkiCertificates::CheckRequest(std::string_view csr_pem) {
  const Result<PublicKey> key = pki::ParseCsr(csr_pem);
  if (!key.ok()) {
    return ApiError{
        .status = 400, .code = 20001, .message = "Csr: " + WordsFor(key.error().code, "PEM")};
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

ApiResult<std::vector<std::uint8_t>> PkiCertificates::Renew(const DeviceIdentity& device,
                                                            ByteSpan csr_der) {
  const Result<PublicKey> key = pki::ParseCsrDer(csr_der);
  if (!key.ok()) {
    return ApiError{.status = 400, .code = 20001, .message = WordsFor(key.error().code, "DER")};
  }
  if (*key != device.public_key) {
    return ApiError{.status = 400,
                    .code = 20001,
                    .message = "the certificate request is for another key than the device's"};
  }
  ApiResult<std::string> pem = Issue(device.sid, *key);
  if (!pem.ok()) {
    return pem.error();
  }
  Result<std::vector<std::uint8_t>> der = pki::ToDer(*pem);
  if (!der.ok()) {
    return ApiError{
        .status = 500, .code = 20500, .message = "the server can't issue a certificate"};
  }
  return std::move(der).value();
}

}  // namespace strata::cloud
