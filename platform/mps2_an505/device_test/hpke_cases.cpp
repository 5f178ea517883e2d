// SPDX-License-Identifier: Apache-2.0
/// RFC 9180 Appendix A.3.1 through the engine's HpkeOpener.
/// The appendix lists some of 257 ciphertexts; those between are sealed here with its key and
/// nonce, so that the opener's own counting reaches 256.
#include "strata/platform/psa/psa_crypto.hpp"

#include "cases.hpp"
#include "hpke_open.hpp"

namespace strata::device_test {
namespace {

using platform::PsaCrypto;

constexpr auto kInfo = Hex("4f6465206f6e2061204772656369616e2055726e");
constexpr PublicKey kEnc =
    Hex("04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7"
        "b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4");
constexpr PublicKey kRecipient =
    Hex("04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b"
        "4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0");
constexpr auto kRecipientPrivate =
    Hex("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2");
constexpr ports::AeadKey kKey = Hex("868c066ef58aae6dc589b6cfdd18f97e");
constexpr ports::AeadNonce kBaseNonce = Hex("4e0bc5018beba4bf004cca59");
constexpr auto kPlain = Hex("4265617574792069732074727574682c20747275746820626561757479");
constexpr std::size_t kSealedBytes = kPlain.size() + ports::kAeadTagBytes;
constexpr KeyId kLayerKey{7};

struct Vector {
  std::uint32_t sequence;
  std::array<std::uint8_t, kSealedBytes> sealed;
};

constexpr std::array<Vector, 6> kVectors = {{
    {0,
     Hex("5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac23"
         "2e3ab2523f39513434")},
    {1,
     Hex("fa6f037b47fc21826b610172ca9637e82d6e5801eb31cbd3748271affd4ecb06646e0329"
         "cbdf3c3cd655b28e82")},
    {2,
     Hex("895cabfac50ce6c6eb02ffe6c048bf53b7f7be9a91fc559402cbc5b8dcaeb52b2ccc93e4"
         "66c28fb55fed7a7fec")},
    {4,
     Hex("8787491ee8df99bc99a246c4b3216d3d57ab5076e18fa27133f520703bc70ec999dd36ce"
         "042e44f0c3169a6a8f")},
    {255,
     Hex("2ad71c85bf3f45c6eca301426289854b31448bcf8a8ccb1deef3ebd87f60848aa53c538c"
         "30a4dac71d619ee2cd")},
    {256,
     Hex("10f179686aa2caec1758c8e554513f16472bd0a11e2a907dde0b212cbe87d74f367f8ffe"
         "5e41cd3e9962a6afb2")},
}};
constexpr std::uint32_t kLastSequence = kVectors.back().sequence;

/// Holds the appendix's one recipient key.
class OneKey final : public ports::KeyStore {
 public:
  explicit OneKey(ports::Crypto& crypto) : crypto_(crypto) {}

  Result<PublicKey> FindSigner(KeyId) override { return Fail(Code::kSignerUnknown); }

  Result<PublicKey> FindLayerKey(KeyId id) override {
    if (id != kLayerKey) {
      return Fail(Code::kDecryptionKeyMissing);
    }
    return kRecipient;
  }

  Status LayerKeyAgreement(KeyId id,
                           const PublicKey& peer,
                           std::span<std::uint8_t, 32> out) override {
    if (id != kLayerKey) {
      return Fail(Code::kDecryptionKeyMissing);
    }
    return crypto_.Ecdh(kRecipientPrivate, peer, out);
  }

 private:
  ports::Crypto& crypto_;
};

/// "Count-<sequence>", as the appendix writes its AAD.
struct Aad {
  std::array<std::uint8_t, 9> bytes = {'C', 'o', 'u', 'n', 't', '-'};
  std::size_t size = 6;

  explicit Aad(std::uint32_t sequence) {
    for (std::uint32_t power = sequence >= 100  ? 100
                               : sequence >= 10 ? 10
                                                : 1;
         power != 0;
         power /= 10) {
      bytes[size++] = static_cast<std::uint8_t>('0' + sequence / power % 10);
    }
  }

  [[nodiscard]] ByteSpan span() const { return ByteSpan(bytes).first(size); }
};

Status SealedAt(PsaCrypto& crypto, std::uint32_t sequence, MutableByteSpan out) {
  for (const Vector& vector : kVectors) {
    if (vector.sequence == sequence) {
      std::ranges::copy(vector.sealed, out.begin());
      return {};
    }
  }
  ports::AeadNonce nonce = kBaseNonce;
  nonce[10] ^= static_cast<std::uint8_t>(sequence >> 8);
  nonce[11] ^= static_cast<std::uint8_t>(sequence);
  return crypto.Seal(kKey, nonce, Aad(sequence).span(), kPlain, out);
}

bool OpensTheAppendixInSequence() {
  PsaCrypto crypto;
  OneKey keys(crypto);
  engine::HpkeOpener opener(crypto);
  if (!opener.Setup(keys, kLayerKey, kEnc, kInfo).ok()) {
    return false;
  }
  for (std::uint32_t sequence = 0; sequence <= kLastSequence; ++sequence) {
    std::array<std::uint8_t, kSealedBytes> sealed{};
    std::array<std::uint8_t, kPlain.size()> plain{};
    if (!SealedAt(crypto, sequence, sealed).ok() ||
        !opener.OpenNext(Aad(sequence).span(), sealed, plain).ok() || !Same(plain, kPlain)) {
      return false;
    }
  }
  return true;
}

/// What opening the appendix's first ciphertext gives when something differs.
Code OpenFirst(const PublicKey& enc, ByteSpan info, std::size_t changed_byte) {
  PsaCrypto crypto;
  OneKey keys(crypto);
  engine::HpkeOpener opener(crypto);
  if (const Status ready = opener.Setup(keys, kLayerKey, enc, info); !ready.ok()) {
    return ready.error().code;
  }
  auto sealed = kVectors[0].sealed;
  if (changed_byte < sealed.size()) {
    sealed[changed_byte] ^= 0x80;
  }
  std::array<std::uint8_t, kPlain.size()> plain{};
  return opener.OpenNext(Aad(0).span(), sealed, plain).error().code;
}

bool RefusesWhatDiffers() {
  auto off_curve = kEnc;
  off_curve[64] ^= 1;
  return OpenFirst(kEnc, kInfo, kSealedBytes) == Code::kOk &&
         OpenFirst(kEnc, kInfo, 0) == Code::kLayerDecryptFailed &&
         OpenFirst(kEnc, kInfo, kSealedBytes - 1) == Code::kLayerDecryptFailed &&
         OpenFirst(kEnc, ByteSpan(kInfo).first(19), kSealedBytes) == Code::kLayerDecryptFailed &&
         OpenFirst(kRecipient, kInfo, kSealedBytes) == Code::kLayerDecryptFailed &&
         OpenFirst(off_curve, kInfo, kSealedBytes) == Code::kLayerEncodingInvalid;
}

constexpr std::array<Case, 2> kCases = {{
    {"HpkeOpener_Rfc9180AppendixA3_OpensInSequence", OpensTheAppendixInSequence},
    {"HpkeOpener_OtherEncInfoOrBytes_IsRefused", RefusesWhatDiffers},
}};

}  // namespace

std::span<const Case> HpkeCases() {
  return kCases;
}

}  // namespace strata::device_test
