// SPDX-License-Identifier: Apache-2.0
#include "tls_context.hpp"

#include <array>
#include <climits>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "pem_pointers.hpp"

namespace strata::cloud::http {
namespace {

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

struct FreeChain {
  void operator()(STACK_OF(X509) * chain) const { sk_X509_pop_free(chain, X509_free); }
};

using CertificatePtr = std::unique_ptr<X509, FreeCertificate>;

BioPtr ReadFrom(const std::string& text) {
  return BioPtr(text.size() <= INT_MAX ? BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))
                                       : nullptr);
}

CertificatePtr NextCertificate(BIO* bio) {
  return CertificatePtr(PEM_read_bio_X509(bio, nullptr, RefusePassphrase, nullptr));
}

struct FreeName {
  void operator()(X509_NAME* name) const { X509_NAME_free(name); }
};

int Show(SSL* connection, void* certificate) {
  return static_cast<const ServerCertificate*>(certificate)->ShowIn(connection) ? 1 : 0;
}

/// Its time is over, or has not come: a certificate that was issued while the clock was ahead.
bool IsOutOfTime(long verdict) {
  return verdict == X509_V_ERR_CERT_HAS_EXPIRED || verdict == X509_V_ERR_CERT_NOT_YET_VALID;
}

/// Overlooks the time of the client's own certificate; the error stays noted for ClientOf().
int OverlookTime(int good, X509_STORE_CTX* store) {
  const bool only_time =
      IsOutOfTime(X509_STORE_CTX_get_error(store)) && X509_STORE_CTX_get_error_depth(store) == 0;
  return good == 1 || only_time ? 1 : 0;
}

/// Verifies as OpenSSL does, but leaves the verdict to ClientOf() instead of ending the handshake.
int RecordVerdict(X509_STORE_CTX* store, void*) {
  X509_STORE_CTX_set_verify_cb(store, OverlookTime);
  const bool good = X509_verify_cert(store) == 1;
  const int error = X509_STORE_CTX_get_error(store);
  if (!good && (error == X509_V_OK || IsOutOfTime(error))) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED);
  }
  return 1;
}

bool AskForClients(SSL_CTX* context, const std::string& ca_pem) {
  const BioPtr bio = ReadFrom(ca_pem);
  const CertificatePtr ca = bio ? NextCertificate(bio.get()) : nullptr;
  if (!ca || X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) != 1 ||
      SSL_CTX_add_client_CA(context, ca.get()) != 1) {
    return false;
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_verify_depth(context, 1);
  SSL_CTX_set_cert_verify_callback(context, RecordVerdict, nullptr);
  return true;
}

int ChooseHttp11(SSL*,
                 const unsigned char** chosen,
                 unsigned char* chosen_length,
                 const unsigned char* offered,
                 unsigned offered_length,
                 void*) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {
      8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(
          &found, chosen_length, kHttp11.data(), kHttp11.size(), offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

struct ServerCertificate::Parsed {
  CertificatePtr leaf;
  std::unique_ptr<STACK_OF(X509), FreeChain> chain{sk_X509_new_null()};
  KeyPtr key;
};

ServerCertificate::ServerCertificate() = default;
ServerCertificate::~ServerCertificate() = default;

bool ServerCertificate::Set(const TlsFiles& files) {
  const BioPtr chain = ReadFrom(files.certificate_pem);
  const BioPtr key_text = ReadFrom(files.key_pem);
  auto parsed = std::make_shared<Parsed>();
  if (!chain || !key_text || !parsed->chain) {
    return false;
  }
  parsed->leaf = NextCertificate(chain.get());
  while (CertificatePtr issuer = NextCertificate(chain.get())) {
    if (sk_X509_push(parsed->chain.get(), issuer.get()) == 0) {
      return false;
    }
    issuer.release();
  }
  parsed->key.reset(PEM_read_bio_PrivateKey(key_text.get(), nullptr, RefusePassphrase, nullptr));
  const bool usable = parsed->leaf && parsed->key &&
                      X509_check_private_key(parsed->leaf.get(), parsed->key.get()) == 1;
  ERR_clear_error();
  if (usable) {
    const std::lock_guard lock(mutex_);
    parsed_ = std::move(parsed);
  }
  return usable;
}

bool ServerCertificate::ShowIn(SSL* connection) const {
  std::shared_ptr<const Parsed> parsed;
  {
    const std::lock_guard lock(mutex_);
    parsed = parsed_;
  }
  return parsed &&
         SSL_use_cert_and_key(
             connection, parsed->leaf.get(), parsed->key.get(), parsed->chain.get(), 1) == 1;
}

TlsContext MakeTlsContext(const ServerCertificate& certificate, const std::string& client_ca_pem) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return nullptr;
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseHttp11, nullptr);
  // OpenSSL's callback takes no pointer to something const; Show() changes nothing.
  SSL_CTX_set_cert_cb(context.get(), Show, const_cast<ServerCertificate*>(&certificate));
  const bool usable = client_ca_pem.empty() || AskForClients(context.get(), client_ca_pem);
  ERR_clear_error();
  return usable ? std::move(context) : nullptr;
}

ClientCertificate ClientOf(const SSL* connection, Digest& fingerprint) {
  const X509* const certificate = SSL_get0_peer_certificate(connection);
  if (certificate == nullptr) {
    return ClientCertificate::kNone;
  }
  const long verdict = SSL_get_verify_result(connection);
  if (verdict != X509_V_OK && !IsOutOfTime(verdict)) {
    return ClientCertificate::kRefused;
  }
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) {
    return ClientCertificate::kRefused;
  }
  const int hashed = EVP_Digest(der,
                                static_cast<std::size_t>(size),
                                fingerprint.bytes.data(),
                                nullptr,
                                EVP_sha256(),
                                nullptr);
  OPENSSL_free(der);
  if (hashed != 1) {
    return ClientCertificate::kRefused;
  }
  return verdict == X509_V_OK ? ClientCertificate::kVerified : ClientCertificate::kExpired;
}

void ForgetClient(SSL* connection) {
  X509* const certificate = SSL_get0_peer_certificate(connection);
  if (certificate == nullptr) {
    return;
  }
  // OpenSSL has no way to take the certificate out of a connection, but lets its parts be replaced:
  // by one small key and one empty name that all connections share or copy.
  static const std::array<unsigned char, 32> kNoKey{};
  static const KeyPtr small_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, kNoKey.data(), kNoKey.size()));
  static const std::unique_ptr<X509_NAME, FreeName> no_name(X509_NAME_new());
  if (!small_key || !no_name) {
    return;
  }
  X509_set_pubkey(certificate, small_key.get());
  X509_set_subject_name(certificate, no_name.get());
  X509_set_issuer_name(certificate, no_name.get());
  while (X509_get_ext_count(certificate) > 0) {
    X509_EXTENSION_free(X509_delete_ext(certificate, 0));
  }
  ERR_clear_error();
}

}  // namespace strata::cloud::http
