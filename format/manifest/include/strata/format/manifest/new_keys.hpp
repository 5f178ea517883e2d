// SPDX-License-Identifier: Apache-2.0
/// NewKeys as a device reads it: envelope, then signature, then content, in that order only.
/// Role: bytes → checked form. Does not verify, look for keys, know the chain or open what is
/// sealed; the engine does. The host's reader is format/bundle; the two share the .proto alone.
/// Trust is a type: only VerifiedNewKeys can be decoded, only Verify() makes one.
/// Context: no heap, no copy of keys; lifetimes: views point into the bytes given to
/// ParseNewKeysEnvelope(). Security: input is an attacker's until Verify() said otherwise.
/// Reference: docs/spec/new-keys.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/key_change.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"

namespace strata::manifest {

inline constexpr std::size_t kMaxNewKeysBytes = 4096;

/// Prefix of the signature, its terminating NUL included.
inline constexpr std::array<std::uint8_t, 19> kNewKeysPrefix = {
    's', 't', 'r', 'a', 't', 'a', '-', 'n', 'e', 'w', '-', 'k', 'e', 'y', 's', '-', 'v', '1', '\0'};

/// An envelope of the right form. Nothing in it may be believed.
class UnverifiedNewKeys {
 public:
  /// Key id of a rotation key; never kNone.
  [[nodiscard]] KeyId signer() const { return signer_; }

  /// What the signature covers: prefix, then the body's very bytes.
  [[nodiscard]] std::array<ByteSpan, 2> SignedParts() const { return {kNewKeysPrefix, body_}; }

  [[nodiscard]] const Signature& signature() const { return signature_; }

 private:
  friend Result<UnverifiedNewKeys> ParseNewKeysEnvelope(ByteSpan bytes);
  friend class VerifiedNewKeys;
  UnverifiedNewKeys() = default;

  KeyId signer_ = KeyId::kNone;
  ByteSpan body_;
  Signature signature_{};
};

/// * kNewKeysMalformed: more than kMaxNewKeysBytes, not an envelope, no signer, a body of 0 bytes,
/// a signature that is not 64 bytes, or one of them twice.
Result<UnverifiedNewKeys> ParseNewKeysEnvelope(ByteSpan bytes);

/// A message whose signature verified, whatever it says.
class VerifiedNewKeys {
 public:
  /// `verifier(std::span<const ByteSpan> parts, const Signature&)` → Status: OK only if the
  /// signature over `parts` is that of the rotation key named message.signer(). Codes pass through
  /// from it.
  template <typename Verifier>
  static Result<VerifiedNewKeys> Verify(const UnverifiedNewKeys& message, Verifier&& verifier) {
    const std::array<ByteSpan, 2> parts = message.SignedParts();
    STRATA_TRY(
        std::forward<Verifier>(verifier)(std::span<const ByteSpan>(parts), message.signature()));
    return VerifiedNewKeys(message);
  }

  /// SHA-256 of it is what the next message names.
  [[nodiscard]] ByteSpan body() const { return body_; }

 private:
  explicit VerifiedNewKeys(const UnverifiedNewKeys& message) : body_(message.body_) {}

  ByteSpan body_;
};

/// Up to kMax of something, without a heap.
template <typename T, std::size_t kMax>
class ShortList {
 public:
  /// False: it is full.
  [[nodiscard]] bool Add(const T& item) {
    if (count_ == kMax) {
      return false;
    }
    items_[count_++] = item;
    return true;
  }

  [[nodiscard]] std::span<const T> all() const { return std::span(items_).first(count_); }

 private:
  std::array<T, kMax> items_{};
  std::size_t count_ = 0;
};

/// The content. Keys have the form of uncompressed points; whether they are on the curve and
/// whether certificates are certificates is not checked here.
struct NewKeys {
  ShortList<KeyId, 8> delete_signers;
  ShortList<KeyId, 8> delete_layer_keys;
  ShortList<ByteSpan, 8> add_signers;             ///< 65 bytes each, beginning with 04
  ShortList<WrappedLayerKey, 16> add_layer_keys;  ///< the same for their sender_pub
  std::uint32_t sequence = 0;
  std::optional<Digest> previous_hash{};  ///< nullopt: it names no message before
  FleetId fleet{};
  ShortList<ByteSpan, kMaxCloudCas> cloud_cas;  ///< 1 … kMaxCloudCaBytes each
};

/// Decodes the body. * kNewKeysMalformed: not the message, too many of something, a length that is
/// wrong, a field twice where one is meant. `out` is then undefined.
Status Decode(const VerifiedNewKeys& message, NewKeys& out);

}  // namespace strata::manifest
