// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/blobs/file_blobs.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "file_blobs_impl.hpp"

namespace strata::cloud {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TempDir {
 public:
  TempDir() {
    std::string name = (fs::temp_directory_path() / "strata-blobs-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) {
      path_ = name;
    }
  }

  ~TempDir() { fs::remove_all(path_); }

  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The real calls, of which one can be told to fail, or all writes beyond a number of bytes.
class FailingFileOps final : public FileOps {
 public:
  struct Plan {
    int fail_at = -1;  ///< index of the call that fails
    int fail_with = EIO;
    std::int64_t disk_bytes = INT64_MAX;
    std::size_t longest_write = SIZE_MAX;
    bool armed = false;
    int calls = 0;
    bool fired = false;
  };

  explicit FailingFileOps(Plan& plan) : plan_(plan) {}

  int CreateNew(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.CreateNew(path);
  }

  ssize_t Write(int fd, ByteSpan piece) override {
    if (Fails()) {
      return -plan_.fail_with;
    }
    if (plan_.disk_bytes <= 0) {
      return -ENOSPC;
    }
    const std::size_t length =
        std::min({piece.size(), plan_.longest_write, static_cast<std::size_t>(plan_.disk_bytes)});
    const ssize_t written = real_.Write(fd, piece.first(length));
    plan_.disk_bytes -= std::max<ssize_t>(written, 0);
    return written;
  }

  int MakeReadOnly(int fd) override { return Fails() ? -plan_.fail_with : real_.MakeReadOnly(fd); }

  int Sync(int fd) override { return Fails() ? -plan_.fail_with : real_.Sync(fd); }

  int SyncDirectory(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.SyncDirectory(path);
  }

  int Close(int fd) override {
    const bool fails = Fails();
    const int result = real_.Close(fd);
    return fails ? -plan_.fail_with : result;
  }

  int Rename(const std::string& from, const std::string& to) override {
    return Fails() ? -plan_.fail_with : real_.Rename(from, to);
  }

  int Unlink(const std::string& path) override { return real_.Unlink(path); }

  int MakeDirectory(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.MakeDirectory(path);
  }

  std::int64_t FileSize(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.FileSize(path);
  }

  std::int64_t ModifiedAt(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.ModifiedAt(path);
  }

  int Touch(const std::string& path) override {
    return Fails() ? -plan_.fail_with : real_.Touch(path);
  }

 private:
  bool Fails() {
    if (!plan_.armed) {
      return false;
    }
    const bool fails = plan_.calls++ == plan_.fail_at;
    plan_.fired = plan_.fired || fails;
    return fails;
  }

  Plan& plan_;
  PosixFileOps real_;
};

Digest DigestOf(std::uint8_t seed) {
  Digest digest;
  digest.bytes.fill(seed);
  return digest;
}

std::unique_ptr<Blobs> Open(const std::string& dir) {
  auto blobs = OpenFileBlobs(dir);
  EXPECT_TRUE(blobs.ok());
  return std::move(blobs).value();
}

Status Put(Blobs& blobs, const Digest& digest, std::string_view text) {
  STRATA_TRY_ASSIGN(const auto writer, blobs.Create());
  STRATA_TRY(writer->Write(AsBytes(text)));
  return writer->Commit(digest);
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::size_t FilesUnder(const std::string& dir) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

mode_t ModeOf(const std::string& path) {
  struct stat status {};

  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

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
  for (int call = 0; call < 3; ++call) {
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
