// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "file_blobs_world_test.hpp"

namespace strata::cloud {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(FileBlobs, Commit_NewBlob_IsFoundUnderItsDigestReadOnly) {
  const TempDir dir;
  const auto blobs = Open(dir.path() + "/data");
  ASSERT_TRUE(Put(*blobs, DigestOf(0xab), "layer").ok());

  const auto found = blobs->Find(DigestOf(0xab));
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ(
      (*found)->path,
      dir.path() + "/data/blobs/ab/ababababababababababababababababababababababababababababababab");
  EXPECT_EQ((*found)->size_bytes, 5U);
  EXPECT_EQ(Contents((*found)->path), "layer");
  EXPECT_EQ(ModeOf((*found)->path), 0400U);
  EXPECT_EQ(ModeOf(dir.path() + "/data"), 0700U);
  EXPECT_EQ(ModeOf(dir.path() + "/data/tmp"), 0700U);
  EXPECT_EQ(FilesUnder(dir.path() + "/data/tmp"), 0U);
}

TEST(FileBlobs, Find_UnknownDigest_IsNothing) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  const auto found = blobs->Find(DigestOf(1));
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->has_value());
}

TEST(FileBlobs, Find_SomethingThatIsNoFile_IsAnError) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  ASSERT_TRUE(Put(*blobs, DigestOf(1), "x").ok());
  const std::string path = blobs->Find(DigestOf(1)).value()->path;
  fs::remove(path);
  fs::create_symlink("/etc/hostname", path);
  EXPECT_EQ(blobs->Find(DigestOf(1)).error().code, Code::kIo);
}

TEST(FileBlobs, Commit_BlobThatExists_KeepsTheOldOne) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  ASSERT_TRUE(Put(*blobs, DigestOf(7), "first").ok());
  ASSERT_TRUE(Put(*blobs, DigestOf(7), "second").ok());
  EXPECT_EQ(Contents(blobs->Find(DigestOf(7)).value()->path), "first");
  EXPECT_EQ(FilesUnder(dir.path()), 1U);
}

TEST(FileBlobs, Writer_Dropped_LeavesNothing) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  {
    auto writer = blobs->Create();
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Write(AsBytes("half")).ok());
    EXPECT_EQ(FilesUnder(dir.path() + "/tmp"), 1U);
    for (const auto& entry : fs::directory_iterator(dir.path() + "/tmp")) {
      EXPECT_EQ(ModeOf(entry.path()), 0600U);
    }
  }
  EXPECT_EQ(FilesUnder(dir.path()), 0U);
}

TEST(FileBlobs, Commit_Twice_IsRefused) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  auto writer = blobs->Create();
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Commit(DigestOf(1)).ok());
  EXPECT_FALSE((*writer)->Commit(DigestOf(2)).ok());
  EXPECT_FALSE(blobs->Find(DigestOf(2)).value().has_value());
}

TEST(FileBlobs, Remove_Blob_IsGoneAndRemovingAgainIsFine) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  ASSERT_TRUE(Put(*blobs, DigestOf(1), "x").ok());
  EXPECT_TRUE(blobs->Remove(DigestOf(1)).ok());
  EXPECT_FALSE(blobs->Find(DigestOf(1)).value().has_value());
  EXPECT_TRUE(blobs->Remove(DigestOf(1)).ok());
}

TEST(FileBlobs, Open_Leftovers_ArePurgedAndBlobsStay) {
  const TempDir dir;
  {
    const auto blobs = Open(dir.path());
    ASSERT_TRUE(Put(*blobs, DigestOf(1), "kept").ok());
  }
  std::ofstream(dir.path() + "/tmp/blob-1-0") << "leftover";
  std::ofstream(dir.path() + "/tmp/upload-xyz") << "leftover";
  const auto blobs = Open(dir.path());
  EXPECT_EQ(FilesUnder(dir.path() + "/tmp"), 0U);
  EXPECT_TRUE(blobs->Find(DigestOf(1)).value().has_value());
}

TEST(FileBlobs, Open_DirectoryThatCannotBeMade_NamesIt) {
  const TempDir dir;
  std::ofstream(dir.path() + "/file") << "in the way";
  const auto blobs = OpenFileBlobs(dir.path() + "/file/data");
  ASSERT_FALSE(blobs.ok());
  EXPECT_EQ(blobs.error().status, 503);
  EXPECT_THAT(blobs.error().message, HasSubstr(dir.path() + "/file/data"));
}

TEST(FileBlobs, Probe_LeavesNothing) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  EXPECT_TRUE(blobs->Probe().ok());
  EXPECT_EQ(FilesUnder(dir.path()), 0U);
  fs::remove_all(dir.path() + "/tmp");
  EXPECT_EQ(blobs->Probe().error().code, Code::kIo);
}

TEST(FileBlobs, FreeSpace_RealDisk_IsWithinItsTotal) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  const auto space = blobs->FreeSpace();
  ASSERT_TRUE(space.ok());
  EXPECT_GT(space->total_bytes, 0U);
  EXPECT_LE(space->free_bytes, space->total_bytes);
}

}  // namespace
}  // namespace strata::cloud
