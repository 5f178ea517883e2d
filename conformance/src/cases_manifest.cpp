// SPDX-License-Identifier: Apache-2.0
// Manifests that must be refused before any of their layers is asked for.
#include <array>

#include "play.hpp"

namespace strata::conformance {
namespace {

/// The common course: the device refuses the app, then installs a good one.
bool RefusedThenWorks(Play& play, const Wish& wish, std::initializer_list<Code> codes) {
  return play.Start() && play.Refuses(play.Make(wish), codes) && play.StillWorks();
}

bool Edited(Play& play, std::function<void(bundle::AppBody&)> edit, Code code) {
  return RefusedThenWorks(play, {.edit = std::move(edit)}, {code});
}

bool WrongManifestHash(Play& play) {
  const App app = play.Make();
  Bytes damaged = app.manifest;
  damaged[damaged.size() / 2] ^= 0x01;
  if (!play.Start()) {
    return false;
  }
  play.cloud().SetHook(Route::kManifest, [damaged](const Request& request, Connection& connection) {
    HostileCloud::Serve(request, connection, damaged);
    return true;
  });
  if (!play.Refuses(app, {Code::kManifestHashMismatch})) {
    return false;
  }
  play.cloud().SetHook(Route::kManifest, {});
  return play.StillWorks();
}

bool UnsignedManifest(Play& play) {
  return RefusedThenWorks(play, {.seal = {.unsigned_manifest = true}}, {Code::kManifestUnsigned});
}

bool UnknownSigner(Play& play) {
  const bundle::PrivateKey& stranger = play.trust().keys.stranger;
  return RefusedThenWorks(
      play,
      {.seal = {.key = &stranger,
                .signer_id = bundle::KeyIdOf(KeyType::kManifestSigner, stranger.public_key())}},
      {Code::kSignerUnknown});
}

bool SignatureOfAnotherKey(Play& play) {
  return RefusedThenWorks(
      play, {.seal = {.key = &play.trust().keys.stranger}}, {Code::kSignatureInvalid});
}

bool KeyOfAnotherKind(Play& play) {
  const Keys& keys = play.trust().keys;

  struct Other {
    const bundle::PrivateKey* key;
    KeyType type;
  };

  if (!play.Start()) {
    return false;
  }
  for (const Other& other : {Other{&keys.layer, KeyType::kLayer},
                             Other{&keys.rotation, KeyType::kRotation},
                             Other{&keys.identity, KeyType::kManifestSigner}}) {
    const Seal seal{.key = other.key,
                    .signer_id = bundle::KeyIdOf(other.type, other.key->public_key())};
    if (!play.Refuses(play.Make({.seal = seal}), {Code::kSignerUnknown})) {
      return false;
    }
  }
  return play.StillWorks();
}

bool CrossKindSignatures(Play& play) {
  if (!play.Start()) {
    return false;
  }
  for (const std::string_view prefix : {bundle::kReceiptPrefix,
                                        std::string_view("strata-new-keys-v1"),
                                        std::string_view("strata-debug-v1"),
                                        std::string_view("")}) {
    if (!play.Refuses(play.Make({.seal = {.prefix = prefix}}), {Code::kSignatureInvalid})) {
      return false;
    }
  }
  return play.StillWorks();
}

bool UnknownLayerKey(Play& play) {
  return RefusedThenWorks(
      play, {.layer_key = &play.trust().keys.stranger}, {Code::kDecryptionKeyMissing});
}

bool OtherHardware(Play& play) {
  return Edited(
      play,
      [](bundle::AppBody& body) { body.hardware_type = "no-such-board"; },
      Code::kHardwareMismatch);
}

bool OverlappingLayers(Play& play) {
  return Edited(
      play,
      [](bundle::AppBody& body) {
        body.layers[1].placement.start_bytes = body.layers[0].placement.start_bytes;
      },
      Code::kPlacementOverlap);
}

bool OutOfBounds(Play& play) {
  const std::uint32_t end = play.profile().internal_bytes;
  return Edited(
      play,
      [end](bundle::AppBody& body) { body.layers[1].placement.start_bytes = end; },
      Code::kPlacementOutOfBounds);
}

bool IntoStaging(Play& play) {
  const std::uint32_t slots = play.profile().slot_start_bytes;
  return Edited(
      play,
      [slots](bundle::AppBody& body) {
        body.layers[1].placement.medium = Medium::kExternal;
        body.layers[1].placement.start_bytes = slots;
      },
      Code::kPlacementOutOfBounds);
}

bool WrappingPlacement(Play& play) {
  const std::uint32_t unit = play.profile().internal_erase_unit_bytes;
  return Edited(
      play,
      [unit](bundle::AppBody& body) { body.layers[1].placement.start_bytes = 0U - unit; },
      Code::kPlacementOutOfBounds);
}

bool UnalignedPlacement(Play& play) {
  return Edited(
      play,
      [](bundle::AppBody& body) { body.layers[1].placement.start_bytes += 16; },
      Code::kPlacementUnaligned);
}

bool TooManyLayers(Play& play) {
  return Edited(
      play,
      [unit = play.profile().external_erase_unit_bytes](bundle::AppBody& body) {
        bundle::Layer layer = body.layers[0];
        layer.placement = {Medium::kExternal, 0, unit};
        layer.plaintext_bytes = layer.fetch_bytes = unit;
        while (body.layers.size() <= bundle::kMaxLayers) {
          body.layers.push_back(layer);
          layer.placement.start_bytes += unit;
        }
      },
      Code::kManifestTooManyLayers);
}

bool NoLayers(Play& play) {
  return Edited(
      play, [](bundle::AppBody& body) { body.layers.clear(); }, Code::kManifestNoLayers);
}

bool HugeLayerSizes(Play& play) {
  return Edited(
      play,
      [](bundle::AppBody& body) {
        body.layers[1].plaintext_bytes = 0xFFFFFFFF;
        body.layers[1].fetch_bytes = 0xFFFFFFFF;
      },
      Code::kLayerSizeInvalid);
}

bool HugePlacements(Play& play) {
  const std::uint32_t all = play.profile().internal_bytes;
  const std::uint32_t more = play.profile().external_app_bytes;
  if (all + more <= play.profile().slot_bytes) {
    // Both media full still fit: only a layer bigger than its medium is too much.
    return Edited(
        play,
        [all](bundle::AppBody& body) { body.layers[1].placement.size_bytes = all; },
        Code::kPlacementOutOfBounds);
  }
  return Edited(
      play,
      [all, more](bundle::AppBody& body) {
        body.layers[0].placement = {Medium::kInternal, 0, all};
        body.layers[0].plaintext_bytes = body.layers[0].fetch_bytes = all;
        body.layers[1].placement = {Medium::kExternal, 0, more};
        body.layers[1].plaintext_bytes = body.layers[1].fetch_bytes = more;
      },
      Code::kUpdateTooLarge);
}

bool MixedEncryption(Play& play) {
  const KeyId known = bundle::KeyIdOf(KeyType::kLayer, play.trust().keys.layer.public_key());
  return Edited(
      play,
      [known](bundle::AppBody& body) { body.layers[1].encrypted_with = known; },
      Code::kMixedEncryption);
}

bool NewerKernel(Play& play) {
  return Edited(
      play,
      [](bundle::AppBody& body) { body.minimum_kernel_version = 0xFFFFFFFF; },
      Code::kKernelTooOld);
}

bool SignedGarbage(Play& play) {
  return RefusedThenWorks(play,
                          {.edit_bytes = [](Bytes& body) { body.assign(200, 0xFF); }},
                          {Code::kManifestMalformed});
}

bool TruncatedManifest(Play& play) {
  return RefusedThenWorks(play,
                          {.edit_bytes = [](Bytes& body) { body.resize(body.size() / 2); }},
                          {Code::kManifestMalformed});
}

bool ManifestTooLarge(Play& play) {
  return RefusedThenWorks(play,
                          {.edit_bytes =
                               [](Bytes& body) {
                                 // Field 1000, length-delimited, 5000 bytes: unknown, so harmless
                                 // in a small manifest.
                                 const Bytes field = {0xC2, 0x3E, 0x88, 0x27};
                                 body.insert(body.end(), field.begin(), field.end());
                                 body.insert(body.end(), 5000, 0x00);
                               }},
                          {Code::kManifestTooLarge});
}

constexpr std::array kManifestCases = {
    Case{{"wrong-manifest-hash",
          "tampering",
          "a manifest with one bit flipped is refused with 216 after bounded tries"},
         WrongManifestHash},
    Case{{"unsigned-manifest", "arbitrary software", "an unsigned manifest is refused with 203"},
         UnsignedManifest},
    Case{{"unknown-signer", "wrong key", "a manifest of an unknown signer is refused with 204"},
         UnknownSigner},
    Case{{"signature-of-another-key",
          "wrong key",
          "a signature that is not the named signer's is refused with 205"},
         SignatureOfAnotherKey},
    Case{{"key-of-another-kind",
          "wrong key",
          "layer, rotation and identity keys of the device sign no manifest: refused with 204"},
         KeyOfAnotherKind},
    Case{{"cross-kind-signatures",
          "cross-kind signature",
          "a body signed as a receipt, NewKeys, debug challenge or bare is refused with 205"},
         CrossKindSignatures},
    Case{{"unknown-layer-key",
          "wrong key",
          "layers encrypted with a key that the device lacks are refused with 206"},
         UnknownLayerKey},
    Case{{"other-hardware", "wrong device", "a manifest for other hardware is refused with 207"},
         OtherHardware},
    Case{{"overlapping-layers", "hostile manifest", "overlapping placements are refused with 210"},
         OverlappingLayers},
    Case{{"out-of-bounds", "hostile manifest", "a placement behind the medium is refused with 208"},
         OutOfBounds},
    Case{{"into-staging",
          "hostile manifest",
          "a placement in the staging slots is refused with 208"},
         IntoStaging},
    Case{{"wrapping-placement",
          "hostile manifest",
          "a placement whose end wraps 32 bits is refused with 208"},
         WrappingPlacement},
    Case{{"unaligned-placement",
          "hostile manifest",
          "a placement off the erase units is refused with 209"},
         UnalignedPlacement},
    Case{{"too-many-layers", "hostile manifest", "a manifest of 33 layers is refused with 202"},
         TooManyLayers},
    Case{{"no-layers", "hostile manifest", "a manifest without layers is refused with 217"},
         NoLayers},
    Case{{"huge-layer-sizes",
          "huge lengths",
          "a layer that claims 4 GiB in a small placement is refused with 218"},
         HugeLayerSizes},
    Case{{"huge-placements",
          "huge lengths",
          "layers that can't fit medium or staging slot are refused with 208 or 211"},
         HugePlacements},
    Case{{"mixed-encryption",
          "hostile manifest",
          "a manifest with clear and encrypted layers is refused with 214"},
         MixedEncryption},
    Case{{"newer-kernel", "wrong device", "a manifest for a newer kernel is refused with 212"},
         NewerKernel},
    Case{{"signed-garbage", "hostile manifest", "a signed body of garbage is refused with 200"},
         SignedGarbage},
    Case{{"truncated-manifest",
          "hostile manifest",
          "a signed body that stops in the middle is refused with 200"},
         TruncatedManifest},
    Case{{"manifest-too-large",
          "huge lengths",
          "a signed manifest of more than 4096 bytes is refused with 201"},
         ManifestTooLarge},
};

}  // namespace

std::span<const Case> ManifestCases() {
  return kManifestCases;
}

}  // namespace strata::conformance
