// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/keys.hpp"

#include <algorithm>
#include <array>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "strata/core/hex.hpp"

#include "openssl.hpp"
#include "sha256.hpp"
#include "sign_digest.hpp"
#include "try.hpp"

namespace strata::bundle {

struct PrivateKey::Material {
  Secret<kPrivateKeyBytes> scalar;
  PublicKey public_key{};
};

namespace {

constexpr std::size_t kMaxPemBytes = 64 * 1024;
constexpr std::array<std::uint8_t, 1> kNul = {0};

// DER of SubjectPublicKeyInfo {ecPublicKey, prime256v1, BIT STRING of 65 bytes} up to the point
// (RFC 5480 §2).
constexpr std::array<std::uint8_t, 26> kSpkiHead = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

BioPtr Reader(std::string_view pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

PkeyPtr ReadPrivate(std::string_view pem) {
  const BioPtr bio = Reader(pem);
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, RefusePassphrase, nullptr));
  ERR_clear_error();
  return key;
}

PkeyPtr ReadPublic(std::string_view pem) {
  const BioPtr bio = Reader(pem);
  PkeyPtr key(PEM_read_bio_PUBKEY(bio.get(), nullptr, RefusePassphrase, nullptr));
  ERR_clear_error();
  return key;
}

bool IsP256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  const bool named = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
                     EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1;
  ERR_clear_error();
  return named && std::string_view(group.data()) == SN_X9_62_prime256v1;
}

bool GetNumber(const EVP_PKEY* key, const char* name, std::span<std::uint8_t, 32> out) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) {
    ERR_clear_error();
    return false;
  }
  const BignumPtr owner(number);
  return BN_bn2binpad(number, out.data(), static_cast<int>(out.size())) ==
         static_cast<int>(out.size());
}

std::string Drain(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

Failure WrongType(const char* what) {
  return {Error{Code::kKeyWrongType, Op::kParse, 0}, what};
}

}  // namespace

PrivateKey::PrivateKey(std::unique_ptr<Material> material) : material_(std::move(material)) {}

PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

Expected<PrivateKey> PrivateKey::Generate() {
  // A random string is a valid scalar but for one in 2^32; eight misses mean broken randomness.
  for (int attempt = 0; attempt < 8; ++attempt) {
    Secret<kPrivateKeyBytes> scalar;
    if (RAND_priv_bytes(scalar.bytes().data(), static_cast<int>(kPrivateKeyBytes)) != 1) {
      break;
    }
    if (auto key = FromScalar(scalar.bytes())) {
      return key;
    }
  }
  ERR_clear_error();
  return MakeFailure(Code::kEntropyFailed, Op::kNone);
}

Expected<PrivateKey> PrivateKey::FromPem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) {
    return MakeFailure(Code::kKeyUnreadable, Op::kParse);
  }
  const PkeyPtr pkey = ReadPrivate(pem);
  if (pkey == nullptr) {
    if (ReadPublic(pem) != nullptr) {
      return WrongType("a public key stands where a private key is needed");
    }
    return MakeFailure(Code::kKeyUnreadable, Op::kParse);
  }
  if (!IsP256(pkey.get())) {
    return WrongType("the key is not a P-256 key");
  }
  Secret<kPrivateKeyBytes> scalar;
  if (!GetNumber(pkey.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.bytes())) {
    return MakeFailure(Code::kKeyUnreadable, Op::kParse);
  }
  return FromScalar(scalar.bytes());
}

Expected<PrivateKey> PrivateKey::FromScalar(
    std::span<const std::uint8_t, kPrivateKeyBytes> scalar) {
  const std::optional<PublicKey> point = PointOf(scalar);
  if (!point) {
    return MakeFailure(Code::kKeyInvalid, Op::kParse);
  }
  auto material = std::make_unique<Material>();
  std::copy(scalar.begin(), scalar.end(), material->scalar.bytes().begin());
  material->public_key = *point;
  return PrivateKey(std::move(material));
}

const PublicKey& PrivateKey::public_key() const {
  return material_->public_key;
}

std::span<const std::uint8_t, kPrivateKeyBytes> PrivateKey::scalar() const {
  return std::as_const(material_->scalar).bytes();
}

Expected<std::string> PrivateKey::ToPem() const {
  const PkeyPtr pkey = ToPkey(public_key(), scalar());
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (pkey == nullptr || bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    ERR_clear_error();
    return MakeFailure(Code::kCryptoFailed, Op::kNone);
  }
  return Drain(bio.get());
}

Expected<Signature> PrivateKey::Sign(std::string_view prefix, ByteSpan message) const {
  Sha256Hasher hasher;
  hasher.Update(AsBytes(prefix));
  hasher.Update(kNul);
  hasher.Update(message);
  return SignDigest(scalar(), hasher.Finish());
}

Expected<PublicKey> PublicKeyFromPem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) {
    return MakeFailure(Code::kKeyUnreadable, Op::kParse);
  }
  const PkeyPtr pkey = ReadPublic(pem);
  if (pkey == nullptr) {
    if (ReadPrivate(pem) != nullptr) {
      return WrongType("a private key stands where a public key is needed");
    }
    return MakeFailure(Code::kKeyUnreadable, Op::kParse);
  }
  if (!IsP256(pkey.get())) {
    return WrongType("the key is not a P-256 key");
  }
  PublicKey key{};
  key[0] = 0x04;
  const std::span<std::uint8_t, 65> all(key);
  if (!GetNumber(pkey.get(), OSSL_PKEY_PARAM_EC_PUB_X, all.subspan<1, 32>()) ||
      !GetNumber(pkey.get(), OSSL_PKEY_PARAM_EC_PUB_Y, all.subspan<33, 32>())) {
    return MakeFailure(Code::kKeyUnreadable, Op::kParse);
  }
  return key;
}

Expected<std::string> PublicKeyToPem(const PublicKey& key) {
  const PkeyPtr pkey = ToPkey(key);
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (pkey == nullptr || bio == nullptr || PEM_write_bio_PUBKEY(bio.get(), pkey.get()) != 1) {
    ERR_clear_error();
    return MakeFailure(Code::kKeyInvalid, Op::kNone);
  }
  return Drain(bio.get());
}

Digest PublicKeyFingerprint(const PublicKey& key) {
  Sha256Hasher hasher;
  hasher.Update(kSpkiHead);
  hasher.Update(key);
  return hasher.Finish();
}

bool IsOnCurve(const PublicKey& key) {
  return ToPkey(key) != nullptr;
}

KeyId KeyIdOf(KeyType type, const PublicKey& key) {
  Sha256Hasher hasher;
  hasher.Update(BigEndian(static_cast<std::uint16_t>(type)));
  hasher.Update(key);
  return KeyIdFromDigest(hasher.Finish());
}

std::string KeyIdText(KeyId id) {
  std::string text(16, '0');
  ToHex(BigEndian(static_cast<std::uint64_t>(id)), text);
  return text;
}

bool VerifySignature(const PublicKey& key,
                     std::string_view prefix,
                     ByteSpan message,
                     const Signature& signature) {
  const PkeyPtr pkey = ToPkey(key);
  const EcdsaSigPtr pair(ECDSA_SIG_new());
  BignumPtr r(BN_bin2bn(signature.data(), 32, nullptr));
  BignumPtr s(BN_bin2bn(signature.data() + 32, 32, nullptr));
  if (pkey == nullptr || pair == nullptr || r == nullptr || s == nullptr ||
      ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
    return false;
  }
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  std::array<unsigned char, 80> der{};  // two integers of at most 33 bytes and three headers
  unsigned char* end = der.data();
  const int der_bytes = i2d_ECDSA_SIG(pair.get(), &end);
  const DigestContextPtr context(EVP_MD_CTX_new());
  const bool valid =
      der_bytes > 0 && context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, pkey.get()) == 1 &&
      EVP_DigestVerifyUpdate(context.get(), prefix.data(), prefix.size()) == 1 &&
      EVP_DigestVerifyUpdate(context.get(), kNul.data(), kNul.size()) == 1 &&
      EVP_DigestVerifyUpdate(context.get(), message.data(), message.size()) == 1 &&
      EVP_DigestVerifyFinal(context.get(), der.data(), static_cast<std::size_t>(der_bytes)) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace strata::bundle
