// SPDX-License-Identifier: Apache-2.0
// Layers that nothing names go, live ones never, damaged ones are served to nobody.
#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world_test.hpp"

namespace strata::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t kAllBytes = 1ULL << 40U;

bool GoOnAlways() {
  return true;
}

class Garbage : public testing::Test {
 protected:
  /// By the world's clock, which lives in the past: everything is old when this is large.
  GarbageFound Collect(UnixSeconds wait_sec = -kForever) {
    const auto found = world_.service->CollectGarbage(wait_sec, GoOnAlways);
    EXPECT_TRUE(found.ok());
    return *found;
  }

  std::string Damage(const Digest& digest) {
    const std::string path = (*world_.blobs->Find(digest))->path;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    std::ofstream(path, std::ios::binary | std::ios::in | std::ios::out) << "damaged";
    return path;
  }

  std::size_t ProblemsOfHealth() {
    std::size_t problems = 0;
    for (const HealthCheck& check : world_.service->Checks()) {
      EXPECT_FALSE(check.failed);
      problems += check.problem.empty() ? 0 : 1;
    }
    return problems;
  }

  static constexpr UnixSeconds kForever = 1'000'000'000'000;

  TestWorld world_;
};

TEST_F(Garbage, LayersOfADeletedApp_GoAndThoseOfOthersStay) {
  const App gone = world_.MakeApp(0x11);
  world_.MakeApp(0x22);
  const std::size_t both = world_.BlobCount();
  EXPECT_EQ(Collect().removed, 0U);
  EXPECT_EQ(world_.BlobCount(), both);
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, gone.sid.text()).ok());
  const GarbageFound found = Collect();
  EXPECT_GT(found.removed, 0U);
  EXPECT_GT(found.removed_bytes, 0U);
  EXPECT_EQ(world_.BlobCount(), both - found.removed);
  EXPECT_EQ(Collect().removed, 0U);
  EXPECT_EQ(world_.service->Scrub(kAllBytes, GoOnAlways)->layers, both - found.removed);
}

TEST_F(Garbage, LayerThatAnotherAccountNames_Stays) {
  const auto zip = world_.SignedBundle().zip;
  ASSERT_TRUE(world_.UploadZip(*world_.account, zip, "mine").ok());
  ASSERT_TRUE(
      world_.service->RegisterKey(*world_.stranger, world_.signing_key.public_key(), "").ok());
  ASSERT_TRUE(world_.UploadZip(*world_.stranger, zip, "theirs").ok());
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, "mine").ok());
  EXPECT_EQ(Collect().removed, 0U);
  ASSERT_TRUE(world_.service->DeleteApp(*world_.stranger, "theirs").ok());
  EXPECT_GT(Collect().removed, 0U);
}

TEST_F(Garbage, YoungLayers_AreNoGarbageYet) {
  const App app = world_.MakeApp();
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, app.sid.text()).ok());
  EXPECT_EQ(Collect(3600).removed, 0U) << "written a moment ago";
}

TEST_F(Garbage, Stop_EndsItEarly) {
  const App app = world_.MakeApp();
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, app.sid.text()).ok());
  EXPECT_EQ(world_.service->CollectGarbage(-kForever, [] { return false; })->removed, 0U);
}

TEST_F(Garbage, EachStoreOrBlobCallFailing_RemovesNoLiveLayer) {
  const App live = world_.MakeApp(0x11);
  const App gone = world_.MakeApp(0x22);
  const auto device = world_.MakeDevice("kitchen");
  world_.Deploy(device, live);
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, gone.sid.text()).ok());
  for (std::atomic<int>* countdown :
       {&world_.store->calls_until_failure, &world_.blobs->calls_until_failure}) {
    for (int call = 1;; ++call) {
      *countdown = call;
      const auto found = world_.service->CollectGarbage(-kForever, GoOnAlways);
      const bool fired = *countdown <= 0;
      *countdown = 0;
      const auto layers = world_.SignedBundle(0x11).body.layers;
      for (const auto& layer : layers) {
        ASSERT_TRUE(world_.service->LayerForDevice(device.identity, layer.fetch_digest).ok());
      }
      if (!fired) {
        ASSERT_TRUE(found.ok());
        break;
      }
    }
  }
}

TEST_F(Garbage, LayerRemovedBetweenStoringAndNaming_IsStoredAgain) {
  // Garbage collection in the worst moment: when the upload's layers are there and not yet named.
  const auto zip = world_.SignedBundle().zip;
  bool removed = false;
  world_.store->before_write = [&] {
    world_.store->before_write = nullptr;
    removed = Collect().removed > 0;
  };
  const auto made = world_.UploadZip(*world_.account, zip, "blink");
  ASSERT_TRUE(removed);
  ASSERT_TRUE(made.ok()) << made.error().message;
  const auto device = world_.MakeDevice();
  world_.Deploy(device, made->app);
  for (const auto& layer : world_.SignedBundle().body.layers) {
    const auto handle = world_.service->LayerForDevice(device.identity, layer.fetch_digest);
    ASSERT_TRUE(handle.ok());
    EXPECT_EQ(*world_.blobs->Check(layer.fetch_digest), Blobs::Condition::kWhole);
  }
}

TEST_F(Garbage, LayerNamedBetweenTheLookAndTheLock_Stays) {
  // The other worst moment: garbage collection has seen that nobody names the layer.
  const auto zip = world_.SignedBundle().zip;
  ASSERT_TRUE(world_.UploadZip(*world_.account, zip, "old").ok());
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, "old").ok());
  const std::size_t layers = world_.BlobCount();
  world_.store->before_write = [&] {
    world_.store->before_write = nullptr;
    ASSERT_TRUE(world_.UploadZip(*world_.account, zip, "new").ok());
  };
  EXPECT_EQ(Collect().removed, 0U);
  EXPECT_EQ(world_.BlobCount(), layers);
}

TEST_F(Garbage, UploadsAndDeletesMeanwhile_LoseNoLayer) {
  // The same two bundles over and over, so that layers become garbage and are wanted again.
  const std::vector<std::vector<std::uint8_t>> zips = {world_.SignedBundle(0x11).zip,
                                                       world_.SignedBundle(0x22).zip};
  std::atomic<bool> ended = false;
  std::atomic<std::uint64_t> removed = 0;
  std::thread collector([&] {
    while (!ended) {
      const auto found = world_.service->CollectGarbage(-kForever, GoOnAlways);
      removed += found.ok() ? found->removed : 0;
    }
  });
  std::vector<std::thread> people;
  for (std::size_t person = 0; person < 2; ++person) {
    people.emplace_back([&, person] {
      for (int round = 0; round < 15; ++round) {
        const std::string name = "app-" + std::to_string(person);
        const auto made = world_.UploadZip(*world_.account, zips[(person + round) % 2], name);
        if (!made.ok()) {
          EXPECT_EQ(made.error().status, 503);
          continue;
        }
        const auto layers =
            world_.SignedBundle((person + round) % 2 == 0 ? 0x11 : 0x22).body.layers;
        for (const auto& layer : layers) {
          const auto condition = world_.blobs->Check(layer.fetch_digest);
          EXPECT_TRUE(condition.ok() && *condition == Blobs::Condition::kWhole);
        }
        EXPECT_TRUE(world_.service->DeleteApp(*world_.account, name).ok());
      }
    });
  }
  for (std::thread& person : people) {
    person.join();
  }
  ended = true;
  collector.join();
  Collect();
  EXPECT_EQ(world_.BlobCount(), 0U);
}

TEST_F(Garbage, Scrub_PutsADamagedLayerAwayAndAnUploadHealsIt) {
  const auto bundle = world_.SignedBundle();
  const App app = world_.UploadZip(*world_.account, bundle.zip)->app;
  const auto device = world_.MakeDevice("kitchen");
  world_.Deploy(device, app);
  const Digest layer = bundle.body.layers.front().fetch_digest;
  EXPECT_THAT(world_.service->Scrub(kAllBytes, GoOnAlways)->damaged, IsEmpty());
  Damage(layer);
  const auto found = world_.service->Scrub(kAllBytes, GoOnAlways);
  ASSERT_THAT(found->damaged, SizeIs(1));
  EXPECT_EQ(found->damaged[0], layer);
  EXPECT_EQ(Refusal(world_.service->LayerForDevice(device.identity, layer)), std::pair(404, 20404));
  EXPECT_EQ(ProblemsOfHealth(), 1U);
  EXPECT_EQ(world_.service->Health(), "") << "everything else is served";
  ASSERT_TRUE(world_.UploadZip(*world_.account, bundle.zip).ok());
  EXPECT_TRUE(world_.service->LayerForDevice(device.identity, layer).ok());
  EXPECT_EQ(ProblemsOfHealth(), 0U);
}

TEST_F(Garbage, LayerThatIsGone_IsToldOnceUntilAnUploadBringsItBack) {
  const auto bundle = world_.SignedBundle();
  const App app = world_.UploadZip(*world_.account, bundle.zip)->app;
  const Digest layer = bundle.body.layers.front().fetch_digest;
  std::filesystem::remove((*world_.blobs->Find(layer))->path);
  EXPECT_EQ(ProblemsOfHealth(), 0U) << "nobody looked yet";
  EXPECT_THAT(world_.service->Scrub(kAllBytes, GoOnAlways)->missing, ElementsAre(layer));
  EXPECT_THAT(world_.service->Scrub(kAllBytes, GoOnAlways)->missing, IsEmpty());
  EXPECT_EQ(ProblemsOfHealth(), 1U);
  EXPECT_EQ(world_.service->Health(), "") << "everything else is served";
  ASSERT_TRUE(world_.UploadZip(*world_.account, bundle.zip).ok());
  EXPECT_EQ(ProblemsOfHealth(), 0U);
  std::filesystem::remove((*world_.blobs->Find(layer))->path);
  EXPECT_THAT(world_.service->Scrub(kAllBytes, GoOnAlways)->missing, ElementsAre(layer)) << "anew";
}

TEST_F(Garbage, LayerThatIsGone_IsToldWhenADeviceAsksForIt) {
  const auto bundle = world_.SignedBundle();
  const App app = world_.UploadZip(*world_.account, bundle.zip)->app;
  const auto device = world_.MakeDevice();
  world_.Deploy(device, app);
  std::filesystem::remove_all(world_.dir + "/blobs");
  std::filesystem::create_directory(world_.dir + "/blobs");
  const Digest layer = bundle.body.layers.front().fetch_digest;
  EXPECT_EQ(Refusal(world_.service->LayerForDevice(device.identity, layer)), std::pair(404, 20404));
  EXPECT_EQ(ProblemsOfHealth(), 1U);
}

TEST_F(Garbage, DirectoryOfLayersThatIsGone_IsAFailure) {
  std::filesystem::remove_all(world_.dir + "/blobs");
  EXPECT_THAT(world_.service->Health(), HasSubstr("blob directory"));
}

TEST_F(Garbage, DamagedLayerThatNobodyNames_IsNoProblemOfHealth) {
  const auto bundle = world_.SignedBundle();
  const App app = world_.UploadZip(*world_.account, bundle.zip)->app;
  Damage(bundle.body.layers.front().fetch_digest);
  ASSERT_TRUE(world_.service->DeleteApp(*world_.account, app.sid.text()).ok());
  EXPECT_THAT(world_.service->Scrub(kAllBytes, GoOnAlways)->damaged, SizeIs(1));
  EXPECT_EQ(ProblemsOfHealth(), 0U);
}

TEST_F(Garbage, Scrub_GoesOnWhereItStoppedAndComesRound) {
  world_.MakeApp(0x11);
  world_.MakeApp(0x22);
  const std::size_t layers = world_.BlobCount();
  std::uint64_t read = 0;
  bool ended = false;
  for (int call = 0; !ended && call < 1000; ++call) {
    const auto found = world_.service->Scrub(1, GoOnAlways);
    EXPECT_LE(found->layers, 1U);
    read += found->layers;
    ended = found->round_ended;
  }
  EXPECT_EQ(read, layers);
  EXPECT_EQ(world_.service->Scrub(kAllBytes, GoOnAlways)->layers, layers) << "and anew";
}

TEST_F(Garbage, DeviceThatFindsALayerWrong_StartsACheckOfItsApp) {
  const auto bundle = world_.SignedBundle();
  const App app = world_.UploadZip(*world_.account, bundle.zip)->app;
  world_.MakeApp(0x22);
  const auto device = world_.MakeDevice();
  const Device deployed = world_.Deploy(device, app);
  wire::Report report{.deployment_id = *deployed.app.deployment_id,
                      .state = wire::UpdateState::kFetchingLayers,
                      .error = Error{Code::kLayerHashMismatch, Op::kFetchLayer, 0}};
  EXPECT_EQ(world_.service->CheckSuspects(GoOnAlways)->layers, 0U);
  ASSERT_TRUE(world_.service->TakeReport(device.identity, EncodeReport(report)).ok());
  std::set<std::string> distinct;
  for (const auto& layer : bundle.body.layers) {
    const auto hex = layer.fetch_digest.ToHexText();
    distinct.emplace(hex.data(), hex.size());
  }
  Damage(bundle.body.layers.front().fetch_digest);
  const auto found = world_.service->CheckSuspects(GoOnAlways);
  EXPECT_EQ(found->layers, distinct.size()) << "its own app's alone";
  EXPECT_THAT(found->damaged, SizeIs(1));
  EXPECT_EQ(world_.service->CheckSuspects(GoOnAlways)->layers, 0U) << "once";

  report.error = Error{Code::kPlacementOverlap, Op::kCheckManifest, 0};
  ASSERT_TRUE(world_.service->TakeReport(device.identity, EncodeReport(report)).ok());
  report.error = Error{Code::kLayerHashMismatch, Op::kFetchLayer, 0};
  report.deployment_id = wire::DeploymentId{};
  ASSERT_TRUE(world_.service->TakeReport(device.identity, EncodeReport(report)).ok());
  EXPECT_EQ(world_.service->CheckSuspects(GoOnAlways)->layers, 0U)
      << "other errors, other deployments";
  auto receipt = ReceiptFor(deployed, 1, wire::Verdict::kFailed);
  receipt.error = Error{Code::kLayerHashMismatch, Op::kFetchLayer, 0};
  ASSERT_TRUE(world_.service->TakeReceipt(device.identity, SignReceipt(receipt, device.key)).ok());
  EXPECT_GT(world_.service->CheckSuspects(GoOnAlways)->layers, 0U);
}

TEST_F(Garbage, FullDisk_IsAProblemButNoFailure) {
  EXPECT_EQ(ProblemsOfHealth(), 0U);
  world_.blobs->space = {.free_bytes = 4, .total_bytes = 100};
  EXPECT_EQ(ProblemsOfHealth(), 1U);
  EXPECT_EQ(world_.service->Health(), "");
}

}  // namespace
}  // namespace strata::cloud
