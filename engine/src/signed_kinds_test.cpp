// SPDX-License-Identifier: Apache-2.0
// One key pair signs every kind of message: each is good at its own verifier and nowhere else.
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "strata/engine/debug.hpp"
#include "strata/format/bundle/keys.hpp"
#include "strata/format/bundle/manifest.hpp"
#include "strata/format/bundle/new_keys.hpp"
#include "strata/format/manifest/manifest.hpp"
#include "strata/format/manifest/new_keys.hpp"
#include "strata/format/wire/wire.hpp"
#include "strata/platform/psa/psa_crypto.hpp"

namespace strata::engine {
namespace {

using Bytes = std::vector<std::uint8_t>;

class SignedKinds : public ::testing::Test {
 public:
  SignedKinds() : key_(MakeKey()) { EXPECT_TRUE(platform::PsaCrypto::Init().ok()); }

  static bundle::PrivateKey MakeKey() {
    auto key = bundle::PrivateKey::Generate();
    EXPECT_TRUE(key.ok());
    return std::move(key).value();
  }

  Status Verify(std::span<const ByteSpan> parts, const Signature& signature) {
    return crypto_.Verify(key_.public_key(), parts, signature);
  }

  auto Verifier() {
    return [this](std::span<const ByteSpan> parts, const Signature& signature) {
      return Verify(parts, signature);
    };
  }

  // How the device judges `body` and `signature` as each kind.
  Status AsManifest(const Bytes& body, const Signature& signature) {
    bundle::SealedManifest sealed;
    sealed.signer = KeyId{1};
    sealed.body = body;
    sealed.signature = signature;
    const Bytes bytes = bundle::SerializeManifest(sealed);
    STRATA_TRY_ASSIGN(const auto envelope, manifest::ParseEnvelope(bytes));
    const auto verified = manifest::VerifiedManifest::Verify(envelope, Verifier());
    return verified.ok() ? Status() : Status(verified.error());
  }

  Status AsNewKeys(const Bytes& body, const Signature& signature) {
    const Bytes bytes =
        bundle::SerializeNewKeys({.signer = KeyId{1}, .body = body, .signature = signature});
    STRATA_TRY_ASSIGN(const auto envelope, manifest::ParseNewKeysEnvelope(bytes));
    const auto verified = manifest::VerifiedNewKeys::Verify(envelope, Verifier());
    return verified.ok() ? Status() : Status(verified.error());
  }

  Status AsReceipt(const Bytes& body, const Signature& signature) {
    const std::array<ByteSpan, 2> parts = {wire::kReceiptPrefix, body};
    return Verify(parts, signature);
  }

  // The body is a challenge's SID, hash and nonce in one.
  Status AsDebug(const Bytes& body, const Signature& signature) {
    const std::array<ByteSpan, 2> parts = {kDebugPrefix, body};
    return Verify(parts, signature);
  }

  bundle::PrivateKey key_;
  platform::PsaCrypto crypto_;
};

TEST_F(SignedKinds, EachAtEveryOthersVerifier_IsRefused) {
  const DebugChallenge challenge{
      *DeviceSid::Parse("UV0123456789abcdef0123456789abcdef"), Digest{}, {7}};
  Bytes body;
  const auto parts = challenge.SignedParts();
  for (const ByteSpan part : std::span(parts).subspan(1)) {
    body.insert(body.end(), part.begin(), part.end());
  }
  using Judge = Status (SignedKinds::*)(const Bytes&, const Signature&);
  const std::map<std::string, Judge> judges = {{"twlo-mv-manifest-v1", &SignedKinds::AsManifest},
                                               {"strata-receipt-v1", &SignedKinds::AsReceipt},
                                               {"strata-new-keys-v1", &SignedKinds::AsNewKeys},
                                               {"strata-debug-v1", &SignedKinds::AsDebug}};
  for (const auto& [kind, own] : judges) {
    const auto signature = key_.Sign(kind, body);
    ASSERT_TRUE(signature.ok());
    for (const auto& [other, judge] : judges) {
      const Code expected = kind == other ? Code::kOk : Code::kSignatureInvalid;
      EXPECT_EQ((this->*judge)(body, *signature).error().code, expected) << kind << " as " << other;
    }
    EXPECT_TRUE((this->*own)(body, *signature).ok());
  }
}

}  // namespace
}  // namespace strata::engine
