// SPDX-License-Identifier: Apache-2.0
// The device's reader of NewKeys. Input: a message as it travels; its signature counts as good.
// It is also read as the body of one.
#include <array>
#include <cstdlib>
#include <cstring>

#include "strata/format/manifest/new_keys.hpp"

namespace {

namespace manifest = strata::manifest;
using strata::ByteSpan;

void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

bool Inside(ByteSpan part, ByteSpan whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

// What the engine relies on without asking again.
void RequireSound(const manifest::NewKeys& keys, ByteSpan body) {
  for (const ByteSpan signer : keys.add_signers.all()) {
    Require(signer.size() == sizeof(strata::PublicKey) && signer[0] == 0x04 &&
            Inside(signer, body));
  }
  for (const strata::WrappedLayerKey& key : keys.add_layer_keys.all()) {
    Require(key.sender_pub.size() == sizeof(strata::PublicKey) && Inside(key.sender_pub, body));
    Require(key.ciphertext.size() == strata::WrappedLayerKey::kCiphertextBytes &&
            Inside(key.ciphertext, body));
  }
  for (const ByteSpan ca : keys.cloud_cas.all()) {
    Require(!ca.empty() && ca.size() <= strata::kMaxCloudCaBytes && Inside(ca, body));
  }
}

void Read(ByteSpan bytes) {
  const auto envelope = manifest::ParseNewKeysEnvelope(bytes);
  if (!envelope.ok()) {
    return;
  }
  Require(envelope->signer() != strata::KeyId::kNone);
  const auto verified = manifest::VerifiedNewKeys::Verify(
      *envelope, [](auto, const strata::Signature&) { return strata::Status(); });
  Require(verified.ok() && !verified->body().empty());
  manifest::NewKeys keys;
  if (manifest::Decode(*verified, keys).ok()) {
    RequireSound(keys, verified->body());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Read({data, size});
  // signer 1, body of `size` bytes, a signature of zeros
  constexpr std::size_t kRoom = 5 + 2 + 64;
  std::array<std::uint8_t, manifest::kMaxNewKeysBytes> message{};
  if (size > 0 && size <= 0x3FFF && size + kRoom <= message.size()) {
    std::size_t at = 0;
    for (const std::uint8_t byte : {std::uint8_t{0x08},
                                    std::uint8_t{1},
                                    std::uint8_t{0x12},
                                    static_cast<std::uint8_t>(0x80 | (size & 0x7F)),
                                    static_cast<std::uint8_t>(size >> 7)}) {
      message[at++] = byte;
    }
    std::memcpy(message.data() + at, data, size);
    at += size;
    message[at++] = 0x1A;
    message[at++] = 64;
    Read(ByteSpan(message).first(at + 64));
  }
  return 0;
}
