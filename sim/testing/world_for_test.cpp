// SPDX-License-Identifier: Apache-2.0
#include "world_for_test.hpp"

#include <algorithm>
#include <random>

#include "strata/format/bundle/reader.hpp"
#include "strata/sim/panic.hpp"

namespace strata::sim {
namespace {

bundle::PrivateKey NewKey() {
  auto key = bundle::PrivateKey::Generate();
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
  if (options.tail_content != 0) {
    const std::vector<std::uint8_t> tail = RandomBytes(options.tail_content, options.image_bytes);
    const auto half = static_cast<std::ptrdiff_t>(options.layer_bytes);
    std::copy(tail.begin() + half, tail.end(), bytes.begin() + half);
  }
  return bytes;
}

void StripSizes(bundle::AppBody body, const bundle::PrivateKey& signer, AppImage& app) {
  for (bundle::Layer& layer : body.layers) {
    layer.plaintext_bytes = 0;
    layer.fetch_bytes = 0;
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

}  // namespace

std::vector<std::uint8_t> RandomBytes(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(random());
  }
  return bytes;
}

TestWorld::TestWorld(const HardwareProfile& profile)
    : profile_(profile),
      signer_(NewKey()),
      layer_key_(NewKey()),
      identity_key_(NewKey()),
      identity_(TestSid()),
      signers_{signer_.public_key()} {
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
  return {crypto_, identity_, identity_key_.public_key(), {signers_, layer_keys_, {}}};
}

AppImage TestWorld::MakeApp(const AppOptions& options) const {
  bundle::CreateRequest request;
  request.profile = &profile_;
  request.image = bundle::Image{0, ImageBytes(options)};
  request.layer_bytes = options.layer_bytes;
  request.policies = options.policies;
  request.signing_key = options.signer != nullptr ? options.signer : &signer_;
  if (options.external_bytes > 0) {
    request.data_layers.push_back({Placement{Medium::kExternal, 0, 0},
                                   RandomBytes(options.content + 1000, options.external_bytes)});
  }
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
               .script = options.script};
  if (options.without_sizes) {
    StripSizes(reader->body(), *request.signing_key, app);
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
    const auto& bytes = internal ? request.image->bytes : request.data_layers[0].bytes;
    const auto begin = bytes.begin() + layer.placement.start_bytes;
    out.plaintext.assign(begin, begin + layer.plaintext_bytes);
  }
  return app;
}

}  // namespace strata::sim
