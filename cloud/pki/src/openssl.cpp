// SPDX-License-Identifier: Apache-2.0
#include "openssl.hpp"

#include <climits>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

namespace strata::cloud::pki {
namespace {

int RefusePassphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

BioPtr ReadFrom(std::string_view text) {
  if (text.size() > INT_MAX) {
    return nullptr;
  }
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string TakeText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

CertificatePtr ReadCertificate(std::string_view pem) {
  const BioPtr bio = ReadFrom(pem);
  return CertificatePtr(bio ? PEM_read_bio_X509(bio.get(), nullptr, RefusePassphrase, nullptr)
                            : nullptr);
}

KeyPtr ReadPrivateKey(std::string_view pem) {
  const BioPtr bio = ReadFrom(pem);
  return KeyPtr(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, RefusePassphrase, nullptr)
                    : nullptr);
}

RequestPtr ReadRequest(std::string_view pem) {
  const BioPtr bio = ReadFrom(pem);
  return RequestPtr(bio ? PEM_read_bio_X509_REQ(bio.get(), nullptr, RefusePassphrase, nullptr)
                        : nullptr);
}

KeyPtr KeyFrom(const PublicKey& key) {
  char group[] = "prime256v1";
  PublicKey point = key;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* made = nullptr;
  if (key[0] != 0x04 || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(),
                        &made,
                        EVP_PKEY_PUBLIC_KEY,
                        const_cast<OSSL_PARAM*>(static_cast<const OSSL_PARAM*>(parameters))) != 1) {
    return nullptr;
  }
  return KeyPtr(made);
}

}  // namespace strata::cloud::pki
