// SPDX-License-Identifier: Apache-2.0
// NewKeys messages that nobody may follow (docs/spec/new-keys.md). Whether a device followed one is
// told by whether it takes an app of the signer that the message adds.
#include <array>

#include "strata/format/bundle/new_keys.hpp"

#include "play.hpp"

namespace strata::conformance {
namespace {

constexpr std::string_view kNewKeysPrefix = "strata-new-keys-v1";

/// The first message of the device's fleet: the stranger becomes a signer.
bundle::NewKeysBody AddsStranger(const Play& play) {
  bundle::NewKeysBody body;
  body.sequence = 1;
  body.fleet = play.trust().fleet;
  body.add_signers = {play.trust().keys.stranger.public_key()};
  return body;
}

/// `body` signed by `key` with `prefix`, in the name of `signer`.
Bytes Sealed(const bundle::NewKeysBody& body,
             const bundle::PrivateKey& key,
             KeyId signer,
             std::string_view prefix = kNewKeysPrefix) {
  bundle::SealedNewKeys message{.signer = signer, .body = bundle::SerializeNewKeysBody(body)};
  if (const auto signature = key.Sign(prefix, message.body)) {
    message.signature = *signature;
  }
  return bundle::SerializeNewKeys(message);
}

KeyId RotationId(const bundle::PrivateKey& key) {
  return bundle::KeyIdOf(KeyType::kRotation, key.public_key());
}

Seal ByStranger(const Play& play) {
  const bundle::PrivateKey& stranger = play.trust().keys.stranger;
  return {.key = &stranger,
          .signer_id = bundle::KeyIdOf(KeyType::kManifestSigner, stranger.public_key())};
}

/// The device fetches each message, in turn, and follows none: the stranger's apps stay refused.
bool FollowsNone(Play& play, const std::vector<Bytes>& messages) {
  if (!play.Start()) {
    return false;
  }
  for (const Bytes& message : messages) {
    play.cloud().SetNewKeys(1, message);
    if (!play.Asks(Route::kKeys, 1, "the device asked for the new keys") ||
        !play.Refuses(play.Make({.seal = ByStranger(play)}), {Code::kSignerUnknown})) {
      return false;
    }
  }
  return play.StillWorks();
}

bool NewKeys(Play& play) {
  const Keys& keys = play.trust().keys;
  play.cloud().SetNewKeys(1, Sealed(AddsStranger(play), keys.rotation, RotationId(keys.rotation)));
  return play.Start() && play.Installs(play.Make({.seal = ByStranger(play)})) && play.StillWorks();
}

bool ForgedNewKeys(Play& play) {
  const Keys& keys = play.trust().keys;
  const bundle::NewKeysBody body = AddsStranger(play);
  return FollowsNone(play,
                     {Sealed(body, keys.stranger, RotationId(keys.stranger)),
                      Sealed(body, keys.stranger, RotationId(keys.rotation)),
                      Sealed(body, keys.signer, RotationId(keys.signer))});
}

bool CrossKindNewKeys(Play& play) {
  const Keys& keys = play.trust().keys;
  const bundle::NewKeysBody body = AddsStranger(play);
  const KeyId id = RotationId(keys.rotation);
  return FollowsNone(play,
                     {Sealed(body, keys.rotation, id, bundle::kManifestPrefix),
                      Sealed(body, keys.rotation, id, bundle::kReceiptPrefix),
                      play.Make().manifest});
}

bool NewKeysOutOfChain(Play& play) {
  const Keys& keys = play.trust().keys;
  const KeyId id = RotationId(keys.rotation);
  bundle::NewKeysBody other_fleet = AddsStranger(play);
  other_fleet.fleet = RandomId();
  bundle::NewKeysBody too_new = AddsStranger(play);
  too_new.sequence = 2;
  bundle::NewKeysBody other_past = AddsStranger(play);
  other_past.previous_hash = bundle::Sha256(AsBytes("another past"));
  return FollowsNone(play,
                     {Sealed(other_fleet, keys.rotation, id),
                      Sealed(too_new, keys.rotation, id),
                      Sealed(other_past, keys.rotation, id)});
}

bool GarbageNewKeys(Play& play) {
  const Keys& keys = play.trust().keys;
  Bytes large = Sealed(AddsStranger(play), keys.rotation, RotationId(keys.rotation));
  const Bytes field = {0xC2, 0x3E, 0x88, 0x27};  // field 1000 of 5000 bytes
  large.insert(large.end(), field.begin(), field.end());
  large.insert(large.end(), 5000, 0x00);
  return FollowsNone(play, {Bytes(200, 0xFF), Bytes(), large});
}

constexpr std::array kKeyCases = {
    Case{{"new-keys",
          "control",
          "a signer added by a rotation key is trusted, and the one before it too"},
         NewKeys},
    Case{{"forged-new-keys",
          "wrong key",
          "new keys signed by a stranger or by a manifest signer are not followed"},
         ForgedNewKeys},
    Case{{"cross-kind-new-keys",
          "cross-kind signature",
          "new keys signed as another kind of message, or a manifest in their place, are not "
          "followed"},
         CrossKindNewKeys},
    Case{{"new-keys-out-of-chain",
          "replay",
          "new keys of another fleet, sequence or past are not followed"},
         NewKeysOutOfChain},
    Case{{"garbage-new-keys",
          "hostile message",
          "new keys that can't be read or exceed 4096 bytes are not followed"},
         GarbageNewKeys},
};

}  // namespace

std::span<const Case> KeysCases() {
  return kKeyCases;
}

}  // namespace strata::conformance
