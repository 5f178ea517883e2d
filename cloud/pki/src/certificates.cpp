// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/pki/certificates.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <vector>

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "openssl.hpp"

namespace strata::cloud::pki {
namespace {

constexpr std::int64_t kDaySeconds = 24 * 3600;
constexpr std::int64_t kCaDays = 20 * 365;
/// Clocks of devices and browsers may be behind ours.
constexpr std::int64_t kBackdateSeconds = 3600;

/// SubjectPublicKeyInfo of every P-256 key up to its point (RFC 5480).
constexpr std::array<std::uint8_t, 26> kSpkiPrefix = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

struct Extension {
  int nid;
  std::string value;
};

/// What a certificate is to say; the issuer signs it.
struct Draft {
  std::string common_name;
  EVP_PKEY* key = nullptr;
  std::int64_t now = 0;
  std::int64_t days = 0;
  std::vector<Extension> extensions;
};

KeyPtr NewKey() {
  return KeyPtr(EVP_EC_gen("P-256"));
}

bool SetRandomSerial(X509* certificate) {
  std::array<std::uint8_t, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return false;
  }
  bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7f) | 0x40);  // positive, full length
  const BignumPtr number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetValidity(X509* certificate, std::int64_t now, std::int64_t days) {
  std::time_t from = static_cast<std::time_t>(now - kBackdateSeconds);
  std::time_t until = static_cast<std::time_t>(now + days * kDaySeconds);
  return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, 0, &from) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), 0, 0, &until) != nullptr;
}

bool AddExtension(X509* certificate, X509* issuer, const Extension& extension) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr made(
      X509V3_EXT_conf_nid(nullptr, &context, extension.nid, extension.value.c_str()));
  return made && X509_add_ext(certificate, made.get(), -1) == 1;
}

/// `issuer` nullptr: self-signed.
CertificatePtr Sign(const Draft& draft, X509* issuer, EVP_PKEY* issuer_key) {
  CertificatePtr certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetRandomSerial(certificate.get()) ||
      !SetValidity(certificate.get(), draft.now, draft.days) ||
      X509_set_pubkey(certificate.get(), draft.key) != 1) {
    return nullptr;
  }
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  const auto* const name = reinterpret_cast<const unsigned char*>(draft.common_name.data());
  if (X509_NAME_add_entry_by_NID(subject,
                                 NID_commonName,
                                 MBSTRING_UTF8,
                                 name,
                                 static_cast<int>(draft.common_name.size()),
                                 -1,
                                 0) != 1) {
    return nullptr;
  }
  X509* const signer = issuer != nullptr ? issuer : certificate.get();
  if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) != 1) {
    return nullptr;
  }
  for (const Extension& extension : draft.extensions) {
    if (!AddExtension(certificate.get(), signer, extension)) {
      return nullptr;
    }
  }
  if (X509_sign(certificate.get(), issuer_key, EVP_sha256()) == 0) {
    return nullptr;
  }
  return certificate;
}

std::string ToPem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  return bio && PEM_write_bio_X509(bio.get(), certificate) == 1 ? TakeText(bio.get())
                                                                : std::string();
}

std::string ToPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  return bio && PEM_write_bio_PKCS8PrivateKey(
                    bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1
             ? TakeText(bio.get())
             : std::string();
}

Result<std::int64_t> TimeOf(const ASN1_TIME* time) {
  std::tm fields{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) {
    return Fail(Code::kMalformed, Op::kParse);
  }
  return static_cast<std::int64_t>(timegm(&fields));
}

bool IsAddress(const std::string& name) {
  std::array<std::uint8_t, 16> address{};
  return inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
}

bool IsHostName(const std::string& name) {
  const bool characters = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
  return characters && !name.empty() && name.size() <= 253 && name.front() != '.' &&
         name.front() != '-' && name.back() != '.';
}

/// The value of a subjectAltName; nothing when a name is neither kind. Names hold no comma, so none
/// can add another.
std::optional<std::string> AlternativeNames(std::span<const std::string> names) {
  std::string value;
  for (const std::string& name : names) {
    if (!IsAddress(name) && !IsHostName(name)) {
      return std::nullopt;
    }
    value += value.empty() ? "" : ",";
    value += IsAddress(name) ? "IP:" : "DNS:";
    value += name;
  }
  return value.empty() ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

Result<Credential> MakeCa(CaUse use, std::int64_t now) {
  const bool server = use == CaUse::kServer;
  const KeyPtr key = NewKey();
  if (!key) {
    return Fail(Code::kCryptoFailed, Op::kSign);
  }
  const Draft draft{.common_name = server ? "Strata server CA" : "Strata device CA",
                    .key = key.get(),
                    .now = now,
                    .days = kCaDays,
                    .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                   {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                   {NID_ext_key_usage, server ? "serverAuth" : "clientAuth"},
                                   {NID_subject_key_identifier, "hash"}}};
  const CertificatePtr certificate = Sign(draft, nullptr, key.get());
  Credential made{certificate ? ToPem(certificate.get()) : "", ToPem(key.get())};
  if (made.certificate_pem.empty() || made.key_pem.empty()) {
    return Fail(Code::kCryptoFailed, Op::kSign);
  }
  return made;
}

Result<Credential> IssueServer(const Credential& ca,
                               std::span<const std::string> names,
                               std::int64_t now) {
  const std::optional<std::string> alternative_names = AlternativeNames(names);
  if (!alternative_names) {
    return Fail(Code::kInvalidArgument, Op::kSign);
  }
  const CertificatePtr issuer = ReadCertificate(ca.certificate_pem);
  const KeyPtr issuer_key = ReadPrivateKey(ca.key_pem);
  if (!issuer || !issuer_key) {
    return Fail(Code::kKeyUnreadable, Op::kSign);
  }
  const KeyPtr key = NewKey();
  if (!key) {
    return Fail(Code::kCryptoFailed, Op::kSign);
  }
  const Draft draft{.common_name = names.front().substr(0, 64),  // ub-common-name, RFC 5280
                    .key = key.get(),
                    .now = now,
                    .days = kServerCertificateDays,
                    .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                                   {NID_key_usage, "critical,digitalSignature"},
                                   {NID_ext_key_usage, "serverAuth"},
                                   {NID_subject_alt_name, *alternative_names},
                                   {NID_subject_key_identifier, "hash"},
                                   {NID_authority_key_identifier, "keyid:always"}}};
  const CertificatePtr certificate = Sign(draft, issuer.get(), issuer_key.get());
  Credential made{certificate ? ToPem(certificate.get()) : "", ToPem(key.get())};
  if (made.certificate_pem.empty() || made.key_pem.empty()) {
    return Fail(Code::kCryptoFailed, Op::kSign);
  }
  made.certificate_pem += ca.certificate_pem;
  return made;
}

Result<std::string> IssueDevice(const Credential& ca,
                                const DeviceSid& sid,
                                const PublicKey& key,
                                std::int64_t now) {
  const KeyPtr device_key = KeyFrom(key);
  if (!device_key) {
    return Fail(Code::kKeyInvalid, Op::kSign);
  }
  const CertificatePtr issuer = ReadCertificate(ca.certificate_pem);
  const KeyPtr issuer_key = ReadPrivateKey(ca.key_pem);
  if (!issuer || !issuer_key) {
    return Fail(Code::kKeyUnreadable, Op::kSign);
  }
  const Draft draft{.common_name = std::string(sid.text()),
                    .key = device_key.get(),
                    .now = now,
                    .days = kDeviceCertificateDays,
                    .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                                   {NID_key_usage, "critical,digitalSignature"},
                                   {NID_ext_key_usage, "clientAuth"},
                                   {NID_subject_key_identifier, "hash"},
                                   {NID_authority_key_identifier, "keyid:always"}}};
  const CertificatePtr certificate = Sign(draft, issuer.get(), issuer_key.get());
  std::string pem = certificate ? ToPem(certificate.get()) : "";
  if (pem.empty()) {
    return Fail(Code::kCryptoFailed, Op::kSign);
  }
  return pem;
}

Digest Fingerprint(const PublicKey& key) {
  std::array<std::uint8_t, kSpkiPrefix.size() + std::tuple_size_v<PublicKey>> der{};
  std::copy(kSpkiPrefix.begin(), kSpkiPrefix.end(), der.begin());
  std::copy(key.begin(), key.end(), der.begin() + kSpkiPrefix.size());
  Digest digest;
  SHA256(der.data(), der.size(), digest.bytes.data());
  return digest;
}

bool Matches(const Credential& credential) {
  const CertificatePtr certificate = ReadCertificate(credential.certificate_pem);
  const KeyPtr key = ReadPrivateKey(credential.key_pem);
  return certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
}

Result<std::vector<std::uint8_t>> ToDer(std::string_view pem) {
  const CertificatePtr certificate = ReadCertificate(pem);
  const int size = certificate ? i2d_X509(certificate.get(), nullptr) : 0;
  if (size <= 0) {
    return Fail(Code::kMalformed, Op::kParse);
  }
  std::vector<std::uint8_t> der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  i2d_X509(certificate.get(), &out);
  return der;
}

bool IsIssuedBy(std::string_view pem, std::string_view ca_pem) {
  const CertificatePtr certificate = ReadCertificate(pem);
  const CertificatePtr ca = ReadCertificate(ca_pem);
  const bool issued =
      certificate && ca && X509_verify(certificate.get(), X509_get0_pubkey(ca.get())) == 1;
  ERR_clear_error();
  return issued;
}

Result<std::int64_t> NotBefore(std::string_view pem) {
  const CertificatePtr certificate = ReadCertificate(pem);
  return TimeOf(certificate ? X509_get0_notBefore(certificate.get()) : nullptr);
}

Result<std::int64_t> NotAfter(std::string_view pem) {
  const CertificatePtr certificate = ReadCertificate(pem);
  return TimeOf(certificate ? X509_get0_notAfter(certificate.get()) : nullptr);
}

}  // namespace strata::cloud::pki
