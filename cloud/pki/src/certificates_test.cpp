// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/pki/certificates.hpp"

#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "openssl.hpp"

namespace strata::cloud::pki {
namespace {

using StorePtr = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;

std::int64_t Now() {
  return static_cast<std::int64_t>(std::time(nullptr));
}

DeviceSid TestSid() {
  return *DeviceSid::Parse("UV00112233445566778899aabbccddeeff");
}

std::string MakeCsr(EVP_PKEY* key, EVP_PKEY* signer) {
  const RequestPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key);
  X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()),
                             "CN",
                             MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("UVsomeone-else"),
                             -1,
                             -1,
                             0);
  X509_REQ_sign(request.get(), signer, EVP_sha256());
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(bio.get(), request.get());
  return TakeText(bio.get());
}

std::string Spki(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

/// OpenSSL's verdict on `leaf` under `ca` for a purpose.
int Verify(const std::string& ca, const std::string& leaf, int purpose) {
  const CertificatePtr root = ReadCertificate(ca);
  const CertificatePtr certificate = ReadCertificate(leaf);
  const StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), root.get());
  const StoreContextPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

TEST(Certificates, IssueDevice_FromCheckedRequest_IsAClientOfTheDeviceCaOnly) {
  const auto device_ca = MakeCa(CaUse::kDevices, Now());
  const auto server_ca = MakeCa(CaUse::kServer, Now());
  const KeyPtr key(EVP_EC_gen("P-256"));
  const auto point = ParseCsr(MakeCsr(key.get(), key.get()));
  ASSERT_TRUE(device_ca.ok() && server_ca.ok() && point.ok());

  const auto pem = IssueDevice(*device_ca, TestSid(), *point, Now());

  ASSERT_TRUE(pem.ok());
  EXPECT_EQ(Verify(device_ca->certificate_pem, *pem, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  EXPECT_NE(Verify(device_ca->certificate_pem, *pem, X509_PURPOSE_SSL_SERVER), X509_V_OK);
  EXPECT_NE(Verify(server_ca->certificate_pem, *pem, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  const CertificatePtr certificate = ReadCertificate(*pem);
  char name[64] = {};
  X509_NAME_get_text_by_NID(
      X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof(name));
  EXPECT_EQ(std::string(name), TestSid().text());
  EXPECT_EQ(X509_get_key_usage(certificate.get()),
            static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE));
}

TEST(Certificates, IssueDevice_Twice_HasDifferentSerials) {
  const auto ca = MakeCa(CaUse::kDevices, Now());
  const KeyPtr key(EVP_EC_gen("P-256"));
  const auto point = ParseCsr(MakeCsr(key.get(), key.get()));
  const auto first = IssueDevice(*ca, TestSid(), *point, Now());
  const auto second = IssueDevice(*ca, TestSid(), *point, Now());
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(ReadCertificate(*first).get()),
                             X509_get0_serialNumber(ReadCertificate(*second).get())),
            0);
}

TEST(Certificates, IssueDevice_PointOffTheCurve_IsRefused) {
  const auto ca = MakeCa(CaUse::kDevices, Now());
  PublicKey point{};
  point[0] = 0x04;
  point[1] = 0x01;
  EXPECT_EQ(IssueDevice(*ca, TestSid(), point, Now()).error().code, Code::kKeyInvalid);
}

TEST(Certificates, IssueDevice_WithTheServerCa_MakesNoDeviceCertificate) {
  const auto server_ca = MakeCa(CaUse::kServer, Now());
  const KeyPtr key(EVP_EC_gen("P-256"));
  const auto point = ParseCsr(MakeCsr(key.get(), key.get()));
  const auto pem = IssueDevice(*server_ca, TestSid(), *point, Now());
  EXPECT_NE(Verify(server_ca->certificate_pem, *pem, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
}

TEST(Certificates, IssueServer_NamesAndAddresses_AreAccepted) {
  const auto ca = MakeCa(CaUse::kServer, Now());
  const std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  const auto server = IssueServer(*ca, names, Now());
  ASSERT_TRUE(server.ok());
  EXPECT_EQ(Verify(ca->certificate_pem, server->certificate_pem, X509_PURPOSE_SSL_SERVER),
            X509_V_OK);
  EXPECT_NE(Verify(ca->certificate_pem, server->certificate_pem, X509_PURPOSE_SSL_CLIENT),
            X509_V_OK);
  const CertificatePtr certificate = ReadCertificate(server->certificate_pem);
  EXPECT_EQ(X509_check_host(certificate.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "elsewhere", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "::1", 0), 1);
  EXPECT_TRUE(Matches(*server));
  EXPECT_FALSE(Matches({server->certificate_pem, ca->key_pem}));
}

TEST(Certificates, IssueServer_NameThatSmugglesAnother_IsRefused) {
  const auto ca = MakeCa(CaUse::kServer, Now());
  for (const char* bad : {"a,DNS:evil", "", "-x", "a b", "x\ny"}) {
    const std::vector<std::string> names = {bad};
    EXPECT_EQ(IssueServer(*ca, names, Now()).error().code, Code::kInvalidArgument) << bad;
  }
}

TEST(Certificates, NotAfter_OfAServerCertificate_IsItsLifetimeAway) {
  const auto ca = MakeCa(CaUse::kServer, Now());
  const std::vector<std::string> names = {"localhost"};
  const auto server = IssueServer(*ca, names, 1'000'000'000);
  EXPECT_EQ(*NotAfter(server->certificate_pem), 1'000'000'000 + kServerCertificateDays * 86400);
  EXPECT_EQ(NotAfter("nonsense").error().code, Code::kMalformed);
}

TEST(Csr, ParseCsr_SignedByAnotherKey_IsRefused) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const KeyPtr other(EVP_EC_gen("P-256"));
  EXPECT_EQ(ParseCsr(MakeCsr(key.get(), other.get())).error().code, Code::kSignatureInvalid);
}

TEST(Csr, ParseCsr_OtherCurveOrRsa_IsRefused) {
  const KeyPtr p384(EVP_EC_gen("P-384"));
  const KeyPtr rsa(EVP_RSA_gen(2048));
  EXPECT_EQ(ParseCsr(MakeCsr(p384.get(), p384.get())).error().code, Code::kKeyWrongType);
  EXPECT_EQ(ParseCsr(MakeCsr(rsa.get(), rsa.get())).error().code, Code::kKeyWrongType);
}

TEST(Csr, ParseCsr_NoiseOrTooMuch_IsRefused) {
  EXPECT_EQ(ParseCsr("").error().code, Code::kMalformed);
  EXPECT_EQ(ParseCsr("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n").error().code, Code::kMalformed);
  EXPECT_EQ(ParseCsr(std::string(kMaxCsrBytes + 1, 'A')).error().code, Code::kTooLarge);
}

TEST(Certificates, Fingerprint_OfAPoint_IsTheHashOfItsSpki) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const auto point = ParseCsr(MakeCsr(key.get(), key.get()));
  const std::string der = Spki(key.get());
  Digest expected;
  EVP_Digest(der.data(), der.size(), expected.bytes.data(), nullptr, EVP_sha256(), nullptr);
  EXPECT_EQ(Fingerprint(*point), expected);
}

}  // namespace
}  // namespace strata::cloud::pki
