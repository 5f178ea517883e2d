// SPDX-License-Identifier: Apache-2.0
/// MemoCrypto, MemoIdentity: remember what public-key operations came to, in memory that all
/// processes forked later share. Same inputs, same result: each of them is deterministic. Hashes
/// and AES-GCM are OpenSSL's, which is several times as fast. For simulations, where one signature
/// is verified a million times.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "strata/engine/ports/crypto.hpp"
#include "strata/engine/ports/identity.hpp"

namespace strata::sim {

/// A table of results by a hash of the inputs. Full: nothing more is remembered.
class Memo {
 public:
  struct Value {
    Error error;  ///< kOk: `bytes` are the result
    std::array<std::uint8_t, 96> bytes{};
  };

  struct Key {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    void Add(ByteSpan bytes);
    friend bool operator==(const Key&, const Key&) = default;
  };

  Memo();
  ~Memo();
  Memo(const Memo&) = delete;
  Memo& operator=(const Memo&) = delete;

  [[nodiscard]] const Value* Find(const Key& key) const;
  void Store(const Key& key, const Value& value);

 private:
  struct Entry;

  Entry* entries_;
};

class MemoCrypto final : public ports::Crypto {
 public:
  MemoCrypto(ports::Crypto& real, Memo& memo) : real_(real), memo_(memo) {}

  Status HashStart(ports::HashState& state) override;
  Status HashUpdate(ports::HashState& state, ByteSpan data) override;
  Status HashFinish(ports::HashState& state, Digest& out) override;
  Status Hmac(ByteSpan key, std::span<const ByteSpan> parts, Digest& out) override;

  Status Seal(const ports::AeadKey& key,
              const ports::AeadNonce& nonce,
              ByteSpan aad,
              ByteSpan plaintext,
              MutableByteSpan out) override;
  Status Open(const ports::AeadKey& key,
              const ports::AeadNonce& nonce,
              ByteSpan aad,
              ByteSpan sealed,
              MutableByteSpan out) override;
  Status Verify(const PublicKey& key,
                std::span<const ByteSpan> parts,
                const Signature& signature) override;
  Status Ecdh(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
              const PublicKey& peer,
              std::span<std::uint8_t, 32> out) override;
  Status PublicOf(std::span<const std::uint8_t, kPrivateKeyBytes> scalar, PublicKey& out) override;

 private:
  ports::Crypto& real_;
  Memo& memo_;
};

class MemoIdentity final : public ports::Identity {
 public:
  MemoIdentity(ports::Identity& real, Memo& memo) : real_(real), memo_(memo) {}

  [[nodiscard]] const DeviceSid& sid() const override { return real_.sid(); }

  Result<Signature> Sign(std::span<const ByteSpan> parts) override;

 private:
  ports::Identity& real_;
  Memo& memo_;
};

}  // namespace strata::sim
