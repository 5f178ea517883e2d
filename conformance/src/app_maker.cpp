// SPDX-License-Identifier: Apache-2.0
#include "app_maker.hpp"

#include <random>

#include "strata/format/bundle/reader.hpp"

namespace strata::conformance {
namespace {

constexpr std::uint32_t kLayerBytes = 64 * 1024;
constexpr std::uint32_t kTrialWindowSec = 1;

std::uint64_t RandomNumber() {
  std::random_device source;
  return (std::uint64_t{source()} << 32) | source();
}

/// Bytes that do not repeat and differ for each seed.
Bytes Noise(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  Bytes out(size);
  for (std::uint8_t& byte : out) {
    byte = static_cast<std::uint8_t>(generator() >> 56);
  }
  return out;
}

bundle::Expected<std::map<Digest, Bytes>> LayersOf(ByteSpan zip) {
  const auto source = bundle::MemorySource(zip);
  const auto reader = bundle::BundleReader::Open(*source);
  if (!reader) {
    return reader.failure();
  }
  std::map<Digest, Bytes> layers;
  for (const bundle::LayerEntry& entry : reader->entries()) {
    Bytes& bytes = layers[entry.digest];
    const auto take = [&bytes](ByteSpan piece) -> bundle::Outcome {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
      return bundle::Done{};
    };
    if (const auto read = reader->ReadLayer(entry.digest, take); !read) {
      return read.failure();
    }
  }
  return layers;
}

bundle::Expected<bundle::SealedManifest> SealBody(const Seal& seal,
                                                  const bundle::PrivateKey& own,
                                                  Bytes body) {
  bundle::SealedManifest manifest;
  manifest.body = std::move(body);
  if (seal.unsigned_manifest) {
    return manifest;
  }
  const bundle::PrivateKey& key = seal.key != nullptr ? *seal.key : own;
  const auto signature = key.Sign(seal.prefix, manifest.body);
  if (!signature) {
    return signature.failure();
  }
  manifest.signature = *signature;
  manifest.signer =
      seal.signer_id.value_or(bundle::KeyIdOf(KeyType::kManifestSigner, own.public_key()));
  return manifest;
}

}  // namespace

bundle::Expected<Keys> Keys::Make() {
  std::vector<bundle::PrivateKey> made;
  for (int i = 0; i < 5; ++i) {
    auto key = bundle::PrivateKey::Generate();
    if (!key) {
      return key.failure();
    }
    made.push_back(std::move(key).value());
  }
  return Keys{std::move(made[0]),
              std::move(made[1]),
              std::move(made[2]),
              std::move(made[3]),
              std::move(made[4])};
}

AppMaker::AppMaker(const Keys& keys, const HardwareProfile& profile)
    : keys_(keys), profile_(profile), next_seed_(RandomNumber()) {}

bundle::Expected<App> AppMaker::Make(const Wish& wish) {
  bundle::CreateRequest request;
  request.profile = &profile_;
  request.image = bundle::Image{0, Noise(wish.image_bytes, next_seed_++)};
  request.image_region_bytes = 4 * kLayerBytes;
  request.layer_bytes = kLayerBytes;
  request.policies.security_counter = wish.security_counter;
  request.policies.trial = bundle::TrialPolicy{
      .ready_required = wish.ready_required, .window_sec = kTrialWindowSec, .crashes_allowed = 0};
  if (wish.layer_key != nullptr) {
    request.layer_key = bundle::LayerKey{wish.layer_key->public_key(), wish.layer_key};
  }
  auto created = bundle::CreateBundle(request, 1);
  if (!created) {
    return created.failure();
  }
  auto layers = LayersOf(created->zip);
  if (!layers) {
    return layers.failure();
  }
  bundle::AppBody body = std::move(created->body);
  if (wish.edit) {
    wish.edit(body);
  }
  Bytes body_bytes = bundle::SerializeBody(body);
  if (wish.edit_bytes) {
    wish.edit_bytes(body_bytes);
  }
  const auto sealed = SealBody(wish.seal, keys_.signer, std::move(body_bytes));
  if (!sealed) {
    return sealed.failure();
  }
  App app{.sid = AppSid::FromBytes(RandomId()),
          .manifest = bundle::SerializeManifest(*sealed),
          .manifest_hash = {},
          .body_hash = bundle::Sha256(sealed->body),
          .layers = std::move(*layers),
          .measurements = {}};
  app.manifest_hash = bundle::Sha256(app.manifest);
  for (const bundle::Layer& layer : body.layers) {
    app.measurements.push_back(layer.measurement_digest);
  }
  return app;
}

std::array<std::uint8_t, 16> RandomId() {
  std::array<std::uint8_t, 16> id{};
  const std::array<std::uint64_t, 2> numbers = {RandomNumber(), RandomNumber()};
  std::memcpy(id.data(), numbers.data(), id.size());
  return id;
}

}  // namespace strata::conformance
