// SPDX-License-Identifier: Apache-2.0
#include "tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

namespace strata::conformance {
namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;

BioPtr ReadFrom(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// Who the client is gets judged later, by its key; here every certificate will do.
int TakeAnyCertificate(int /*verified*/, X509_STORE_CTX* /*store*/) {
  return 1;
}

bool UseCredential(SSL_CTX* context, const cloud::pki::Credential& credential) {
  const BioPtr chain = ReadFrom(credential.certificate_pem);
  const CertificatePtr leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  const KeyPtr key(
      PEM_read_bio_PrivateKey(ReadFrom(credential.key_pem).get(), nullptr, nullptr, nullptr));
  if (!leaf || !key || SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return false;
  }
  while (CertificatePtr more{PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, more.get()) != 1) {
      return false;
    }
  }
  ERR_clear_error();  // the end of the chain
  return true;
}

}  // namespace

std::shared_ptr<SSL_CTX> MakeContext(const TlsTerms& terms) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr || !UseCredential(context.get(), terms.server)) {
    ERR_clear_error();
    return nullptr;
  }
  if (terms.speech == Speech::kOldTls) {
    // OpenSSL speaks the old versions only when asked to forget about security levels.
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  } else {
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  }
  if (terms.ask_for_certificate) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, &TakeAnyCertificate);
  }
  // A resumed session would hide whether the certificate is still sent.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  return context;
}

std::optional<Digest> PeerKeyDigest(SSL* tls) {
  const CertificatePtr certificate(SSL_get1_peer_certificate(tls));
  if (certificate == nullptr) {
    return std::nullopt;
  }
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der);
  if (size <= 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  Digest digest;
  SHA256(der, static_cast<std::size_t>(size), digest.bytes.data());
  OPENSSL_free(der);
  return digest;
}

}  // namespace strata::conformance
