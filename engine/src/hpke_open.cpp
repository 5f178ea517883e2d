// SPDX-License-Identifier: Apache-2.0
#include "hpke_open.hpp"

#include <algorithm>

#include "hkdf.hpp"

namespace strata::engine {
namespace {

constexpr std::array<std::uint8_t, 5> kKemSuite = {'K', 'E', 'M', 0x00, 0x10};
constexpr std::array<std::uint8_t, 10> kHpkeSuite = {
    'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, 0x00, 0x01};
constexpr std::string_view kVersion = "HPKE-v1";
constexpr std::string_view kInfoPrefix = "strata-layer-hpke-v1";

Status LabeledExtract(ports::Crypto& crypto,
                      ByteSpan suite,
                      ByteSpan salt,
                      std::string_view label,
                      ByteSpan ikm,
                      Prk& out) {
  const std::array<ByteSpan, 4> parts = {AsBytes(kVersion), suite, AsBytes(label), ikm};
  return HkdfExtract(crypto, salt, parts, out);
}

Status LabeledExpand(ports::Crypto& crypto,
                     ByteSpan suite,
                     const Prk& prk,
                     std::string_view label,
                     ByteSpan info,
                     MutableByteSpan out) {
  const auto length = BigEndian(static_cast<std::uint16_t>(out.size()));
  const std::array<ByteSpan, 5> parts = {length, AsBytes(kVersion), suite, AsBytes(label), info};
  return HkdfExpand(crypto, prk.bytes(), parts, out);
}

}  // namespace

std::array<std::uint8_t, kHpkeInfoBytes> LayerInfo(KeyId key, const Placement& placement) {
  std::array<std::uint8_t, kHpkeInfoBytes> info{};
  auto at = std::copy(kInfoPrefix.begin(), kInfoPrefix.end(), info.begin());
  const auto put = [&at](const auto& bytes) { at = std::copy(bytes.begin(), bytes.end(), at); };
  put(BigEndian(static_cast<std::uint64_t>(key)));
  put(BigEndian(static_cast<std::uint8_t>(placement.medium)));
  put(BigEndian(placement.start_bytes));
  put(BigEndian(placement.size_bytes));
  return info;
}

Status HpkeOpener::Setup(ports::KeyStore& keys, KeyId key, const PublicKey& enc, ByteSpan info) {
  STRATA_TRY_ASSIGN(const PublicKey recipient, keys.FindLayerKey(key));
  Secret<32> dh;
  if (const Status agreed = keys.LayerKeyAgreement(key, enc, dh.bytes()); !agreed) {
    return agreed.error().code == Code::kKeyInvalid
               ? Fail(Code::kLayerEncodingInvalid, Op::kDecrypt)
               : agreed.error();
  }
  return SetupWith(dh.bytes(), recipient, enc, info);
}

Status HpkeOpener::SetupWith(ByteSpan dh,
                             const PublicKey& recipient,
                             const PublicKey& enc,
                             ByteSpan info) {
  std::array<std::uint8_t, 130> kem_context{};
  std::copy(
      recipient.begin(), recipient.end(), std::copy(enc.begin(), enc.end(), kem_context.begin()));
  Prk eae;
  STRATA_TRY(LabeledExtract(crypto_, kKemSuite, {}, "eae_prk", dh, eae));
  Secret<32> shared;
  STRATA_TRY(LabeledExpand(crypto_, kKemSuite, eae, "shared_secret", kem_context, shared.bytes()));
  return Schedule(shared.bytes(), info);
}

Status HpkeOpener::Schedule(ByteSpan shared_secret, ByteSpan info) {
  Prk psk_id_hash;
  STRATA_TRY(LabeledExtract(crypto_, kHpkeSuite, {}, "psk_id_hash", {}, psk_id_hash));
  Prk info_hash;
  STRATA_TRY(LabeledExtract(crypto_, kHpkeSuite, {}, "info_hash", info, info_hash));
  std::array<std::uint8_t, 65> context{};  // mode_base (0) ‖ psk_id_hash ‖ info_hash
  const auto psk = psk_id_hash.bytes();
  const auto hash = info_hash.bytes();
  std::copy(hash.begin(), hash.end(), std::copy(psk.begin(), psk.end(), context.begin() + 1));
  Prk secret;
  STRATA_TRY(LabeledExtract(crypto_, kHpkeSuite, shared_secret, "secret", {}, secret));
  STRATA_TRY(LabeledExpand(crypto_, kHpkeSuite, secret, "key", context, key_.bytes()));
  STRATA_TRY(
      LabeledExpand(crypto_, kHpkeSuite, secret, "base_nonce", context, base_nonce_.bytes()));
  sequence_ = 0;
  return {};
}

Status HpkeOpener::OpenNext(ByteSpan aad, ByteSpan sealed, MutableByteSpan out) {
  ports::AeadKey key{};
  ports::AeadNonce nonce{};
  std::copy(key_.bytes().begin(), key_.bytes().end(), key.begin());
  std::copy(base_nonce_.bytes().begin(), base_nonce_.bytes().end(), nonce.begin());
  const auto counter = BigEndian(sequence_);
  for (std::size_t i = 0; i < counter.size(); ++i) {
    nonce[nonce.size() - counter.size() + i] ^= counter[i];
  }
  const Status opened = crypto_.Open(key, nonce, aad, sealed, out);
  SecureZero(key);
  if (!opened) {
    return opened.error().code == Code::kStagingCorrupt
               ? Fail(Code::kLayerDecryptFailed, Op::kDecrypt)
               : opened.error();
  }
  ++sequence_;
  return {};
}

}  // namespace strata::engine
