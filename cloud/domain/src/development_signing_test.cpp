// SPDX-License-Identifier: Apache-2.0
// Bundles of legacy tools come unsigned; an account may let the cloud sign them for development.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/format/bundle/new_keys.hpp"
#include "strata/format/bundle/reader.hpp"

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class DevelopmentSigning : public testing::Test {
 protected:
  /// The account as the next request would find it.
  Account Now() {
    auto caller = world_.service->Authenticate(world_.account->sid.text(), world_.token);
    EXPECT_TRUE(caller.ok());
    return caller->account;
  }

  Account Turn(bool on) {
    auto account = world_.service->UpdateAccount(*world_.account, {.development_signing = on});
    EXPECT_TRUE(account.ok());
    return *account;
  }

  ApiResult<CreatedApp> UploadUnsigned(std::uint8_t fill = 0x11) {
    return world_.UploadZip(Now(), TestWorld::MakeBundle({.fill = fill}).zip);
  }

  Device MakeDevice(bool development) {
    const auto key = std::move(bundle::PrivateKey::Generate()).value();
    return world_.service
        ->ProvisionDevice(Now(), {.public_key = key.public_key(), .development = development})
        ->device;
  }

  bool IsUsed(const std::string& master_key_id) {
    bool used = false;
    EXPECT_TRUE(world_.store
                    ->Read([&](StoreView& view) -> Status {
                      STRATA_TRY_ASSIGN(used, view.IsMasterKeyUsed(master_key_id));
                      return {};
                    })
                    .ok());
    return used;
  }

  auto Deploy(const Device& device, const App& app) {
    return world_.service->UpdateDevice(
        Now(), device.sid.text(), {.target_app = std::string(app.sid.text())});
  }

  TestWorld world_;
};

TEST_F(DevelopmentSigning, Off_UnsignedUploadIsRefusedAndToldHowToSign) {
  const auto refused = UploadUnsigned();
  EXPECT_EQ(Refusal(refused), std::pair(400, 65002));
  EXPECT_THAT(refused.error().message, HasSubstr("strata bundle sign"));
  EXPECT_THAT(refused.error().message, HasSubstr("strata accounts update --development-signing"));
  EXPECT_EQ(Now().development_signer, std::nullopt) << "no key is made before it is asked for";
}

TEST_F(DevelopmentSigning, On_UnsignedUploadIsSignedWithTheAccountsKey) {
  const Account account = Turn(true);
  ASSERT_TRUE(account.development_signer.has_value());
  const auto made = UploadUnsigned();
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made->app.signer, DevelopmentSignerOf(account));
  ASSERT_EQ(made->warnings.size(), 1U);
  EXPECT_THAT(made->warnings.front(), HasSubstr("development key"));
  const auto stored = world_.service->FetchManifest(account, made->app.sid.text());
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(bundle::Sha256(stored->bytes), made->app.manifest_hash);
  const auto manifest = bundle::ParseManifest(stored->bytes);
  ASSERT_TRUE(manifest.ok());
  EXPECT_TRUE(bundle::VerifyManifest(*manifest, *account.development_signer).ok());
  const bundle::CreatedBundle uploaded = TestWorld::MakeBundle({.fill = 0x11});
  const auto source = bundle::MemorySource(uploaded.zip);
  EXPECT_EQ(manifest->body, bundle::BundleReader::Open(*source)->manifest().body);
}

TEST_F(DevelopmentSigning, On_SignedUploadsStayAsTheyAre) {
  Turn(true);
  const auto signed_app = world_.UploadZip(Now(), world_.SignedBundle().zip);
  ASSERT_TRUE(signed_app.ok());
  EXPECT_NE(signed_app->app.signer, DevelopmentSignerOf(Now()));
  EXPECT_THAT(signed_app->warnings, IsEmpty());
  const auto stranger = std::move(bundle::PrivateKey::Generate()).value();
  EXPECT_EQ(Refusal(world_.UploadZip(Now(), TestWorld::MakeBundle({.signing_key = &stranger}).zip)),
            std::pair(400, 65003))
      << "signed by nobody we know is not unsigned";
}

TEST_F(DevelopmentSigning, OnAgain_KeepsTheKey) {
  const auto first = Turn(true).development_signer;
  EXPECT_EQ(Turn(false).development_signer, first);
  EXPECT_EQ(Refusal(UploadUnsigned()), std::pair(400, 65002));
  EXPECT_EQ(Turn(true).development_signer, first);
  EXPECT_NE(world_.service->UpdateAccount(*world_.stranger, {.development_signing = true})
                ->development_signer,
            first)
      << "each account has its own";
}

TEST_F(DevelopmentSigning, BundleItSigned_MayComeAgainWhileItIsOn) {
  Turn(true);
  const auto made = UploadUnsigned();
  const auto manifest = world_.service->FetchManifest(Now(), made->app.sid.text())->bytes;
  const bundle::CreatedBundle unsigned_bundle = TestWorld::MakeBundle({});
  const auto source = bundle::MemorySource(unsigned_bundle.zip);
  const auto reader = bundle::BundleReader::Open(*source);
  ASSERT_TRUE(reader.ok());
  std::vector<std::pair<std::string, std::vector<std::uint8_t>>> entries = {{"manifest", manifest}};
  for (const bundle::LayerEntry& entry : reader->entries()) {
    std::vector<std::uint8_t> bytes;
    ASSERT_TRUE(reader
                    ->ReadLayer(entry.digest,
                                [&](ByteSpan piece) -> bundle::Outcome {
                                  bytes.insert(bytes.end(), piece.begin(), piece.end());
                                  return bundle::Done{};
                                })
                    .ok());
    const auto name = entry.digest.ToHexText();
    entries.emplace_back(std::string(name.data(), name.size()), std::move(bytes));
  }
  const auto zip = WriteStoredZip(entries);
  const auto again = world_.UploadZip(Now(), zip);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->app.manifest_hash, made->app.manifest_hash);
  EXPECT_EQ(Refusal(world_.UploadZip(*world_.stranger, zip)), std::pair(400, 65003));
  Turn(false);
  const auto refused = world_.UploadZip(Now(), zip);
  EXPECT_EQ(Refusal(refused), std::pair(400, 65003));
  EXPECT_THAT(refused.error().message, HasSubstr("development signing is off"));
}

TEST_F(DevelopmentSigning, TurnedOffDuringTheUpload_IsRefused) {
  Turn(true);
  const Account before = Now();
  Turn(false);
  EXPECT_EQ(Refusal(world_.UploadZip(before, TestWorld::MakeBundle({}).zip)),
            std::pair(400, 65003));
  EXPECT_THAT(world_.service->ListApps(before, {})->items, IsEmpty());
}

TEST_F(DevelopmentSigning, OnlyDevelopmentDevices_TakeWhatItSigned) {
  Turn(true);
  const App app = UploadUnsigned()->app;
  const Device production = MakeDevice(false);
  const auto refused = Deploy(production, app);
  EXPECT_EQ(Refusal(refused), std::pair(400, 65009));
  EXPECT_EQ(world_.service->FetchDevice(Now(), production.sid.text())->app.target_sid,
            std::nullopt);
  EXPECT_TRUE(Deploy(MakeDevice(true), app).ok());
  EXPECT_TRUE(Deploy(production, world_.MakeApp(0x22)).ok());
}

TEST_F(DevelopmentSigning, Provision_GivesThePublicHalfToDevelopmentDevicesOnly) {
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  const auto provision = [&](const bundle::PrivateKey& of, bool development) {
    return world_.service
        ->ProvisionDevice(Now(), {.public_key = of.public_key(), .development = development})
        ->development_signer;
  };
  EXPECT_EQ(provision(key, true), std::nullopt) << "the account never opted in";
  const auto signer = Turn(true).development_signer;
  EXPECT_EQ(provision(key, true), signer) << "again, for a device that was there before";
  const auto production = std::move(bundle::PrivateKey::Generate()).value();
  EXPECT_EQ(provision(production, false), std::nullopt);
  EXPECT_EQ(provision(production, true), std::nullopt) << "what it is does not change";
}

TEST_F(DevelopmentSigning, Key_NeverBecomesASignerOfTheFleet) {
  const PublicKey signer = *Turn(true).development_signer;
  EXPECT_EQ(Refusal(world_.service->RegisterKey(Now(), signer, "x")), std::pair(400, 20001));
  const auto rotation = std::move(bundle::PrivateKey::Generate()).value();
  ASSERT_TRUE(
      world_.service->RegisterKey(Now(), rotation.public_key(), "", KeyType::kRotation).ok());
  bundle::NewKeysBody body;
  body.sequence = 1;
  ASSERT_TRUE(FromHex(world_.account->sid.text().substr(2), body.fleet));
  body.add_signers = {signer};
  const auto message = bundle::SignNewKeys(body, rotation).value();
  EXPECT_EQ(Refusal(world_.service->CreateKeyChange(Now(), message)), std::pair(400, 20001));
}

TEST_F(DevelopmentSigning, Key_TakesOneOfTheEightPlacesForSignersOnADevice) {
  const auto rotation = std::move(bundle::PrivateKey::Generate()).value();
  ASSERT_TRUE(
      world_.service->RegisterKey(Now(), rotation.public_key(), "", KeyType::kRotation).ok());
  // The world's own signer is the first of those that are registered.
  const auto add = [&](std::uint32_t sequence, std::optional<Digest> previous, int count) {
    bundle::NewKeysBody body;
    body.sequence = sequence;
    body.previous_hash = previous;
    EXPECT_TRUE(FromHex(world_.account->sid.text().substr(2), body.fleet));
    for (int i = 0; i < count; ++i) {
      body.add_signers.push_back(std::move(bundle::PrivateKey::Generate())->public_key());
    }
    return world_.service->CreateKeyChange(Now(), bundle::SignNewKeys(body, rotation).value());
  };
  const auto six = add(1, std::nullopt, 6);
  ASSERT_TRUE(six.ok()) << six.error().message;
  Turn(true);
  const auto eighth = add(2, six->first.hash, 1);
  EXPECT_EQ(Refusal(eighth), std::pair(400, 65006));
  EXPECT_THAT(eighth.error().message, HasSubstr("would make 9, the account's development key"));
}

TEST_F(DevelopmentSigning, On_WithAFleetOfEightSigners_IsRefused) {
  const auto rotation = std::move(bundle::PrivateKey::Generate()).value();
  ASSERT_TRUE(
      world_.service->RegisterKey(Now(), rotation.public_key(), "", KeyType::kRotation).ok());
  bundle::NewKeysBody body;
  body.sequence = 1;
  ASSERT_TRUE(FromHex(world_.account->sid.text().substr(2), body.fleet));
  for (int i = 0; i < 7; ++i) {
    body.add_signers.push_back(std::move(bundle::PrivateKey::Generate())->public_key());
  }
  ASSERT_TRUE(
      world_.service->CreateKeyChange(Now(), bundle::SignNewKeys(body, rotation).value()).ok());
  EXPECT_EQ(Refusal(world_.service->UpdateAccount(Now(), {.development_signing = true})),
            std::pair(400, 20001));
  EXPECT_EQ(Now().development_signer, std::nullopt);
}

TEST_F(DevelopmentSigning, Key_IsSealedAtRestAndResealedWithTheMasterKey) {
  ASSERT_TRUE(world_.service->AdoptMasterKey().ok());
  const auto signer = Turn(true).development_signer;
  const std::string old_id = world_.sealer->newest_key_id();
  EXPECT_TRUE(IsUsed(old_id));
  const auto both = std::move(world_.sealer->Rotated()).value();
  const auto service_with = [&](pki::MasterKeys& keys) {
    return std::make_unique<Service>(Service::Ports{.store = world_.store.get(),
                                                    .blobs = world_.blobs.get(),
                                                    .signals = &world_.signals,
                                                    .clock = &world_.clock,
                                                    .random = &world_.random,
                                                    .sealer = &keys},
                                     std::vector<std::uint8_t>(32, 0x5A));
  };
  const auto rotating = service_with(*both);
  EXPECT_EQ(*rotating->ResealSecrets(), 1U);
  EXPECT_EQ(*rotating->ResealSecrets(), 0U);
  EXPECT_FALSE(IsUsed(old_id));
  EXPECT_EQ(Refusal(UploadUnsigned()), std::pair(500, 20500)) << "the old key opens nothing more";
  const auto newest = both->NewestOnly();
  world_.service = service_with(*newest);
  EXPECT_EQ(UploadUnsigned()->app.signer, DevelopmentSignerOf(Now()));
  EXPECT_EQ(Now().development_signer, signer);
}

}  // namespace
}  // namespace strata::cloud
