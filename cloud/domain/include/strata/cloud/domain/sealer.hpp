// SPDX-License-Identifier: Apache-2.0
/// Sealer: encrypts what the cloud keeps but must not be readable in its database. Role: bytes and
/// what they belong to in, sealed bytes out; knows no table and no resource. Context: thread-safe,
/// does not block. Whoever keeps sealed values lets Service::ResealSecrets and
/// StoreView::IsMasterKeyUsed know of them. Reference: docs/spec/storage.md "Secrets at rest".
#pragma once

#include <string>
#include <vector>

#include "strata/core/bytes.hpp"
#include "strata/core/result.hpp"

namespace strata::cloud {

struct SealedValue {
  std::string master_key_id{};  ///< 16 hex: the key it is sealed under, for finding it again
  std::vector<std::uint8_t> bytes{};
};

class Sealer {
 public:
  virtual ~Sealer() = default;
  Sealer() = default;
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  /// Under the newest master key. `context` names the kind of value (a prefix of its own, ended by
  /// NUL) and the place it belongs to: only the same context opens it. * kEntropyFailed.
  /// * kCryptoFailed.
  virtual Result<SealedValue> Seal(ByteSpan context, ByteSpan plain) = 0;
  /// What was sealed under any key that is held. The answer is secret: the caller wipes it.
  /// * kKeyInvalid: no such key is held. * kCryptoFailed: not what was sealed for `context`.
  virtual Result<std::vector<std::uint8_t>> Open(ByteSpan context, ByteSpan sealed) = 0;
  /// Of the key that Seal() uses.
  [[nodiscard]] virtual std::string newest_key_id() const = 0;
};

}  // namespace strata::cloud
