// SPDX-License-Identifier: Apache-2.0
#include "layer_cipher.hpp"

#include <algorithm>
#include <array>

#include <openssl/hmac.h>

#include "encrypted_form.hpp"
#include "hpke.hpp"
#include "layer_length.hpp"
#include "try.hpp"

namespace strata::bundle {
namespace {

constexpr std::string_view kInfoLabel = "strata-layer-hpke-v1";
constexpr std::string_view kEphemeralLabel = "strata-layer-ephemeral-v1";
constexpr std::array<std::uint8_t, 1> kMoreFollow = {0x00};
constexpr std::array<std::uint8_t, 1> kLast = {0x01};

void Append(std::vector<std::uint8_t>& out, ByteSpan more) {
  out.insert(out.end(), more.begin(), more.end());
}

void AppendPlacement(std::vector<std::uint8_t>& out, const Placement& placement) {
  out.push_back(static_cast<std::uint8_t>(placement.medium));
  Append(out, BigEndian(placement.start_bytes));
  Append(out, BigEndian(placement.size_bytes));
}

std::vector<std::uint8_t> InfoFor(const PublicKey& key, const Placement& placement) {
  std::vector<std::uint8_t> info;
  Append(info, AsBytes(kInfoLabel));
  Append(info, BigEndian(static_cast<std::uint64_t>(KeyIdOf(KeyType::kLayer, key))));
  AppendPlacement(info, placement);
  return info;
}

Expected<PrivateKey> Ephemeral(const LayerKey& key,
                               const Placement& placement,
                               ByteSpan plaintext) {
  if (key.private_key == nullptr) {
    return PrivateKey::Generate();
  }
  std::vector<std::uint8_t> message;
  Append(message, AsBytes(kEphemeralLabel));
  message.push_back(0);
  Append(message, key.public_key);
  AppendPlacement(message, placement);
  Append(message, Sha256(plaintext).bytes);
  Append(message, BigEndian(kMaxChunkBytes));
  Secret<32> ikm;
  unsigned int length = 0;
  const auto scalar = key.private_key->scalar();
  if (HMAC(EVP_sha256(),
           scalar.data(),
           static_cast<int>(scalar.size()),
           message.data(),
           message.size(),
           ikm.bytes().data(),
           &length) == nullptr) {
    return MakeFailure(Code::kCryptoFailed, Op::kEncrypt);
  }
  return hpke::DeriveKeyPair(ikm.bytes());
}

Failure NotALayer() {
  return MakeFailure(Code::kLayerEncodingInvalid, Op::kDecrypt);
}

}  // namespace

Expected<std::vector<std::uint8_t>> EncryptLayer(const LayerKey& key,
                                                 const Placement& placement,
                                                 ByteSpan plaintext) {
  if (key.private_key != nullptr && key.private_key->public_key() != key.public_key) {
    return MakeFailure(Code::kKeyWrongType, Op::kEncrypt, "the layer key's two halves");
  }
  BUNDLE_TRY_ASSIGN(const PrivateKey ephemeral, Ephemeral(key, placement, plaintext));
  hpke::SharedSecret shared;
  BUNDLE_TRY(hpke::Encapsulate(ephemeral, key.public_key, shared));
  hpke::KeySchedule schedule;
  hpke::DeriveKeySchedule(shared, InfoFor(key.public_key, placement), schedule);
  hpke::Sealer sealer(schedule);

  std::vector<std::uint8_t> out;
  out.reserve(static_cast<std::size_t>(EncryptedLength(plaintext.size(), kMaxChunkBytes)));
  Append(out, ephemeral.public_key());
  Append(out, BigEndian(kMaxChunkBytes));
  while (!plaintext.empty()) {
    const ByteSpan chunk = plaintext.first(std::min<std::size_t>(plaintext.size(), kMaxChunkBytes));
    plaintext = plaintext.subspan(chunk.size());
    const std::size_t at = out.size();
    out.resize(at + chunk.size() + hpke::kTagBytes);
    BUNDLE_TRY(sealer.Seal(
        plaintext.empty() ? kLast : kMoreFollow, chunk, MutableByteSpan(out).subspan(at)));
  }
  return out;
}

Expected<std::vector<std::uint8_t>> DecryptLayer(const PrivateKey& key,
                                                 const Placement& placement,
                                                 ByteSpan layer) {
  EncryptedFormChecker form(layer.size());
  form.Update(layer);
  if (!form.IsGood(0, placement.size_bytes)) {
    return NotALayer();
  }
  PublicKey enc{};
  std::copy_n(layer.begin(), enc.size(), enc.begin());
  const auto chunk_bytes = LoadBigEndian<std::uint32_t>(layer.subspan(kEncBytes));
  hpke::SharedSecret shared;
  BUNDLE_TRY(hpke::Decapsulate(enc, key, shared));
  hpke::KeySchedule schedule;
  hpke::DeriveKeySchedule(shared, InfoFor(key.public_key(), placement), schedule);
  hpke::Opener opener(schedule);

  std::vector<std::uint8_t> out;
  ByteSpan rest = layer.subspan(kLayerHeaderBytes);
  while (!rest.empty()) {
    const ByteSpan chunk =
        rest.first(std::min<std::size_t>(rest.size(), chunk_bytes + hpke::kTagBytes));
    rest = rest.subspan(chunk.size());
    const std::size_t at = out.size();
    out.resize(at + chunk.size() - hpke::kTagBytes);
    BUNDLE_TRY(
        opener.Open(rest.empty() ? kLast : kMoreFollow, chunk, MutableByteSpan(out).subspan(at)));
  }
  return out;
}

}  // namespace strata::bundle
