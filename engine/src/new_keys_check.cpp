// SPDX-License-Identifier: Apache-2.0
#include "new_keys_check.hpp"

#include <algorithm>

#include "digest_of.hpp"

namespace strata::engine {
namespace {

constexpr Error Refused(Code code) {
  return Fail(code, Op::kNewKeys);
}

// The Crypto port says so before it looks at a signature.
Status CheckOnCurve(ports::Crypto& crypto, ByteSpan point) {
  PublicKey key{};
  std::copy(point.begin(), point.end(), key.begin());
  const Status verified = crypto.Verify(key, {}, Signature{});
  if (verified.error().code == Code::kKeyInvalid) {
    return Refused(Code::kNewKeysMalformed);
  }
  return verified.error().code == Code::kSignatureInvalid ? Status() : verified;
}

Status CheckPoints(ports::Crypto& crypto, const manifest::NewKeys& keys) {
  for (const ByteSpan signer : keys.add_signers.all()) {
    STRATA_TRY(CheckOnCurve(crypto, signer));
  }
  for (const WrappedLayerKey& key : keys.add_layer_keys.all()) {
    STRATA_TRY(CheckOnCurve(crypto, key.sender_pub));
  }
  return {};
}

Status CheckPlace(const ChainPosition& position, const manifest::NewKeys& keys) {
  if (position.fleet == FleetId{} || keys.fleet != position.fleet) {
    return Refused(Code::kNewKeysOtherFleet);
  }
  const bool next = position.sequence != UINT32_MAX && keys.sequence == position.sequence + 1;
  const auto previous = position.sequence == 0 ? std::nullopt : std::optional(position.last_hash);
  return next && keys.previous_hash == previous ? Status()
                                                : Status(Refused(Code::kNewKeysOutOfOrder));
}

}  // namespace

Status CheckNewKeys(const NewKeysTools& tools,
                    ByteSpan bytes,
                    manifest::NewKeys& out,
                    Digest& body_hash) {
  STRATA_TRY_ASSIGN(const manifest::UnverifiedNewKeys envelope,
                    manifest::ParseNewKeysEnvelope(bytes));
  const auto verifier = [&](std::span<const ByteSpan> parts, const Signature& signature) -> Status {
    STRATA_TRY_ASSIGN(const PublicKey key, tools.keys.FindRotationKey(envelope.signer()));
    return tools.crypto.Verify(key, parts, signature);
  };
  STRATA_TRY_ASSIGN(const manifest::VerifiedNewKeys verified,
                    manifest::VerifiedNewKeys::Verify(envelope, verifier));
  STRATA_TRY(manifest::Decode(verified, out));
  STRATA_TRY(CheckPoints(tools.crypto, out));
  STRATA_TRY_ASSIGN(const ChainPosition position, tools.keys.Position());
  STRATA_TRY(CheckPlace(position, out));
  const std::array<ByteSpan, 1> body = {verified.body()};
  STRATA_TRY_ASSIGN(body_hash, DigestOf(tools.crypto, body));
  return {};
}

}  // namespace strata::engine
