// SPDX-License-Identifier: Apache-2.0
#include "pem_keys.hpp"

#include <string>

#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <sys/stat.h>

#include "files.hpp"

namespace strata::device {
namespace {

constexpr std::size_t kMaxPemBytes = 16 * 1024;

class PkContext {
 public:
  PkContext() { mbedtls_pk_init(&context_); }

  PkContext(const PkContext&) = delete;
  PkContext& operator=(const PkContext&) = delete;

  ~PkContext() { mbedtls_pk_free(&context_); }

  mbedtls_pk_context* get() { return &context_; }

 private:
  mbedtls_pk_context context_{};
};

class Certificates {
 public:
  Certificates() { mbedtls_x509_crt_init(&first_); }

  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  ~Certificates() { mbedtls_x509_crt_free(&first_); }

  mbedtls_x509_crt* get() { return &first_; }

 private:
  mbedtls_x509_crt first_{};
};

MutableByteSpan BytesOf(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

Failure InvalidKey(const std::filesystem::path& path, const std::string& what) {
  return {Fail(Code::kKeyInvalid, Op::kReadFile),
          path.string() + " is not " + what + "; provision the device again"};
}

/// The P-256 key pair of `pk`, or nullptr. Its public point is on the curve.
mbedtls_ecp_keypair* P256Of(mbedtls_pk_context& pk) {
  if (!mbedtls_pk_can_do(&pk, MBEDTLS_PK_ECKEY)) {
    return nullptr;
  }
  mbedtls_ecp_keypair* pair = mbedtls_pk_ec(pk);
  if (pair->grp.id != MBEDTLS_ECP_DP_SECP256R1 ||
      mbedtls_ecp_check_pubkey(&pair->grp, &pair->Q) != 0) {
    return nullptr;
  }
  return pair;
}

bool WritePoint(const mbedtls_ecp_keypair& pair, PublicKey& out) {
  std::size_t length = 0;
  return mbedtls_ecp_point_write_binary(
             &pair.grp, &pair.Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &length, out.data(), out.size()) ==
             0 &&
         length == out.size();
}

Outcome CheckPrivate(const std::filesystem::path& path) {
  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return FileFailure("read", path, errno);
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Failure{Fail(Code::kPermission, Op::kReadFile),
                   path.string() + " holds a private key and is open to others; run: chmod 600 " +
                       path.string()};
  }
  return Done{};
}

}  // namespace

Expected<PublicKey> ReadPrivateKeyPem(const std::filesystem::path& path, PrivateKey& out) {
  if (Outcome allowed = CheckPrivate(path); !allowed.ok()) {
    return allowed.failure();
  }
  auto text = ReadSmallFile(path, kMaxPemBytes);
  if (!text.ok()) {
    return text.failure();
  }
  PkContext pk;
  // Mbed TLS takes PEM with its terminating NUL counted.
  const int parsed =
      mbedtls_pk_parse_key(pk.get(), BytesOf(*text).data(), text->size() + 1, nullptr, 0);
  SecureZero(BytesOf(*text));
  mbedtls_ecp_keypair* pair = parsed == 0 ? P256Of(*pk.get()) : nullptr;
  PublicKey point{};
  if (pair == nullptr || mbedtls_mpi_write_binary(&pair->d, out.data(), out.size()) != 0 ||
      !WritePoint(*pair, point)) {
    return InvalidKey(path, "an unencrypted P-256 private key in PEM form");
  }
  return point;
}

Expected<PublicKey> ReadPublicKeyPem(const std::filesystem::path& path) {
  auto text = ReadSmallFile(path, kMaxPemBytes);
  if (!text.ok()) {
    return text.failure();
  }
  PkContext pk;
  const int parsed = mbedtls_pk_parse_public_key(pk.get(), BytesOf(*text).data(), text->size() + 1);
  const mbedtls_ecp_keypair* pair = parsed == 0 ? P256Of(*pk.get()) : nullptr;
  PublicKey point{};
  if (pair == nullptr || !WritePoint(*pair, point)) {
    return InvalidKey(path, "a P-256 public key in PEM form");
  }
  return point;
}

Expected<PublicKey> ReadCertificateKeyPem(const std::filesystem::path& path) {
  auto text = ReadSmallFile(path, kMaxPemBytes);
  if (!text.ok()) {
    return text.failure();
  }
  Certificates certificates;
  const int parsed =
      mbedtls_x509_crt_parse(certificates.get(), BytesOf(*text).data(), text->size() + 1);
  if (parsed != 0 || certificates.get()->next != nullptr) {
    return InvalidKey(path, "exactly one certificate in PEM form");
  }
  const mbedtls_ecp_keypair* pair = P256Of(certificates.get()->pk);
  PublicKey point{};
  if (pair == nullptr || !WritePoint(*pair, point)) {
    return InvalidKey(path, "the certificate of a P-256 key");
  }
  return point;
}

}  // namespace strata::device
