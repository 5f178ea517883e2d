// SPDX-License-Identifier: Apache-2.0
#include "hpke.hpp"

#include <algorithm>
#include <cstdlib>

#include <openssl/err.h>
#include <openssl/hmac.h>

#include "try.hpp"

namespace strata::bundle::hpke {
namespace {

constexpr std::array<std::uint8_t, 5> kKemSuite = {'K', 'E', 'M', 0x00, 0x10};
constexpr std::array<std::uint8_t, 10> kHpkeSuite = {
    'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, 0x00, 0x01};
constexpr std::string_view kVersionLabel = "HPKE-v1";
constexpr std::uint8_t kBaseMode = 0x00;
constexpr std::size_t kHashBytes = 32;

void Hmac(ByteSpan key, ByteSpan data, std::span<std::uint8_t, kHashBytes> out) {
  static constexpr std::uint8_t kNoKey = 0;  // an empty key still needs an address
  unsigned int length = 0;
  if (HMAC(EVP_sha256(),
           key.empty() ? &kNoKey : key.data(),
           static_cast<int>(key.size()),
           data.data(),
           data.size(),
           out.data(),
           &length) == nullptr) {
    std::abort();  // only when memory is gone or the library is broken
  }
}

void LabeledExtract(ByteSpan salt,
                    ByteSpan suite,
                    std::string_view label,
                    ByteSpan ikm,
                    std::span<std::uint8_t, kHashBytes> out) {
  bundle::SecretBytes labeled;
  labeled.Append(AsBytes(kVersionLabel));
  labeled.Append(suite);
  labeled.Append(AsBytes(label));
  labeled.Append(ikm);
  Hmac(salt, labeled.span(), out);
}

void LabeledExpand(
    ByteSpan prk, ByteSpan suite, std::string_view label, ByteSpan info, MutableByteSpan out) {
  Secret<kHashBytes> block;
  std::size_t done = 0;
  for (std::uint8_t counter = 1; done < out.size(); ++counter) {
    bundle::SecretBytes input;
    if (done > 0) {
      input.Append(block.bytes());
    }
    input.Append(BigEndian(static_cast<std::uint16_t>(out.size())));
    input.Append(AsBytes(kVersionLabel));
    input.Append(suite);
    input.Append(AsBytes(label));
    input.Append(info);
    input.Append(std::array<std::uint8_t, 1>{counter});
    Hmac(prk, input.span(), block.bytes());
    const std::size_t piece = std::min(kHashBytes, out.size() - done);
    std::copy_n(block.bytes().begin(), piece, out.begin() + static_cast<std::ptrdiff_t>(done));
    done += piece;
  }
}

Outcome DiffieHellman(const PrivateKey& own, const PublicKey& peer, SharedSecret& out) {
  const PkeyPtr own_key = ToPkey(own.public_key(), own.scalar());
  const PkeyPtr peer_key = ToPkey(peer);
  std::size_t length = out.bytes().size();
  if (own_key == nullptr || peer_key == nullptr) {
    return MakeFailure(Code::kKeyInvalid, Op::kNone);
  }
  const PkeyContextPtr context(EVP_PKEY_CTX_new(own_key.get(), nullptr));
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer_key.get()) != 1 ||
      EVP_PKEY_derive(context.get(), out.bytes().data(), &length) != 1 ||
      length != out.bytes().size()) {
    ERR_clear_error();
    return MakeFailure(Code::kKeyInvalid, Op::kNone);
  }
  return Done{};
}

// ExtractAndExpand of §4.1.
void FinishKem(const SharedSecret& dh,
               const PublicKey& enc,
               const PublicKey& recipient,
               SharedSecret& out) {
  std::array<std::uint8_t, 130> kem_context{};
  std::copy(
      recipient.begin(), recipient.end(), std::copy(enc.begin(), enc.end(), kem_context.begin()));
  SharedSecret prk;
  LabeledExtract({}, kKemSuite, "eae_prk", dh.bytes(), prk.bytes());
  LabeledExpand(prk.bytes(), kKemSuite, "shared_secret", kem_context, out.bytes());
}

// One AES-128-GCM operation of a context whose key is set; the tag follows the ciphertext.
bool SealOnce(EVP_CIPHER_CTX* cipher,
              std::span<const std::uint8_t, kNonceBytes> nonce,
              ByteSpan aad,
              ByteSpan plaintext,
              MutableByteSpan out) {
  int length = 0;
  return EVP_EncryptInit_ex(cipher, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_EncryptUpdate(cipher, nullptr, &length, aad.data(), static_cast<int>(aad.size())) ==
             1 &&
         EVP_EncryptUpdate(
             cipher, out.data(), &length, plaintext.data(), static_cast<int>(plaintext.size())) ==
             1 &&
         EVP_EncryptFinal_ex(cipher, out.data() + length, &length) == 1 &&
         EVP_CIPHER_CTX_ctrl(
             cipher, EVP_CTRL_AEAD_GET_TAG, kTagBytes, out.data() + plaintext.size()) == 1;
}

bool OpenOnce(EVP_CIPHER_CTX* cipher,
              std::span<const std::uint8_t, kNonceBytes> nonce,
              ByteSpan aad,
              ByteSpan ciphertext,
              MutableByteSpan out) {
  std::array<std::uint8_t, kTagBytes> tag{};
  std::copy_n(ciphertext.end() - kTagBytes, kTagBytes, tag.begin());
  int length = 0;
  return EVP_DecryptInit_ex(cipher, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_DecryptUpdate(cipher, nullptr, &length, aad.data(), static_cast<int>(aad.size())) ==
             1 &&
         EVP_DecryptUpdate(
             cipher, out.data(), &length, ciphertext.data(), static_cast<int>(out.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(cipher, out.data() + length, &length) == 1;
}

}  // namespace

Expected<PrivateKey> DeriveKeyPair(ByteSpan ikm) {
  SharedSecret prk;
  LabeledExtract({}, kKemSuite, "dkp_prk", ikm, prk.bytes());
  for (unsigned counter = 0; counter <= 255; ++counter) {
    SharedSecret candidate;
    const std::array<std::uint8_t, 1> info = {static_cast<std::uint8_t>(counter)};
    LabeledExpand(prk.bytes(), kKemSuite, "candidate", info, candidate.bytes());
    if (auto key = PrivateKey::FromScalar(candidate.bytes())) {
      return key;
    }
  }
  return MakeFailure(Code::kCryptoFailed, Op::kNone);
}

Outcome Encapsulate(const PrivateKey& ephemeral, const PublicKey& recipient, SharedSecret& out) {
  SharedSecret dh;
  BUNDLE_TRY(DiffieHellman(ephemeral, recipient, dh));
  FinishKem(dh, ephemeral.public_key(), recipient, out);
  return Done{};
}

Outcome Decapsulate(const PublicKey& enc, const PrivateKey& recipient, SharedSecret& out) {
  SharedSecret dh;
  BUNDLE_TRY(DiffieHellman(recipient, enc, dh));
  FinishKem(dh, enc, recipient.public_key(), out);
  return Done{};
}

void DeriveKeySchedule(const SharedSecret& shared_secret, ByteSpan info, KeySchedule& out) {
  const std::span<std::uint8_t, 65> context(out.context);
  context[0] = kBaseMode;
  LabeledExtract({}, kHpkeSuite, "psk_id_hash", {}, context.subspan<1, 32>());
  LabeledExtract({}, kHpkeSuite, "info_hash", info, context.subspan<33, 32>());
  LabeledExtract(shared_secret.bytes(), kHpkeSuite, "secret", {}, out.secret.bytes());
  LabeledExpand(out.secret.bytes(), kHpkeSuite, "key", context, out.key.bytes());
  LabeledExpand(out.secret.bytes(), kHpkeSuite, "base_nonce", context, out.base_nonce);
  LabeledExpand(out.secret.bytes(), kHpkeSuite, "exp", context, out.exporter_secret.bytes());
}

std::vector<std::uint8_t> Export(const KeySchedule& schedule,
                                 ByteSpan context,
                                 std::size_t length) {
  std::vector<std::uint8_t> out(length);
  LabeledExpand(schedule.exporter_secret.bytes(), kHpkeSuite, "sec", context, out);
  return out;
}

std::array<std::uint8_t, kNonceBytes> NonceAt(const KeySchedule& schedule, std::uint64_t sequence) {
  std::array<std::uint8_t, kNonceBytes> nonce = schedule.base_nonce;
  const auto counter = BigEndian(sequence);
  for (std::size_t i = 0; i < counter.size(); ++i) {
    nonce[kNonceBytes - counter.size() + i] ^= counter[i];
  }
  return nonce;
}

Sealer::Sealer(const KeySchedule& schedule) : schedule_(schedule), cipher_(EVP_CIPHER_CTX_new()) {
  if (cipher_ == nullptr ||
      EVP_EncryptInit_ex(
          cipher_.get(), EVP_aes_128_gcm(), nullptr, schedule.key.bytes().data(), nullptr) != 1) {
    cipher_.reset();
  }
}

Outcome Sealer::Seal(ByteSpan aad, ByteSpan plaintext, MutableByteSpan out) {
  if (cipher_ == nullptr || out.size() != plaintext.size() + kTagBytes ||
      !SealOnce(cipher_.get(), NonceAt(schedule_, sequence_), aad, plaintext, out)) {
    return MakeFailure(Code::kCryptoFailed, Op::kEncrypt);
  }
  ++sequence_;
  return Done{};
}

Opener::Opener(const KeySchedule& schedule) : schedule_(schedule), cipher_(EVP_CIPHER_CTX_new()) {
  if (cipher_ == nullptr ||
      EVP_DecryptInit_ex(
          cipher_.get(), EVP_aes_128_gcm(), nullptr, schedule.key.bytes().data(), nullptr) != 1) {
    cipher_.reset();
  }
}

Outcome Opener::Open(ByteSpan aad, ByteSpan ciphertext, MutableByteSpan out) {
  if (cipher_ == nullptr || ciphertext.size() < kTagBytes ||
      out.size() != ciphertext.size() - kTagBytes ||
      !OpenOnce(cipher_.get(), NonceAt(schedule_, sequence_), aad, ciphertext, out)) {
    return MakeFailure(Code::kLayerDecryptFailed, Op::kDecrypt);
  }
  ++sequence_;
  return Done{};
}

}  // namespace strata::bundle::hpke
