// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/pki/master_keys.hpp"

#include <algorithm>
#include <array>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "strata/core/hex.hpp"
#include "strata/core/secure.hpp"

#include "openssl.hpp"

namespace strata::cloud::pki {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeadBytes = 1 + kIdBytes;
constexpr std::size_t kOverheadBytes = kHeadBytes + kNonceBytes + kTagBytes;
constexpr std::size_t kMaxPlainBytes = 1U << 20U;
constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kLineStart = "strata-master-key-v1 ";
constexpr std::string_view kIdPrefix("strata-master-key-v1\0", 21);

using KeyId = std::array<std::uint8_t, kIdBytes>;
using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;

KeyId IdOf(std::span<const std::uint8_t, kKeyBytes> key) {
  Secret<kIdPrefix.size() + kKeyBytes> input;
  const auto rest = std::copy(kIdPrefix.begin(), kIdPrefix.end(), input.bytes().begin());
  std::copy(key.begin(), key.end(), rest);
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256(input.bytes().data(), input.bytes().size(), digest.data());
  KeyId id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

std::string HexOf(ByteSpan bytes) {
  std::string text(2 * bytes.size(), '\0');
  ToHex(bytes, text);
  return text;
}

/// Both parts of the additional data. false: OpenSSL failed.
bool AddContext(EVP_CIPHER_CTX* cipher, bool sealing, ByteSpan head, ByteSpan context) {
  const auto update = sealing ? EVP_EncryptUpdate : EVP_DecryptUpdate;
  int length = 0;
  return update(cipher, nullptr, &length, head.data(), static_cast<int>(head.size())) == 1 &&
         update(cipher, nullptr, &length, context.data(), static_cast<int>(context.size())) == 1;
}

constexpr Error kFailed = Fail(Code::kCryptoFailed);

}  // namespace

struct MasterKeys::Key {
  Secret<kKeyBytes> bytes;
  KeyId id{};
};

MasterKeys::MasterKeys() = default;
MasterKeys::~MasterKeys() = default;

Result<std::unique_ptr<MasterKeys>> MasterKeys::Generate() {
  std::unique_ptr<MasterKeys> made(new MasterKeys);
  auto key = std::make_unique<Key>();
  if (RAND_priv_bytes(key->bytes.bytes().data(), kKeyBytes) != 1) {
    return Fail(Code::kEntropyFailed);
  }
  key->id = IdOf(key->bytes.bytes());
  made->keys_.push_back(std::move(key));
  return made;
}

Result<std::unique_ptr<MasterKeys>> MasterKeys::Parse(std::string_view text) {
  constexpr std::size_t kLineChars = kLineStart.size() + 2 * kKeyBytes + 1;
  std::unique_ptr<MasterKeys> parsed(new MasterKeys);
  const std::size_t lines = text.size() / kLineChars;
  if (text.size() % kLineChars != 0 || lines < 1 || lines > 2) {
    return Fail(Code::kMalformed, Op::kParse);
  }
  for (std::size_t i = 0; i < lines; ++i) {
    const std::string_view line = text.substr(i * kLineChars, kLineChars);
    auto key = std::make_unique<Key>();
    if (!line.starts_with(kLineStart) || line.back() != '\n' ||
        !FromHex(line.substr(kLineStart.size(), 2 * kKeyBytes), key->bytes.bytes())) {
      return Fail(Code::kMalformed, Op::kParse);
    }
    key->id = IdOf(key->bytes.bytes());
    parsed->keys_.push_back(std::move(key));
  }
  if (lines == 2 && parsed->keys_[0]->id == parsed->keys_[1]->id) {
    return Fail(Code::kMalformed, Op::kParse);
  }
  return parsed;
}

Result<std::unique_ptr<MasterKeys>> MasterKeys::Rotated() const {
  STRATA_TRY_ASSIGN(std::unique_ptr<MasterKeys> rotated, Generate());
  rotated->keys_.push_back(std::move(NewestOnly()->keys_.front()));
  return rotated;
}

std::unique_ptr<MasterKeys> MasterKeys::NewestOnly() const {
  std::unique_ptr<MasterKeys> newest(new MasterKeys);
  auto key = std::make_unique<Key>();
  std::ranges::copy(keys_.front()->bytes.bytes(), key->bytes.bytes().begin());
  key->id = keys_.front()->id;
  newest->keys_.push_back(std::move(key));
  return newest;
}

std::string MasterKeys::Text() const {
  std::string text;
  for (const auto& key : keys_) {
    text += kLineStart;
    text += HexOf(key->bytes.bytes());
    text += '\n';
  }
  return text;
}

std::vector<std::string> MasterKeys::ids() const {
  std::vector<std::string> ids;
  for (const auto& key : keys_) {
    ids.push_back(HexOf(key->id));
  }
  return ids;
}

std::string MasterKeys::newest_key_id() const {
  return HexOf(keys_.front()->id);
}

Result<SealedValue> MasterKeys::Seal(ByteSpan context, ByteSpan plain) {
  if (plain.size() > kMaxPlainBytes || context.size() > kMaxPlainBytes) {
    return Fail(Code::kTooLarge);
  }
  const Key& key = *keys_.front();
  std::vector<std::uint8_t> out(kOverheadBytes + plain.size());
  out[0] = kFormat;
  std::copy(key.id.begin(), key.id.end(), out.begin() + 1);
  std::uint8_t* const nonce = out.data() + kHeadBytes;
  std::uint8_t* const text = nonce + kNonceBytes;
  if (RAND_bytes(nonce, kNonceBytes) != 1) {
    return Fail(Code::kEntropyFailed);
  }
  const CipherPtr cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  int rest = 0;
  const bool sealed =
      cipher != nullptr &&
      EVP_EncryptInit_ex(
          cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.bytes().data(), nonce) == 1 &&
      AddContext(cipher.get(), true, ByteSpan(out).first(kHeadBytes), context) &&
      EVP_EncryptUpdate(
          cipher.get(), text, &length, plain.data(), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), text + length, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, text + plain.size()) == 1;
  if (!sealed) {
    return kFailed;
  }
  return SealedValue{HexOf(key.id), std::move(out)};
}

Result<std::vector<std::uint8_t>> MasterKeys::Open(ByteSpan context, ByteSpan sealed) {
  if (sealed.size() < kOverheadBytes || sealed.size() > kMaxPlainBytes + kOverheadBytes ||
      context.size() > kMaxPlainBytes || sealed[0] != kFormat) {
    return kFailed;
  }
  const ByteSpan head = sealed.first(kHeadBytes);
  const auto found = std::ranges::find_if(keys_, [&](const std::unique_ptr<Key>& key) {
    return std::ranges::equal(key->id, head.subspan(1));
  });
  if (found == keys_.end()) {
    return Fail(Code::kKeyInvalid);
  }
  const ByteSpan nonce = sealed.subspan(kHeadBytes, kNonceBytes);
  const ByteSpan text = sealed.subspan(kHeadBytes + kNonceBytes, sealed.size() - kOverheadBytes);
  std::array<std::uint8_t, kTagBytes> tag{};
  std::ranges::copy(sealed.last(kTagBytes), tag.begin());
  // One byte more: a buffer of no bytes has no address, and OpenSSL takes none for "additional".
  std::vector<std::uint8_t> plain(text.size() + 1);
  const CipherPtr cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  int rest = 0;
  const bool opened =
      cipher != nullptr &&
      EVP_DecryptInit_ex(
          cipher.get(), EVP_aes_256_gcm(), nullptr, (*found)->bytes.bytes().data(), nonce.data()) ==
          1 &&
      AddContext(cipher.get(), false, head, context) &&
      EVP_DecryptUpdate(
          cipher.get(), plain.data(), &length, text.data(), static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), plain.data() + length, &rest) == 1;
  if (!opened) {
    SecureZero(plain);
    return kFailed;
  }
  plain.resize(text.size());
  return plain;
}

}  // namespace strata::cloud::pki
