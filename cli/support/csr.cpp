// SPDX-License-Identifier: Apache-2.0
#include "support/csr.hpp"

#include <ctime>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace strata::cli {
namespace {

template <typename T, void (*kFree)(T*)>
struct Free {
  void operator()(T* object) const { kFree(object); }
};

using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY, EVP_PKEY_free>>;
using Request = std::unique_ptr<X509_REQ, Free<X509_REQ, X509_REQ_free>>;
using Certificate = std::unique_ptr<X509, Free<X509, X509_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO, BIO_free_all>>;

/// OpenSSL would ask for one at the terminal, where a script has none.
int RefusePassphrase(char*, int, int, void*) {
  return -1;
}

Memory Over(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Key ReadKey(std::string_view pem) {
  const Memory memory = Over(pem);
  return Key(PEM_read_bio_PrivateKey(memory.get(), nullptr, RefusePassphrase, nullptr));
}

Certificate ReadCertificate(std::string_view pem) {
  const Memory memory = Over(pem);
  return Certificate(PEM_read_bio_X509(memory.get(), nullptr, RefusePassphrase, nullptr));
}

Request ReadRequest(std::string_view pem) {
  const Memory memory = Over(pem);
  return Request(PEM_read_bio_X509_REQ(memory.get(), nullptr, RefusePassphrase, nullptr));
}

Problem NoRequest() {
  ERR_clear_error();
  return Local(Code::kMalformed, "it is not a certificate request in PEM");
}

Problem CryptoProblem() {
  ERR_clear_error();
  return FromFailure(bundle::MakeFailure(Code::kCryptoFailed, Op::kSign, "certificate request"));
}

Problem NoCertificate() {
  ERR_clear_error();
  return Local(Code::kMalformed, "the cloud's answer holds no certificate in PEM");
}

}  // namespace

Expected<std::string> MakeCertificateRequest(std::string_view private_key_pem) {
  const Key key = ReadKey(private_key_pem);
  if (key == nullptr) {
    ERR_clear_error();
    return FromFailure(bundle::MakeFailure(Code::kKeyUnreadable, Op::kSign, "device identity"));
  }
  const Request request(X509_REQ_new());
  X509_NAME* subject = request != nullptr ? X509_REQ_get_subject_name(request.get()) : nullptr;
  const auto* name = reinterpret_cast<const unsigned char*>("strata-device");
  if (subject == nullptr ||
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) <= 0) {
    return CryptoProblem();
  }
  const Memory memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr || PEM_write_bio_X509_REQ(memory.get(), request.get()) != 1) {
    return CryptoProblem();
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Outcome CheckCertificateIsFor(std::string_view certificate_pem, std::string_view private_key_pem) {
  const Certificate certificate = ReadCertificate(certificate_pem);
  if (certificate == nullptr) {
    return NoCertificate();
  }
  const Key key = ReadKey(private_key_pem);
  if (key == nullptr || X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return Local(Code::kKeyInvalid, "the cloud's certificate is not for the device's key");
  }
  return Done{};
}

Outcome CheckCertificateRequest(std::string_view request_pem) {
  const Request request = ReadRequest(request_pem);
  if (request == nullptr) {
    return NoRequest();
  }
  const Key key(X509_REQ_get_pubkey(request.get()));
  if (key == nullptr || X509_REQ_verify(request.get(), key.get()) != 1) {
    ERR_clear_error();
    return Local(Code::kKeyInvalid, "the certificate request is not signed by its own key");
  }
  return Done{};
}

Outcome CheckCertificateAnswers(std::string_view certificate_pem, std::string_view request_pem) {
  const Certificate certificate = ReadCertificate(certificate_pem);
  if (certificate == nullptr) {
    return NoCertificate();
  }
  const Request request = ReadRequest(request_pem);
  if (request == nullptr) {
    return NoRequest();
  }
  const Key theirs(X509_get_pubkey(certificate.get()));
  const Key ours(X509_REQ_get_pubkey(request.get()));
  if (theirs == nullptr || ours == nullptr || EVP_PKEY_eq(theirs.get(), ours.get()) != 1) {
    ERR_clear_error();
    return Local(Code::kKeyInvalid, "the certificate is not for the request's key");
  }
  return Done{};
}

Expected<std::int64_t> CertificateEnd(std::string_view certificate_pem) {
  const Certificate certificate = ReadCertificate(certificate_pem);
  std::tm parts{};
  if (certificate == nullptr ||
      ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &parts) != 1) {
    return NoCertificate();
  }
  return static_cast<std::int64_t>(::timegm(&parts));
}

Outcome CheckIsCertificate(std::string_view certificate_pem) {
  if (ReadCertificate(certificate_pem) == nullptr) {
    return NoCertificate();
  }
  return Done{};
}

}  // namespace strata::cli
