// SPDX-License-Identifier: Apache-2.0
// The two readers of NewKeys, host (format/bundle) and device (format/manifest), on the same bytes:
// the same verdict and the same meaning. The input is read as a message, and as the body of one.
// That keys are on the curve the host's reader checks, on the device the engine.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "strata/format/bundle/new_keys.hpp"
#include "strata/format/manifest/new_keys.hpp"

namespace {

using strata::ByteSpan;
namespace host = strata::bundle;
namespace device = strata::manifest;

void Require(bool condition, const char* what) {
  if (!condition) {
    std::fprintf(stderr, "the readers differ: %s\n", what);
    std::abort();
  }
}

bool IsOnCurve(ByteSpan point) {
  strata::PublicKey key{};
  std::copy(point.begin(), point.end(), key.begin());
  return host::IsOnCurve(key);
}

bool KeysAreOnCurve(const device::NewKeys& keys) {
  const auto signers = keys.add_signers.all();
  const auto wrapped = keys.add_layer_keys.all();
  return std::ranges::all_of(signers, IsOnCurve) &&
         std::ranges::all_of(
             wrapped, [](const strata::WrappedLayerKey& key) { return IsOnCurve(key.sender_pub); });
}

bool SameWrapped(const host::WrappedLayerKey& a, const strata::WrappedLayerKey& b) {
  return a.receiver == b.receiver && strata::Equal(a.sender_pub, b.sender_pub) &&
         strata::Equal(a.ciphertext, b.ciphertext);
}

void RequireSameMeaning(const host::NewKeysBody& a, const device::NewKeys& b) {
  const auto same_bytes = [](const auto& x, ByteSpan y) { return strata::Equal(x, y); };
  Require(std::ranges::equal(a.delete_signers, b.delete_signers.all()), "deleted signers");
  Require(std::ranges::equal(a.delete_layer_keys, b.delete_layer_keys.all()), "deleted layer keys");
  Require(std::ranges::equal(a.add_signers, b.add_signers.all(), same_bytes), "added signers");
  Require(std::ranges::equal(a.add_layer_keys, b.add_layer_keys.all(), SameWrapped), "layer keys");
  Require(a.sequence == b.sequence, "sequence");
  Require(a.previous_hash == b.previous_hash, "previous hash");
  Require(a.fleet == b.fleet, "fleet");
  Require(std::ranges::equal(a.cloud_cas, b.cloud_cas.all(), same_bytes), "cloud CAs");
}

void Compare(ByteSpan in) {
  const auto sealed = host::ParseNewKeys(in);
  const auto envelope = device::ParseNewKeysEnvelope(in);
  Require(sealed.ok() == envelope.ok(), "envelope");
  if (!sealed.ok()) {
    return;
  }
  Require(sealed->signer == envelope->signer(), "signer");
  Require(strata::Equal(sealed->body, envelope->SignedParts()[1]), "signed body");
  Require(sealed->signature == envelope->signature(), "signature");
  const auto verified = device::VerifiedNewKeys::Verify(
      *envelope, [](auto, const strata::Signature&) { return strata::Status(); });
  device::NewKeys keys;
  const bool device_ok = verified.ok() && device::Decode(*verified, keys).ok();
  const auto body = host::ParseNewKeysBody(sealed->body);
  Require(body.ok() == (device_ok && KeysAreOnCurve(keys)), "body");
  if (body.ok()) {
    RequireSameMeaning(*body, keys);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Compare({data, size});
  if (size > 0) {
    Compare(host::SerializeNewKeys(
        {.signer = strata::KeyId{1}, .body = {data, data + size}, .signature = {}}));
  }
  return 0;
}
