// SPDX-License-Identifier: Apache-2.0
#include "app_maker.hpp"

#include <gtest/gtest.h>

namespace strata::conformance {
namespace {

class Maker : public testing::Test {
 protected:
  App Make(const Wish& wish) {
    auto app = maker_.Make(wish);
    EXPECT_TRUE(app.ok()) << (app.ok() ? "" : app.failure().message);
    return std::move(app).value();
  }

  bundle::SealedManifest Envelope(const App& app) {
    return std::move(bundle::ParseManifest(app.manifest)).value();
  }

  Keys keys_ = std::move(Keys::Make()).value();
  const HardwareProfile& profile_ = *FindHardwareProfile("stm32u585");
  AppMaker maker_{keys_, profile_};
};

TEST_F(Maker, GoodApp_PassesEveryCheckOfTheHost) {
  const App app = Make({.security_counter = 3});
  const bundle::SealedManifest envelope = Envelope(app);
  EXPECT_TRUE(bundle::VerifyManifest(envelope, keys_.signer.public_key()).ok());
  const auto body = bundle::ParseBody(envelope.body);
  ASSERT_TRUE(body.ok());
  EXPECT_TRUE(bundle::CheckAgainstHardware(*body, profile_).ok());
  EXPECT_EQ(body->security_counter, 3U);
  EXPECT_EQ(body->trial->window_sec, 1U);
  EXPECT_EQ(body->layers.size(), 2U);
  EXPECT_EQ(app.measurements.size(), 2U);
  for (const bundle::Layer& layer : body->layers) {
    ASSERT_TRUE(app.layers.contains(layer.fetch_digest));
    EXPECT_EQ(bundle::Sha256(app.layers.at(layer.fetch_digest)), layer.fetch_digest);
  }
  EXPECT_EQ(app.manifest_hash, bundle::Sha256(app.manifest));
  EXPECT_EQ(app.body_hash, bundle::Sha256(envelope.body));
}

TEST_F(Maker, TwoApps_ShareNoLayer) {
  const App one = Make({});
  const App two = Make({});
  for (const auto& [digest, bytes] : one.layers) {
    EXPECT_FALSE(two.layers.contains(digest));
  }
}

TEST_F(Maker, EncryptedApp_NamesTheKey) {
  const auto body = bundle::ParseBody(Envelope(Make({.layer_key = &keys_.layer})).body);
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->layers[0].encrypted_with,
            bundle::KeyIdOf(KeyType::kLayer, keys_.layer.public_key()));
}

TEST_F(Maker, BrokenBody_IsSignedAllTheSame) {
  const App app = Make({.edit = [](bundle::AppBody& body) { body.layers.clear(); }});
  const bundle::SealedManifest envelope = Envelope(app);
  EXPECT_TRUE(bundle::VerifyManifest(envelope, keys_.signer.public_key()).ok());
  EXPECT_FALSE(bundle::ParseBody(envelope.body).ok());
}

TEST_F(Maker, WrongSeals_DoNotVerify) {
  for (const Seal& seal : {Seal{.key = &keys_.stranger},
                           Seal{.prefix = bundle::kReceiptPrefix},
                           Seal{.unsigned_manifest = true}}) {
    EXPECT_FALSE(
        bundle::VerifyManifest(Envelope(Make({.seal = seal})), keys_.signer.public_key()).ok());
  }
}

}  // namespace
}  // namespace strata::conformance
