// SPDX-License-Identifier: Apache-2.0
// Scrub, quarantine and garbage collection, as far as they are the blobs'.
#include <filesystem>
#include <fstream>

#include "file_blobs_world_test.hpp"

namespace strata::cloud {
namespace {

namespace fs = std::filesystem;

const Digest kLayer =
    *Digest::FromHexText("dac1d7cfa95021764849fd102524e141488c5e3a90f861dbb5a12d9ac8584f85");

TEST(FileBlobsCare, List_GivesWhatIsThereAndNothingElse) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  EXPECT_TRUE(blobs->List(7)->empty()) << "no directory yet";
  Digest low = DigestOf(7);
  low.bytes[31] = 1;
  ASSERT_TRUE(Put(*blobs, DigestOf(7), "b").ok());
  ASSERT_TRUE(Put(*blobs, low, "a").ok());
  std::ofstream(dir.path() + "/blobs/07/junk") << "x";
  const auto listed = blobs->List(7);
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ(listed->at(0), low);
  EXPECT_EQ(listed->at(1), DigestOf(7));
  EXPECT_TRUE(blobs->List(8)->empty());
}

TEST(FileBlobsCare, Touch_MakesItNew) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  EXPECT_EQ(blobs->Touch(DigestOf(1)).error().code, Code::kNotFound);
  EXPECT_EQ(blobs->WrittenAt(DigestOf(1)).error().code, Code::kNotFound);
  ASSERT_TRUE(Put(*blobs, DigestOf(1), "x").ok());
  const std::string path = (*blobs->Find(DigestOf(1)))->path;
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(48));
  const auto old = blobs->WrittenAt(DigestOf(1));
  ASSERT_TRUE(blobs->Touch(DigestOf(1)).ok());
  EXPECT_GT(*blobs->WrittenAt(DigestOf(1)), *old + 47 * 3600);
}

TEST(FileBlobsCare, DamagedLayer_IsPutAwayAndHealedByAnother) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  const Digest digest = kLayer;
  EXPECT_EQ(*blobs->Check(digest), Blobs::Condition::kMissing);
  ASSERT_TRUE(Put(*blobs, digest, "layer").ok());
  const std::string path = (*blobs->Find(digest))->path;
  fs::permissions(path, fs::perms::owner_all);
  std::ofstream(path) << "lawyer";
  EXPECT_EQ(*blobs->Check(digest), Blobs::Condition::kDamaged);
  ASSERT_TRUE(blobs->Quarantine(digest).ok());
  EXPECT_FALSE(blobs->Find(digest)->has_value());
  EXPECT_EQ(blobs->Quarantined()->size(), 1U);
  EXPECT_FALSE(Open(dir.path())->Find(digest)->has_value()) << "also after a restart";
  ASSERT_TRUE(Put(*blobs, digest, "layer").ok());
  EXPECT_TRUE(blobs->Find(digest)->has_value());
  EXPECT_TRUE(blobs->Quarantined()->empty());
}

TEST(FileBlobsCare, Quarantine_OfALayerThatIsWhole_DoesNothing) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  ASSERT_TRUE(Put(*blobs, kLayer, "layer").ok());
  ASSERT_TRUE(blobs->Quarantine(kLayer).ok());
  EXPECT_TRUE(blobs->Find(kLayer)->has_value()) << "an upload healed it meanwhile";
  EXPECT_TRUE(blobs->Quarantined()->empty());
}

TEST(FileBlobsCare, QuarantineFailing_RefusesTheLayerAllTheSame) {
  const TempDir dir;
  FailingFileOps::Plan plan;
  FileBlobs blobs(dir.path(), std::make_unique<FailingFileOps>(plan));
  ASSERT_TRUE(blobs.Prepare().ok());
  for (int call = 1; call < 4; ++call) {  // behind the opening
    ASSERT_TRUE(Put(blobs, DigestOf(1), "x").ok());
    plan = {.fail_at = call, .armed = true};
    EXPECT_FALSE(blobs.Quarantine(DigestOf(1)).ok());
    plan = {};
    EXPECT_FALSE(blobs.Find(DigestOf(1))->has_value()) << call;
    EXPECT_FALSE(blobs.Quarantined()->empty()) << call;
    ASSERT_TRUE(Put(blobs, DigestOf(1), "x").ok()) << "another one is taken";
    EXPECT_TRUE(blobs.Find(DigestOf(1))->has_value());
    EXPECT_TRUE(blobs.Quarantined()->empty());
  }
}

}  // namespace
}  // namespace strata::cloud
