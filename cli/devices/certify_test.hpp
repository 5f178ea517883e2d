// SPDX-License-Identifier: Apache-2.0
/// For tests of provisioning and key changes: certificates and messages as a cloud would give them.
#pragma once

#include <string>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "strata/core/bytes.hpp"

#include "support/http.hpp"

namespace strata::cli {

/// A certificate over the key of a certificate request, as the cloud would give. Signed by a
/// throw-away key: who signs it is the cloud's business.
inline std::string Certify(const std::string& request_pem) {
  BIO* in = BIO_new_mem_buf(request_pem.data(), static_cast<int>(request_pem.size()));
  X509_REQ* request = PEM_read_bio_X509_REQ(in, nullptr, nullptr, nullptr);
  BIO_free(in);
  EXPECT_NE(request, nullptr);
  EVP_PKEY* subject = X509_REQ_get_pubkey(request);
  EXPECT_EQ(X509_REQ_verify(request, subject), 1) << "no proof of possession";
  EVP_PKEY* issuer = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_pubkey(certificate, subject);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  EXPECT_GT(X509_sign(certificate, issuer, EVP_sha256()), 0);
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(out);
  X509_free(certificate);
  X509_REQ_free(request);
  EVP_PKEY_free(subject);
  EVP_PKEY_free(issuer);
  return pem;
}

inline std::string ToBase64(ByteSpan bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  text.resize(
      static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                               bytes.data(),
                                               static_cast<int>(bytes.size()))));
  return text;
}

inline std::string Escaped(std::string pem) {
  for (std::size_t at = 0; (at = pem.find('\n', at)) != std::string::npos; at += 2) {
    pem.replace(at, 1, "\\n");
  }
  return pem;
}

inline std::string FormValue(const HttpRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.form) {
    if (key == name) {
      return value;
    }
  }
  return "(absent)";
}

}  // namespace strata::cli
