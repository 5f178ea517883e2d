// SPDX-License-Identifier: Apache-2.0
#include "memo_for_test.hpp"

// The functions over a plain struct fit ports::HashState; the newer ones need a heap.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <algorithm>
#include <cstring>
#include <new>

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/mman.h>

#include "strata/sim/panic.hpp"

namespace strata::sim {
namespace {

constexpr std::size_t kEntries = std::size_t{1} << 15;
constexpr std::size_t kProbes = 32;
constexpr std::uint64_t kOddLow = 0x9E3779B97F4A7C15;
constexpr std::uint64_t kOddHigh = 0xC2B2AE3D27D4EB4F;

enum class What : std::uint8_t { kVerify = 1, kEcdh, kPublicOf, kSign };

static_assert(sizeof(SHA256_CTX) <= sizeof(ports::HashState::storage));
constexpr std::size_t kBlockBytes = SHA256_CBLOCK;

SHA256_CTX* ContextOf(ports::HashState& state) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(state.storage.data()));
}

Status Check(int done) {
  return done == 1 ? Status() : Fail(Code::kCryptoFailed);
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

/// Starts a hash with a key's padded block.
void StartKeyed(SHA256_CTX& context,
                std::array<std::uint8_t, kBlockBytes> block,
                std::uint8_t pad) {
  for (std::uint8_t& byte : block) {
    byte ^= pad;
  }
  SHA256_Init(&context);
  SHA256_Update(&context, block.data(), block.size());
}

Memo::Key KeyOf(What what) {
  Memo::Key key;
  const auto byte = static_cast<std::uint8_t>(what);
  key.Add(ByteSpan(&byte, 1));
  return key;
}

Status Remember(Memo& memo, const Memo::Key& key, const Status& status, ByteSpan result) {
  Memo::Value value;
  value.error = status.ok() ? Error() : status.error();
  std::copy(result.begin(), result.end(), value.bytes.begin());
  memo.Store(key, value);
  return status;
}

Status Recall(const Memo::Value& value, MutableByteSpan out) {
  if (value.error.code != Code::kOk) {
    return value.error;
  }
  std::copy_n(value.bytes.begin(), out.size(), out.begin());
  return {};
}

}  // namespace

struct Memo::Entry {
  bool used = false;
  Key key;
  Value value;
};

void Memo::Key::Add(ByteSpan bytes) {
  const std::uint64_t size = bytes.size();
  low = (low ^ size) * kOddLow;
  high = (high + size) * kOddHigh;
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t piece = std::min(sizeof(word), bytes.size());
    std::memcpy(&word, bytes.data(), piece);
    low = (low ^ word) * kOddLow;
    low ^= low >> 32;
    high = (high + word) * kOddHigh;
    high ^= high >> 29;
    bytes = bytes.subspan(piece);
  }
}

Memo::Memo() {
  void* shared = mmap(
      nullptr, kEntries * sizeof(Entry), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    Panic("no shared memory");
  }
  entries_ = static_cast<Entry*>(shared);  // zeros are unused entries
}

Memo::~Memo() {
  munmap(entries_, kEntries * sizeof(Entry));
}

const Memo::Value* Memo::Find(const Key& key) const {
  for (std::size_t i = 0; i < kProbes; ++i) {
    const Entry& entry = entries_[(key.low + i) % kEntries];
    if (!entry.used) {
      return nullptr;
    }
    if (entry.key == key) {
      return &entry.value;
    }
  }
  return nullptr;
}

void Memo::Store(const Key& key, const Value& value) {
  for (std::size_t i = 0; i < kProbes; ++i) {
    Entry& entry = entries_[(key.low + i) % kEntries];
    if (!entry.used) {
      entry.key = key;
      entry.value = value;
      entry.used = true;
      return;
    }
  }
}

Status MemoCrypto::HashStart(ports::HashState& state) {
  return Check(SHA256_Init(new (state.storage.data()) SHA256_CTX));
}

Status MemoCrypto::HashUpdate(ports::HashState& state, ByteSpan data) {
  return Check(SHA256_Update(ContextOf(state), data.data(), data.size()));
}

Status MemoCrypto::HashFinish(ports::HashState& state, Digest& out) {
  return Check(SHA256_Final(out.bytes.data(), ContextOf(state)));
}

// RFC 2104.
Status MemoCrypto::Hmac(ByteSpan key, std::span<const ByteSpan> parts, Digest& out) {
  std::array<std::uint8_t, kBlockBytes> block{};
  if (key.size() > block.size()) {
    SHA256(key.data(), key.size(), block.data());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  Digest inner;
  SHA256_CTX context;
  StartKeyed(context, block, 0x36);
  for (const ByteSpan part : parts) {
    SHA256_Update(&context, part.data(), part.size());
  }
  SHA256_Final(inner.bytes.data(), &context);
  StartKeyed(context, block, 0x5C);
  SHA256_Update(&context, inner.bytes.data(), inner.bytes.size());
  return Check(SHA256_Final(out.bytes.data(), &context));
}

Status MemoCrypto::Seal(const ports::AeadKey& key,
                        const ports::AeadNonce& nonce,
                        ByteSpan aad,
                        ByteSpan plaintext,
                        MutableByteSpan out) {
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const auto size = static_cast<int>(plaintext.size());
  int done = 0;
  const bool sealed =
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, key.data(), nonce.data()) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &done, aad.data(), static_cast<int>(aad.size())) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), out.data(), &done, plaintext.data(), size) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), out.data() + size, &done) == 1 &&
      EVP_CIPHER_CTX_ctrl(
          cipher.get(), EVP_CTRL_GCM_GET_TAG, ports::kAeadTagBytes, out.data() + size) == 1;
  return Check(sealed ? 1 : 0);
}

Status MemoCrypto::Open(const ports::AeadKey& key,
                        const ports::AeadNonce& nonce,
                        ByteSpan aad,
                        ByteSpan sealed,
                        MutableByteSpan out) {
  if (sealed.size() < ports::kAeadTagBytes) {
    return Fail(Code::kStagingCorrupt, Op::kDecrypt);
  }
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const auto size = static_cast<int>(out.size());
  std::array<std::uint8_t, ports::kAeadTagBytes> tag{};
  std::copy_n(sealed.end() - tag.size(), tag.size(), tag.begin());
  int done = 0;
  const bool ready =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, key.data(), nonce.data()) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &done, aad.data(), static_cast<int>(aad.size())) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), out.data(), &done, sealed.data(), size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag.size(), tag.data()) == 1;
  if (!ready) {
    return Fail(Code::kCryptoFailed, Op::kDecrypt);
  }
  const bool matches = EVP_DecryptFinal_ex(cipher.get(), out.data() + size, &done) == 1;
  return matches ? Status() : Fail(Code::kStagingCorrupt, Op::kDecrypt);
}

Status MemoCrypto::Verify(const PublicKey& key,
                          std::span<const ByteSpan> parts,
                          const Signature& signature) {
  Memo::Key memo_key = KeyOf(What::kVerify);
  memo_key.Add(key);
  memo_key.Add(signature);
  for (const ByteSpan part : parts) {
    memo_key.Add(part);
  }
  if (const Memo::Value* known = memo_.Find(memo_key)) {
    return Recall(*known, {});
  }
  return Remember(memo_, memo_key, real_.Verify(key, parts, signature), {});
}

Status MemoCrypto::Ecdh(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
                        const PublicKey& peer,
                        std::span<std::uint8_t, 32> out) {
  Memo::Key memo_key = KeyOf(What::kEcdh);
  memo_key.Add(scalar);
  memo_key.Add(peer);
  if (const Memo::Value* known = memo_.Find(memo_key)) {
    return Recall(*known, out);
  }
  return Remember(memo_, memo_key, real_.Ecdh(scalar, peer, out), out);
}

Status MemoCrypto::PublicOf(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
                            PublicKey& out) {
  Memo::Key memo_key = KeyOf(What::kPublicOf);
  memo_key.Add(scalar);
  if (const Memo::Value* known = memo_.Find(memo_key)) {
    return Recall(*known, out);
  }
  return Remember(memo_, memo_key, real_.PublicOf(scalar, out), out);
}

Result<Signature> MemoIdentity::Sign(std::span<const ByteSpan> parts) {
  Memo::Key memo_key = KeyOf(What::kSign);
  for (const ByteSpan part : parts) {
    memo_key.Add(part);
  }
  Signature signature{};
  if (const Memo::Value* known = memo_.Find(memo_key)) {
    STRATA_TRY(Recall(*known, signature));
    return signature;
  }
  const auto made = real_.Sign(parts);
  STRATA_TRY(Remember(memo_,
                      memo_key,
                      made.ok() ? Status() : Status(made.error()),
                      made.ok() ? ByteSpan(*made) : ByteSpan()));
  return made;
}

}  // namespace strata::sim
