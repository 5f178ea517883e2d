// SPDX-License-Identifier: Apache-2.0
// Each call failing, full disks, short writes, threads: nothing half there is ever seen.
#include <atomic>
#include <thread>

#include "file_blobs_world_test.hpp"

namespace strata::cloud {
namespace {

TEST(FileBlobs, EachCall_FailingOnce_LeavesNothingVisibleAndTheNextTryWorks) {
  int index = 0;
  for (;; ++index) {
    const TempDir dir;
    FailingFileOps::Plan plan;
    FileBlobs blobs(dir.path(), std::make_unique<FailingFileOps>(plan));
    ASSERT_TRUE(blobs.Prepare().ok());
    plan.armed = true;
    plan.fail_at = index;
    const Status put = Put(blobs, DigestOf(9), "layer");
    plan.armed = false;
    if (!plan.fired) {
      EXPECT_TRUE(put.ok());
      break;
    }
    EXPECT_EQ(put.error().code, Code::kIo) << "call " << index;
    EXPECT_FALSE(blobs.Find(DigestOf(9)).value().has_value()) << "call " << index;
    EXPECT_EQ(FilesUnder(dir.path()), 0U) << "call " << index;
    EXPECT_TRUE(Put(blobs, DigestOf(9), "layer").ok()) << "call " << index;
    EXPECT_EQ(Contents(blobs.Find(DigestOf(9)).value()->path), "layer") << "call " << index;
  }
  EXPECT_GE(index, 10)
      << "create, write, chmod, sync, close, mkdir, sync, stat, rename, sync, sync";
}

TEST(FileBlobs, EachCall_FailingOnAKnownBlob_NeverTakesItAway) {
  for (int index = 0;; ++index) {
    const TempDir dir;
    FailingFileOps::Plan plan;
    FileBlobs blobs(dir.path(), std::make_unique<FailingFileOps>(plan));
    ASSERT_TRUE(blobs.Prepare().ok());
    ASSERT_TRUE(Put(blobs, DigestOf(9), "layer").ok());
    plan.armed = true;
    plan.fail_at = index;
    const Status put = Put(blobs, DigestOf(9), "layer");
    plan.armed = false;
    EXPECT_EQ(put.ok(), !plan.fired) << "call " << index;
    EXPECT_EQ(Contents(blobs.Find(DigestOf(9)).value()->path), "layer") << "call " << index;
    EXPECT_EQ(FilesUnder(dir.path()), 1U) << "call " << index;
    if (!plan.fired) {
      break;
    }
  }
}

TEST(FileBlobs, BlobThatCannotBeOpened_IsNeitherJudgedNorPutAway) {
  const TempDir dir;
  FailingFileOps::Plan plan;
  FileBlobs blobs(dir.path(), std::make_unique<FailingFileOps>(plan));
  ASSERT_TRUE(blobs.Prepare().ok());
  ASSERT_TRUE(Put(blobs, DigestOf(9), "not what its name says").ok());
  plan.armed = true;
  plan.fail_at = 0;
  plan.fail_with = EMFILE;
  EXPECT_EQ(blobs.Check(DigestOf(9)).error().code, Code::kIo);
  plan.calls = 0;
  EXPECT_EQ(blobs.Quarantine(DigestOf(9)).error().code, Code::kIo);
  EXPECT_TRUE(blobs.Find(DigestOf(9)).value().has_value());
  EXPECT_TRUE(blobs.Quarantined()->empty());
}

TEST(FileBlobs, DiskFull_AtAnyByte_LeavesNothing) {
  constexpr std::string_view kLayer = "0123456789";
  for (std::int64_t room = 0; room < static_cast<std::int64_t>(kLayer.size()); ++room) {
    const TempDir dir;
    FailingFileOps::Plan plan;
    plan.disk_bytes = room;
    FileBlobs blobs(dir.path(), std::make_unique<FailingFileOps>(plan));
    ASSERT_TRUE(blobs.Prepare().ok());
    {
      auto writer = blobs.Create();
      ASSERT_TRUE(writer.ok());
      const Status written = (*writer)->Write(AsBytes(kLayer));
      EXPECT_EQ(written.error().code, Code::kIo);
      EXPECT_EQ(written.error().detail, static_cast<std::uint32_t>(ENOSPC));
      EXPECT_FALSE((*writer)->Write(AsBytes("more")).ok()) << "a hole would go unseen";
      EXPECT_FALSE((*writer)->Commit(DigestOf(3)).ok());
    }
    EXPECT_EQ(FilesUnder(dir.path()), 0U);
  }
}

TEST(FileBlobs, ShortWrites_AreContinued) {
  const TempDir dir;
  FailingFileOps::Plan plan;
  plan.longest_write = 3;
  FileBlobs blobs(dir.path(), std::make_unique<FailingFileOps>(plan));
  ASSERT_TRUE(blobs.Prepare().ok());
  ASSERT_TRUE(Put(blobs, DigestOf(3), "0123456789").ok());
  EXPECT_EQ(Contents(blobs.Find(DigestOf(3)).value()->path), "0123456789");
}

TEST(FileBlobs, ManyThreads_SameAndDifferentBlobs_AllEndComplete) {
  const TempDir dir;
  const auto blobs = Open(dir.path());
  constexpr int kThreads = 8;
  constexpr int kRounds = 20;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&blobs, &failures, thread] {
      for (int round = 0; round < kRounds; ++round) {
        const auto own = static_cast<std::uint8_t>(100 + thread);
        failures += Put(*blobs, DigestOf(static_cast<std::uint8_t>(round)), "shared").ok() ? 0 : 1;
        failures += Put(*blobs, DigestOf(own), "own").ok() ? 0 : 1;
        failures += blobs->Find(DigestOf(own)).value().has_value() ? 0 : 1;
        failures += blobs->Remove(DigestOf(own)).ok() ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(FilesUnder(dir.path()), static_cast<std::size_t>(kRounds));
  EXPECT_EQ(FilesUnder(dir.path() + "/tmp"), 0U);
}

/// SHA-256 of "layer".
}  // namespace
}  // namespace strata::cloud
