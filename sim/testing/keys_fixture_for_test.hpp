// SPDX-License-Identifier: Apache-2.0
/// KeysFixture: a device of a fleet with rotation and receiver key, and the fleet's chain of
/// NewKeys messages.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "strata/format/bundle/new_keys.hpp"

#include "fixture_for_test.hpp"

namespace strata::sim {

inline constexpr bundle::FleetId kTestFleet = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/// What a message does; what is left out is as the chain says.
struct Changes {
  std::vector<KeyId> delete_signers{};
  std::vector<KeyId> delete_layer_keys{};
  std::vector<PublicKey> add_signers{};
  std::vector<bundle::WrappedLayerKey> add_layer_keys{};
  std::uint32_t sequence = 0;
  std::optional<Digest> previous_hash{};
  bundle::FleetId fleet{};
  std::vector<std::vector<std::uint8_t>> cloud_cas{};
};

inline bundle::PrivateKey NewTestKey() {
  auto key = bundle::PrivateKey::Generate();
  EXPECT_TRUE(key.ok());
  return std::move(key).value();
}

class KeysFixture : public UpdateFixture {
 protected:
  using Message = std::vector<std::uint8_t>;
  using Scalar = std::array<std::uint8_t, kPrivateKeyBytes>;

  KeysFixture() {
    const Persona plain = world_.persona();
    signers_ = {plain.keys.signers[0], second_.public_key()};
    rotation_publics_ = {rotation_.public_key()};
    layer_scalars_ = {plain.keys.layer_keys[0], ScalarOf(layer_)};
    receiver_scalar_ = ScalarOf(receiver_);
    device_ = MakeDevice(7);
  }

  static Scalar ScalarOf(const bundle::PrivateKey& key) {
    Scalar scalar{};
    std::copy(key.scalar().begin(), key.scalar().end(), scalar.begin());
    return scalar;
  }

  std::unique_ptr<Device> MakeDevice(std::uint64_t seed) {
    Persona persona = world_.persona();
    persona.keys =
        engine::KeySeed{.signers = signers_,
                        .layer_keys = layer_scalars_,
                        .rotation_keys = rotation_publics_,
                        .receiver = receiver_scalar_,
                        .position = {.fleet = kTestFleet, .sequence = 0, .last_hash = {}}};
    SetRunId(::testing::UnitTest::GetInstance()->current_test_info()->name());
    return std::make_unique<Device>(world_.profile(), persona, seed);
  }

  /// An app that says ready; by the world's signer and layer key unless named.
  AppImage Signed(std::string name,
                  std::uint64_t content,
                  const bundle::PrivateKey* signer = nullptr,
                  const bundle::PrivateKey* layer_key = nullptr,
                  bool encrypted = false) {
    AppOptions options;
    options.name = std::move(name);
    options.content = content;
    options.encrypted = encrypted || layer_key != nullptr;
    options.policies = TestWorld::ReadyPolicy();
    options.signer = signer;
    options.layer_key = layer_key;
    return Add(options);
  }

  AppImage Crashing(std::uint64_t content, const bundle::PrivateKey* signer) {
    AppOptions options;
    options.name = "crashing";
    options.content = content;
    options.policies = TestWorld::ReadyPolicy();
    options.script.ready_after_ms.reset();
    options.script.crash_after_ms = 0;
    options.signer = signer;
    return Add(options);
  }

  /// The world's signer, with whom apps are signed unless another is named.
  [[nodiscard]] KeyId FirstSigner() const {
    return bundle::KeyIdOf(KeyType::kManifestSigner, signers_[0]);
  }

  [[nodiscard]] KeyId FirstLayerKey() const {
    platform::PsaCrypto crypto;
    PublicKey key{};
    EXPECT_TRUE(crypto.PublicOf(layer_scalars_[0], key).ok());
    return bundle::KeyIdOf(KeyType::kLayer, key);
  }

  static KeyId SignerId(const bundle::PrivateKey& key) {
    return bundle::KeyIdOf(KeyType::kManifestSigner, key.public_key());
  }

  [[nodiscard]] bundle::WrappedLayerKey Wrap(const bundle::PrivateKey& key) const {
    auto wrapped =
        bundle::WrapLayerKey(key, receiver_.public_key(), kTestFleet, head_.sequence + 1);
    EXPECT_TRUE(wrapped.ok());
    return *wrapped;
  }

  [[nodiscard]] bundle::NewKeysBody BodyOf(const Changes& changes) const {
    bundle::NewKeysBody body;
    body.delete_signers = changes.delete_signers;
    body.delete_layer_keys = changes.delete_layer_keys;
    body.add_signers = changes.add_signers;
    body.add_layer_keys = changes.add_layer_keys;
    body.sequence = changes.sequence != 0 ? changes.sequence : head_.sequence + 1;
    body.previous_hash = changes.previous_hash;
    if (!body.previous_hash && head_.sequence > 0) {
      body.previous_hash = head_.last_hash;
    }
    body.fleet = changes.fleet != bundle::FleetId{} ? changes.fleet : kTestFleet;
    body.cloud_cas = changes.cloud_cas;
    return body;
  }

  /// The chain's next message; the chain does not move.
  [[nodiscard]] Message Sign(const Changes& changes) const {
    auto message = bundle::SignNewKeys(BodyOf(changes), rotation_);
    EXPECT_TRUE(message.ok());
    return *message;
  }

  /// `body` in an envelope of the rotation key, whatever it says.
  [[nodiscard]] Message Seal(std::vector<std::uint8_t> body,
                             std::string_view prefix = bundle::kNewKeysPrefix) const {
    bundle::SealedNewKeys sealed;
    sealed.signer = bundle::KeyIdOf(KeyType::kRotation, rotation_.public_key());
    sealed.signature = *rotation_.Sign(prefix, body);
    sealed.body = std::move(body);
    return bundle::SerializeNewKeys(sealed);
  }

  /// Signs the next message and lets the cloud have it, and tell of it.
  void Issue(const Changes& changes) {
    const Message message = Sign(changes);
    head_.last_hash = bundle::Sha256(bundle::ParseNewKeys(message)->body);
    ++head_.sequence;
    device_->cloud().SetNewKeys(head_.sequence, message);
    device_->cloud().AnnounceKeys(head_.sequence);
  }

  static bundle::ChainHead StartOfChain() {
    bundle::ChainHead head;
    head.fleet = kTestFleet;
    return head;
  }

  [[nodiscard]] std::uint32_t Position() { return device_->keys().Position()->sequence; }

  bool StepUntil(engine::State state) {
    for (int i = 0; i < 20'000; ++i) {
      if (!device_->engine() && !device_->BootOnce()) {
        return false;
      }
      if (device_->engine()->snapshot().state == state) {
        return true;
      }
      device_->StepOnce();
    }
    return false;
  }

  /// Boots if need be and steps until nothing is left to do.
  void Run() { EXPECT_TRUE(device_->RunUntilSettled()); }

  void ExpectSigner(const bundle::PrivateKey& key, bool trusted) {
    EXPECT_EQ(device_->keys().FindSigner(SignerId(key)).ok(), trusted);
  }

  const bundle::PrivateKey second_ = NewTestKey();  ///< a signer from the start
  const bundle::PrivateKey third_ = NewTestKey();   ///< becomes one
  const bundle::PrivateKey layer_ = NewTestKey();   ///< a layer key from the start
  const bundle::PrivateKey new_layer_ = NewTestKey();
  const bundle::PrivateKey rotation_ = NewTestKey();
  const bundle::PrivateKey receiver_ = NewTestKey();
  std::vector<PublicKey> signers_;
  std::vector<PublicKey> rotation_publics_;
  std::vector<Scalar> layer_scalars_;
  Scalar receiver_scalar_{};
  bundle::ChainHead head_ = StartOfChain();
};

}  // namespace strata::sim
