// SPDX-License-Identifier: Apache-2.0
#include "world_for_test.hpp"

#include <algorithm>
#include <random>

#include "strata/format/bundle/new_keys.hpp"
#include "strata/format/bundle/reader.hpp"
#include "strata/sim/panic.hpp"

namespace strata::sim {
namespace {

constexpr bundle::FleetId kFleet = {0xF1, 0xEE, 0x7};

bundle::PrivateKey KeyFrom(std::uint64_t seed) {
  std::array<std::uint8_t, kPrivateKeyBytes> scalar{};
  const std::vector<std::uint8_t> bytes = RandomBytes(seed, scalar.size());
  std::copy(bytes.begin(), bytes.end(), scalar.begin());
  scalar[0] &= 0x7F;  // below the group's order
  auto key = bundle::PrivateKey::FromScalar(scalar);
  if (!key.ok()) {
    Panic("no key");
  }
  return std::move(key).value();
}

DeviceSid TestSid() {
  const std::array<std::uint8_t, 16> bytes = {
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  return DeviceSid::FromBytes(bytes);
}

std::vector<std::uint8_t> ImageBytes(const AppOptions& options) {
  std::vector<std::uint8_t> bytes = RandomBytes(options.content, options.image_bytes);
  if (options.tail_content != 0 && options.image_bytes > options.layer_bytes) {
    const std::vector<std::uint8_t> tail = RandomBytes(options.tail_content, options.image_bytes);
    const auto half = static_cast<std::ptrdiff_t>(options.layer_bytes);
    std::copy(tail.begin() + half, tail.end(), bytes.begin() + half);
  }
  return bytes;
}

/// Changes what the bundle tool would not: the sizes are taken out, the order is shuffled.
void Resign(const AppOptions& options,
            bundle::AppBody body,
            const bundle::PrivateKey& signer,
            AppImage& app) {
  for (bundle::Layer& layer : body.layers) {
    layer.plaintext_bytes = options.without_sizes ? 0 : layer.plaintext_bytes;
    layer.fetch_bytes = options.without_sizes ? 0 : layer.fetch_bytes;
  }
  body.layers.back().measurement_digest.bytes[0] ^= options.wrong_measurement ? 1 : 0;
  if (options.layer_order != 0) {
    std::mt19937_64 random(options.layer_order);
    std::shuffle(body.layers.begin(), body.layers.end(), random);
  }
  bundle::SealedManifest sealed;
  sealed.signer = bundle::KeyIdOf(KeyType::kManifestSigner, signer.public_key());
  sealed.body = bundle::SerializeBody(body);
  const auto signature = signer.Sign(bundle::kManifestPrefix, sealed.body);
  if (!signature.ok()) {
    Panic("no signature");
  }
  sealed.signature = *signature;
  app.manifest = bundle::SerializeManifest(sealed);
  app.manifest_hash = bundle::Sha256(app.manifest);
}

/// Equal data layers one behind the other on the external medium.
void AddExternalLayers(const AppOptions& options,
                       std::uint32_t unit,
                       bundle::CreateRequest& request) {
  const std::uint64_t content =
      options.external_content != 0 ? options.external_content : options.content + 1000;
  const auto size = static_cast<std::uint32_t>((options.external_bytes + unit - 1) / unit * unit);
  for (std::uint32_t i = 0; options.external_bytes > 0 && i < options.external_layers; ++i) {
    request.data_layers.push_back(
        {Placement{Medium::kExternal, i * size, options.external_layers > 1 ? size : 0},
         RandomBytes(content, options.external_bytes)});
  }
}

}  // namespace

std::vector<std::uint8_t> RandomBytes(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(random());
  }
  return bytes;
}

TestWorld::TestWorld(const HardwareProfile& profile, std::uint64_t seed)
    : profile_(profile),
      signer_(KeyFrom(seed * 1000 + 1)),
      layer_key_(KeyFrom(seed * 1000 + 2)),
      identity_key_(KeyFrom(seed * 1000 + 3)),
      rotation_(KeyFrom(seed * 1000 + 4)),
      receiver_(KeyFrom(seed * 1000 + 5)),
      next_signer_(KeyFrom(seed * 1000 + 6)),
      next_layer_key_(KeyFrom(seed * 1000 + 7)),
      identity_(TestSid()),
      signers_{signer_.public_key()},
      rotation_keys_{rotation_.public_key()} {
  auto& scalar = layer_keys_.emplace_back();
  std::copy(layer_key_.scalar().begin(), layer_key_.scalar().end(), scalar.begin());
  if (!platform::PsaCrypto::Init() || !identity_.Load(identity_key_.scalar())) {
    Panic("no crypto");
  }
}

bundle::AppBody TestWorld::ReadyPolicy() {
  bundle::AppBody body;
  body.trial = bundle::TrialPolicy{.ready_required = true, .window_sec = 2, .crashes_allowed = 0};
  return body;
}

Persona TestWorld::persona() const {
  return {crypto_,
          identity_,
          identity_key_.public_key(),
          {.signers = signers_,
           .layer_keys = layer_keys_,
           .rotation_keys = rotation_keys_,
           .receiver = receiver_.scalar(),
           .position = {.fleet = kFleet, .sequence = 0, .last_hash = {}}}};
}

std::vector<std::vector<std::uint8_t>> TestWorld::KeyMessages(bool revoke) const {
  const auto wrapped = bundle::WrapLayerKey(next_layer_key_, receiver_.public_key(), kFleet, 1);
  bundle::NewKeysBody first;
  first.add_signers = {next_signer_.public_key()};
  first.cloud_cas = {RandomBytes(1, 150), RandomBytes(2, 90)};
  first.sequence = 1;
  first.fleet = kFleet;
  bundle::NewKeysBody second;
  second.delete_signers = {
      bundle::KeyIdOf(KeyType::kManifestSigner, (revoke ? signer_ : next_signer_).public_key())};
  second.delete_layer_keys = {bundle::KeyIdOf(KeyType::kLayer, layer_key_.public_key())};
  second.sequence = 2;
  second.fleet = kFleet;
  if (!wrapped.ok()) {
    Panic("a layer key can't be sealed");
  }
  first.add_layer_keys = {*wrapped};
  second.previous_hash = bundle::Sha256(bundle::SerializeNewKeysBody(first));
  const auto one = bundle::SignNewKeys(first, rotation_);
  const auto two = bundle::SignNewKeys(second, rotation_);
  if (!one.ok() || !two.ok()) {
    Panic("a key change can't be signed");
  }
  return {*one, *two};
}

AppImage TestWorld::MakeApp(const AppOptions& options) const {
  bundle::CreateRequest request;
  request.profile = &profile_;
  request.image = bundle::Image{options.image_start_bytes, ImageBytes(options)};
  request.layer_bytes = options.layer_bytes;
  request.policies = options.policies;
  request.signing_key = options.signer != nullptr ? options.signer : &signer_;
  AddExternalLayers(options, profile_.external_erase_unit_bytes, request);
  if (options.encrypted) {
    const bundle::PrivateKey& key = options.layer_key != nullptr ? *options.layer_key : layer_key_;
    request.layer_key = bundle::LayerKey{key.public_key(), &key};
  }
  const auto created = bundle::CreateBundle(request, 1);
  if (!created.ok()) {
    Panic("the bundle can't be made");
  }
  const auto source = bundle::MemorySource(created->zip);
  const auto reader = bundle::BundleReader::Open(*source);
  if (!reader.ok()) {
    Panic("the bundle can't be read");
  }
  AppImage app{.name = options.name,
               .manifest_hash = bundle::Sha256(reader->manifest_bytes()),
               .manifest = reader->manifest_bytes(),
               .layers = {},
               .script = options.script,
               .security_counter = options.policies.security_counter};
  if (options.without_sizes || options.wrong_measurement || options.layer_order != 0) {
    Resign(options, reader->body(), *request.signing_key, app);
  }
  for (const bundle::Layer& layer : reader->body().layers) {
    AppImage::Layer& out = app.layers.emplace_back();
    out.fetch_digest = layer.fetch_digest;
    out.placement = layer.placement;
    const auto sink = [&out](ByteSpan piece) -> bundle::Outcome {
      out.fetched.insert(out.fetched.end(), piece.begin(), piece.end());
      return bundle::Done{};
    };
    if (!reader->ReadLayer(layer.fetch_digest, sink).ok()) {
      Panic("a layer can't be read");
    }
    const bool internal = layer.placement.medium == Medium::kInternal;
    // All data layers are equal and whole.
    const auto& bytes = internal ? request.image->bytes : request.data_layers[0].bytes;
    const std::uint32_t from =
        internal ? layer.placement.start_bytes - options.image_start_bytes : 0;
    const auto begin = bytes.begin() + from;
    out.plaintext.assign(begin, begin + layer.plaintext_bytes);
  }
  return app;
}

}  // namespace strata::sim
