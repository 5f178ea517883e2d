// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/format/bundle/reader.hpp"

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Uploads : public testing::Test {
 protected:
  /// Refused with this status and code; nothing became visible.
  ApiError Refused(ByteSpan zip, std::pair<int, int> status_and_code) {
    const auto result = world_.UploadZip(*world_.account, zip);
    EXPECT_EQ(Refusal(result), status_and_code);
    EXPECT_THAT(world_.service->ListApps(*world_.account, {})->items, IsEmpty());
    return result.ok() ? ApiError{} : result.error();
  }

  TestWorld world_;
};

TEST_F(Uploads, SignedBundle_BecomesAnAppWithItsLayersStored) {
  const auto bundle = world_.SignedBundle();
  const auto created = world_.UploadZip(*world_.account, bundle.zip, "blink");
  ASSERT_TRUE(created.ok()) << created.error().message;
  const App& app = created->app;
  EXPECT_EQ(app.account_sid, world_.account->sid);
  EXPECT_EQ(app.unique_name, "blink");
  EXPECT_EQ(app.manifest_hash, bundle::Sha256(bundle::SerializeManifest(bundle.manifest)));
  EXPECT_EQ(app.app_version, "1.0");
  EXPECT_EQ(app.hardware_type, "stm32u585");
  EXPECT_EQ(app.signer, bundle::KeyIdOf(KeyType::kManifestSigner, world_.signing_key.public_key()));
  EXPECT_FALSE(app.encrypted);
  EXPECT_EQ(app.layer_count, 3U);
  EXPECT_EQ(app.size_bytes, 20'000U);
  EXPECT_EQ(app.date_created, world_.clock.Now());
  EXPECT_EQ(app.date_updated, world_.clock.Now());
  EXPECT_THAT(created->warnings, IsEmpty());
  EXPECT_FALSE(created->replayed);
  for (const bundle::Layer& layer : bundle.body.layers) {
    const auto stored = world_.blobs->Find(layer.fetch_digest);
    ASSERT_TRUE(stored.ok() && stored->has_value());
    std::ifstream file((*stored)->path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(bundle::Sha256(AsBytes(bytes)), layer.fetch_digest);
  }
}

TEST_F(Uploads, EncryptedBundle_WarnsAboutTheMeasurement) {
  const auto bundle =
      TestWorld::MakeBundle({.signing_key = &world_.signing_key, .encrypted = true});
  const auto created = world_.UploadZip(*world_.account, bundle.zip);
  ASSERT_TRUE(created.ok()) << created.error().message;
  EXPECT_TRUE(created->app.encrypted);
  EXPECT_THAT(created->warnings, ElementsAre(HasSubstr("measurement_hash")));
}

TEST_F(Uploads, EqualBytesTwice_MakeTwoAppsThatShareLayers) {
  const auto bundle = world_.SignedBundle();
  const auto first = world_.UploadZip(*world_.account, bundle.zip);
  const std::size_t blobs = world_.BlobCount();
  const auto second = world_.UploadZip(*world_.account, bundle.zip);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->app.sid, second->app.sid);
  EXPECT_EQ(first->app.manifest_hash, second->app.manifest_hash);
  EXPECT_EQ(world_.BlobCount(), blobs);
}

TEST_F(Uploads, UnsignedBundle_SaysHowToSign) {
  const ApiError error = Refused(TestWorld::MakeBundle({}).zip, {400, 65002});
  EXPECT_THAT(error.message, HasSubstr("strata bundle sign"));
  EXPECT_EQ(world_.BlobCount(), 0U);
}

TEST_F(Uploads, UnknownSigner_NamesTheRegisterCommandAndTheKey) {
  const auto key = std::move(bundle::PrivateKey::Generate()).value();
  const ApiError error = Refused(TestWorld::MakeBundle({.signing_key = &key}).zip, {400, 65003});
  EXPECT_THAT(error.message, HasSubstr("strata keys register"));
  EXPECT_THAT(
      error.message,
      HasSubstr(bundle::KeyIdText(bundle::KeyIdOf(KeyType::kManifestSigner, key.public_key()))));
}

TEST_F(Uploads, SignerOfAnotherAccountOnly_IsUnknown) {
  const auto result = world_.UploadZip(*world_.stranger, world_.SignedBundle().zip);
  EXPECT_EQ(Refusal(result), std::pair(400, 65003));
}

TEST_F(Uploads, SignerRemoved_IsRefusedFromThenOnAndStoredAppsStay) {
  const App before = world_.MakeApp();
  const std::string key_id = bundle::KeyIdText(before.signer);
  ASSERT_TRUE(world_.service->DeleteKey(*world_.account, key_id).ok());
  EXPECT_EQ(Refusal(world_.UploadZip(*world_.account, world_.SignedBundle(0x22).zip)),
            std::pair(400, 65003));
  EXPECT_TRUE(world_.service->FetchApp(*world_.account, before.sid.text()).ok());
}

TEST_F(Uploads, HandMadeBundle_Unchanged_IsAccepted) {
  const auto zip = HandMadeBundle(world_.signing_key, [](bundle::AppBody&) {});
  const auto result = world_.UploadZip(*world_.account, zip);
  EXPECT_TRUE(result.ok()) << result.error().message;
}

TEST_F(Uploads, WrongSignature_NamesTheCode) {
  const auto zip = HandMadeBundle(
      world_.signing_key,
      [](bundle::AppBody&) {},
      [](bundle::SealedManifest& manifest) { manifest.signature->back() ^= 1; });
  const ApiError error = Refused(zip, {400, 65001});
  EXPECT_THAT(error.message, StartsWith("205 SignatureInvalid: "));
  EXPECT_EQ(world_.BlobCount(), 0U);
}

TEST_F(Uploads, LayerThatMeasuresOtherwise_IsRefused) {
  const auto zip = HandMadeBundle(world_.signing_key, [](bundle::AppBody& body) {
    body.layers.front().measurement_digest.bytes[0] ^= 1;
  });
  EXPECT_THAT(Refused(zip, {400, 65001}).message, StartsWith("305 MeasurementMismatch: "));
  EXPECT_EQ(world_.BlobCount(), 0U);
}

TEST_F(Uploads, LayerThatTheZipLacks_IsRefused) {
  const auto zip = HandMadeBundle(world_.signing_key, [](bundle::AppBody& body) {
    bundle::Layer second = body.layers.front();
    second.placement.start_bytes = 8192;
    second.fetch_digest.bytes[0] ^= 1;
    body.layers.push_back(second);
  });
  EXPECT_THAT(Refused(zip, {400, 65001}).message, StartsWith("803 ZipEntryMissing: "));
}

TEST_F(Uploads, PlacementOutsideTheHardware_IsRefused) {
  const auto zip = HandMadeBundle(world_.signing_key, [](bundle::AppBody& body) {
    body.layers.front().placement.start_bytes = 1024 * 1024;
  });
  EXPECT_THAT(Refused(zip, {400, 65001}).message, StartsWith("208 PlacementOutOfBounds: "));
}

TEST_F(Uploads, HardwareThatThisCloudDoesNotKnow_IsRefused) {
  const auto zip = HandMadeBundle(world_.signing_key,
                                  [](bundle::AppBody& body) { body.hardware_type = "toaster"; });
  EXPECT_THAT(Refused(zip, {400, 65001}).message, StartsWith("207 HardwareMismatch: "));
}

TEST_F(Uploads, LegacyBundleWithoutHardware_IsAcceptedUnchecked) {
  const auto zip = HandMadeBundle(world_.signing_key, [](bundle::AppBody& body) {
    body.hardware_type.clear();
    body.layers.front().placement.start_bytes = 64 * 1024 * 1024;
  });
  const auto result = world_.UploadZip(*world_.account, zip);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->app.hardware_type, "");
}

TEST_F(Uploads, LayersUsedTwice_CountOnceInSize) {
  const auto zip = HandMadeBundle(world_.signing_key, [](bundle::AppBody& body) {
    bundle::Layer second = body.layers.front();
    second.placement.start_bytes = 8192;
    body.layers.push_back(second);
  });
  const auto result = world_.UploadZip(*world_.account, zip);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->app.layer_count, 2U);
  EXPECT_EQ(result->app.size_bytes, 8192U);
}

TEST_F(Uploads, AnyByteFlipped_IsRefusedOrTheSameApp) {
  const auto bundle = world_.SignedBundle();
  const Digest manifest = bundle::Sha256(bundle::SerializeManifest(bundle.manifest));
  int refused = 0;
  const std::size_t stride = bundle.zip.size() / 60 + 1;
  for (std::size_t i = 0; i < bundle.zip.size(); i += stride) {
    std::vector<std::uint8_t> zip = bundle.zip;
    zip[i] ^= 0x01;
    const auto result = world_.UploadZip(*world_.account, zip);
    if (result.ok()) {
      EXPECT_EQ(result->app.manifest_hash, manifest) << "byte " << i;
      continue;
    }
    ++refused;
    EXPECT_EQ(result.error().status, 400) << "byte " << i << ": " << result.error().message;
  }
  EXPECT_GT(refused, 30);
}

TEST_F(Uploads, Rubbish_BeginsWithCodeAndName) {
  const std::string text(1000, 'x');
  EXPECT_THAT(Refused(AsBytes(text), {400, 65001}).message, StartsWith("801 ZipMalformed: "));
  EXPECT_THAT(Refused({}, {400, 65001}).message, StartsWith("801 ZipMalformed: "));
}

TEST_F(Uploads, TooLarge_Is413WithoutReadingIt) {
  const auto result = world_.service->CreateApp(
      *world_.account, {.path = "/nonexistent", .size_bytes = bundle::kMaxBundleBytes + 1});
  EXPECT_EQ(Refusal(result), std::pair(413, 20413));
}

TEST_F(Uploads, FileLargerThanAnnounced_IsStill413) {
  const std::string path = world_.dir + "/huge";
  std::ofstream(path).close();
  std::filesystem::resize_file(path, bundle::kMaxBundleBytes + 1);
  const auto result = world_.service->CreateApp(*world_.account, {.path = path, .size_bytes = 10});
  EXPECT_EQ(Refusal(result), std::pair(413, 20413));
}

TEST_F(Uploads, FileThatVanished_IsTheServersFault) {
  const auto result = world_.service->CreateApp(
      *world_.account, {.path = world_.dir + "/nothing", .size_bytes = 10});
  EXPECT_EQ(Refusal(result), std::pair(500, 20500));
}

TEST_F(Uploads, UniqueNameTaken_Is409AndNothingIsStored) {
  world_.MakeApp(0x11, "blink");
  const std::size_t blobs = world_.BlobCount();
  const auto result = world_.UploadZip(*world_.account, world_.SignedBundle(0x77).zip, "blink");
  EXPECT_EQ(Refusal(result), std::pair(409, 20409));
  EXPECT_THAT(result.error().message, HasSubstr("blink"));
  EXPECT_EQ(world_.BlobCount(), blobs);
}

TEST_F(Uploads, BadUniqueName_Is400) {
  const auto zip = world_.SignedBundle().zip;
  EXPECT_EQ(Refusal(world_.UploadZip(*world_.account, zip, "")), std::pair(400, 20001));
  EXPECT_EQ(Refusal(world_.UploadZip(*world_.account, zip, "a/b")), std::pair(400, 20001));
}

TEST_F(Uploads, IdempotencyKey_ReplaysTheFirstAnswerForADay) {
  const auto zip = world_.SignedBundle().zip;
  const auto first = world_.UploadZip(*world_.account, zip, "blink", "key-1");
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(first->replayed);
  world_.clock.Advance(24 * 60 * 60);
  const auto again = world_.UploadZip(*world_.account, AsBytes("whatever"), "blink", "key-1");
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->app.sid, first->app.sid);
  world_.clock.Advance(1);
  const auto later = world_.UploadZip(*world_.account, zip, "blink-2", "key-1");
  ASSERT_TRUE(later.ok());
  EXPECT_FALSE(later->replayed);
  EXPECT_NE(later->app.sid, first->app.sid);
}

TEST_F(Uploads, IdempotencyKey_OfEncryptedUpload_ReplaysItsWarnings) {
  const auto zip =
      TestWorld::MakeBundle({.signing_key = &world_.signing_key, .encrypted = true}).zip;
  const auto first = world_.UploadZip(*world_.account, zip, std::nullopt, "k");
  const auto again = world_.UploadZip(*world_.account, zip, std::nullopt, "k");
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(again->warnings, first->warnings);
}

TEST_F(Uploads, IdempotencyKey_OfADeletedApp_IsFreeAgain) {
  const auto zip = world_.SignedBundle().zip;
  const auto first = world_.UploadZip(*world_.account, zip, std::nullopt, "k");
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, first->app.sid.text()).ok());
  const auto second = world_.UploadZip(*world_.account, zip, std::nullopt, "k");
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(second->replayed);
}

TEST_F(Uploads, IdempotencyKey_OfARefusedUpload_IsNotRemembered) {
  EXPECT_FALSE(world_.UploadZip(*world_.account, AsBytes("x"), std::nullopt, "k").ok());
  const auto second =
      world_.UploadZip(*world_.account, world_.SignedBundle().zip, std::nullopt, "k");
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(second->replayed);
}

TEST_F(Uploads, SameIdempotencyKeyAtOnce_MakesOneApp) {
  const auto zip = world_.SignedBundle().zip;
  std::vector<std::thread> threads;
  std::atomic<int> made{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto result = world_.UploadZip(*world_.account, zip, "blink", "k");
      made += result.ok() && !result->replayed ? 1 : 0;
      EXPECT_TRUE(result.ok()) << result.error().message;
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(world_.service->ListApps(*world_.account, {})->items.size(), 1U);
}

TEST_F(Uploads, DamagedLayerOnDisk_IsReplacedByTheNextUpload) {
  const auto bundle = world_.SignedBundle();
  ASSERT_TRUE(world_.UploadZip(*world_.account, bundle.zip).ok());
  const Digest digest = bundle.body.layers.front().fetch_digest;
  const std::string path = world_.blobs->Find(digest).value()->path;
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(100);
    file.put('\x7e');
  }
  ASSERT_TRUE(world_.UploadZip(*world_.account, bundle.zip).ok());
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(bundle::Sha256(AsBytes(bytes)), digest);
}

TEST_F(Uploads, LayerThatNobodyCanJudge_StaysAndTheUploadFails) {
  // No descriptor left, say: that is no reason to take a live layer away.
  const auto bundle = world_.SignedBundle();
  ASSERT_TRUE(world_.UploadZip(*world_.account, bundle.zip).ok());
  for (int call = 1;; ++call) {
    world_.blobs->calls_until_failure = call;
    const auto again = world_.UploadZip(*world_.account, bundle.zip);
    const bool fired = world_.blobs->calls_until_failure <= 0;
    world_.blobs->calls_until_failure = 0;
    for (const auto& layer : bundle.body.layers) {
      EXPECT_EQ(*world_.blobs->Check(layer.fetch_digest), Blobs::Condition::kWhole)
          << "call " << call;
    }
    EXPECT_EQ(again.ok(), !fired) << "call " << call;
    if (!fired) {
      break;
    }
  }
}

TEST_F(Uploads, DiskNearlyFull_Is507) {
  world_.blobs->space = {.free_bytes = 4, .total_bytes = 100};
  EXPECT_EQ(Refusal(world_.UploadZip(*world_.account, world_.SignedBundle().zip)),
            std::pair(507, 65007));
  world_.blobs->space = {.free_bytes = 5, .total_bytes = 100};
  EXPECT_TRUE(world_.UploadZip(*world_.account, world_.SignedBundle().zip).ok());
}

TEST_F(Uploads, EachStoreOrBlobCallFailing_LeavesNoVisibleApp) {
  const auto zip = world_.SignedBundle().zip;
  for (std::atomic<int>* countdown :
       {&world_.store->calls_until_failure, &world_.blobs->calls_until_failure}) {
    int call = 1;
    for (;; ++call) {
      *countdown = call;
      const auto result = world_.UploadZip(*world_.account, zip, "blink");
      const bool fired = *countdown <= 0;
      *countdown = 0;
      if (!fired) {
        EXPECT_TRUE(result.ok());
        ASSERT_TRUE(world_.service->DeleteApp(*world_.account, "blink").ok());
        break;
      }
      EXPECT_FALSE(result.ok()) << "call " << call;
      EXPECT_GE(result.error().status, 500);
      EXPECT_THAT(world_.service->ListApps(*world_.account, {})->items, IsEmpty());
    }
    EXPECT_GE(call, 3);
  }
}

TEST_F(Uploads, StoreOutOfDisk_AsksToComeBackLater) {
  world_.store->failure = Fail(Code::kTooLarge);
  world_.store->calls_until_failure = 1;
  const auto result = world_.UploadZip(*world_.account, world_.SignedBundle().zip);
  EXPECT_EQ(Refusal(result), std::pair(503, 20503));
  EXPECT_GT(result.error().retry_after_sec, 0);
}

TEST_F(Uploads, NoRandomness_IsRefused) {
  const auto zip = world_.SignedBundle().zip;
  world_.random.SetFailing(true);
  EXPECT_EQ(Refusal(world_.UploadZip(*world_.account, zip)), std::pair(500, 20500));
}

}  // namespace
}  // namespace strata::cloud
