// SPDX-License-Identifier: Apache-2.0
// What a NewKeys message carries: sealed layer keys and certificates.
#include <algorithm>
#include <climits>

#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "strata/format/bundle/new_keys.hpp"

#include "hpke.hpp"
#include "openssl.hpp"
#include "try.hpp"

namespace strata::bundle {
namespace {

constexpr std::string_view kInfoLabel = "strata-layer-decrypter-v1";
constexpr std::string_view kEphemeralLabel = "strata-decrypter-ephemeral-v1";

using CertificatePtr = CPtr<X509, X509_free>;

void Append(std::vector<std::uint8_t>& out, ByteSpan more) {
  out.insert(out.end(), more.begin(), more.end());
}

std::vector<std::uint8_t> InfoFor(const FleetId& fleet, std::uint32_t sequence, KeyId receiver) {
  std::vector<std::uint8_t> info;
  Append(info, AsBytes(kInfoLabel));
  info.push_back(0);
  Append(info, fleet);
  Append(info, BigEndian(sequence));
  Append(info, BigEndian(static_cast<std::uint64_t>(receiver)));
  return info;
}

Expected<PrivateKey> Ephemeral(const PrivateKey& layer_key,
                               const PublicKey& receiver,
                               ByteSpan info) {
  std::vector<std::uint8_t> message;
  Append(message, AsBytes(kEphemeralLabel));
  message.push_back(0);
  Append(message, receiver);
  Append(message, info);
  Secret<32> ikm;
  unsigned int length = 0;
  const auto scalar = layer_key.scalar();
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

Failure UnusableCa(const char* why) {
  return {Error{Code::kNewKeysMalformed, Op::kNewKeys, 0}, std::string("the cloud CA ") + why};
}

}  // namespace

Expected<WrappedLayerKey> WrapLayerKey(const PrivateKey& layer_key,
                                       const PublicKey& receiver,
                                       const FleetId& fleet,
                                       std::uint32_t sequence) {
  WrappedLayerKey wrapped;
  wrapped.receiver = KeyIdOf(KeyType::kReceiver, receiver);
  const std::vector<std::uint8_t> info = InfoFor(fleet, sequence, wrapped.receiver);
  BUNDLE_TRY_ASSIGN(const PrivateKey ephemeral, Ephemeral(layer_key, receiver, info));
  wrapped.sender_pub = ephemeral.public_key();
  hpke::SharedSecret shared;
  BUNDLE_TRY(hpke::Encapsulate(ephemeral, receiver, shared));
  hpke::KeySchedule schedule;
  hpke::DeriveKeySchedule(shared, info, schedule);
  BUNDLE_TRY(hpke::Sealer(schedule).Seal({}, layer_key.scalar(), wrapped.ciphertext));
  return wrapped;
}

Expected<PrivateKey> UnwrapLayerKey(const WrappedLayerKey& wrapped,
                                    const PrivateKey& receiver,
                                    const FleetId& fleet,
                                    std::uint32_t sequence) {
  const KeyId own = KeyIdOf(KeyType::kReceiver, receiver.public_key());
  if (wrapped.receiver != own) {
    return MakeFailure(Code::kLayerDecryptFailed, Op::kNewKeys);
  }
  hpke::SharedSecret shared;
  BUNDLE_TRY(hpke::Decapsulate(wrapped.sender_pub, receiver, shared));
  hpke::KeySchedule schedule;
  hpke::DeriveKeySchedule(shared, InfoFor(fleet, sequence, own), schedule);
  Secret<kPrivateKeyBytes> scalar;
  BUNDLE_TRY(hpke::Opener(schedule).Open({}, wrapped.ciphertext, scalar.bytes()));
  auto key = PrivateKey::FromScalar(scalar.bytes());
  if (!key) {
    return MakeFailure(Code::kLayerDecryptFailed, Op::kNewKeys);
  }
  return key;
}

Outcome CheckCloudCa(ByteSpan der) {
  if (der.empty() || der.size() > kMaxCloudCaBytes) {
    return UnusableCa("is not a certificate of at most 1024 bytes");
  }
  const unsigned char* next = der.data();
  const CertificatePtr certificate(d2i_X509(nullptr, &next, static_cast<long>(der.size())));
  const bool whole = certificate != nullptr && next == der.data() + der.size();
  const EVP_PKEY* key = whole ? X509_get0_pubkey(certificate.get()) : nullptr;
  std::array<char, 64> group{};
  const bool p256 = key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
                    EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
                    std::string_view(group.data()) == SN_X9_62_prime256v1;
  ERR_clear_error();
  if (!whole) {
    return UnusableCa("is not an X.509 certificate");
  }
  return p256 ? Outcome(Done{}) : UnusableCa("is not a certificate of a P-256 key");
}

Expected<std::vector<std::uint8_t>> CloudCaFromPem(std::string_view pem) {
  const BioPtr bio(
      pem.size() > INT_MAX ? nullptr : BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const CertificatePtr certificate(
      bio ? PEM_read_bio_X509(bio.get(), nullptr, RefusePassphrase, nullptr) : nullptr);
  const CertificatePtr second(
      certificate ? PEM_read_bio_X509(bio.get(), nullptr, RefusePassphrase, nullptr) : nullptr);
  ERR_clear_error();
  if (certificate == nullptr || second != nullptr) {
    return Failure{Error{Code::kKeyUnreadable, Op::kParse, 0},
                   "it does not hold exactly one certificate in PEM"};
  }
  std::vector<std::uint8_t> der;
  const int size = i2d_X509(certificate.get(), nullptr);
  if (size > 0) {
    der.resize(static_cast<std::size_t>(size));
    unsigned char* out = der.data();
    i2d_X509(certificate.get(), &out);
  }
  BUNDLE_TRY(CheckCloudCa(der));
  return der;
}

}  // namespace strata::bundle
