// SPDX-License-Identifier: Apache-2.0
// Pages with checksums: one byte that changed anywhere is never served.
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "strata/cloud/store/sqlite_backup.hpp"

#include "store_rows_test.hpp"

namespace strata::cloud {
namespace {

constexpr std::int64_t kPageBytes = 4096;

/// SQLite as other programs use it: it knows of no sums.
class PlainSqlite {
 public:
  explicit PlainSqlite(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
  }

  ~PlainSqlite() { sqlite3_close(handle_); }

  PlainSqlite(const PlainSqlite&) = delete;
  PlainSqlite& operator=(const PlainSqlite&) = delete;

  void Run(std::string_view statement) {
    EXPECT_EQ(sqlite3_exec(handle_, std::string(statement).c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(handle_);
  }

 private:
  sqlite3* handle_ = nullptr;
};

bool HasPageSums(const std::string& path) {
  const auto connection = SqliteConnection::Open(path, 100);
  return connection.ok() && (*connection)->LookForPageSums() == SummedPages::kAll;
}

/// Whether another process would have to wait for this one's locks on the file.
bool IsLockedForOthers(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) {
    // SQLite's shared lock (its os_unix.c), held in WAL mode as long as a connection is open.
    struct flock lock {};

    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 0x40000002;
    lock.l_len = 510;
    const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
    const bool asked = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0;
    _exit(asked && lock.l_type != F_UNLCK ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status == 0;
}

class PageSums : public StoreTest {
 protected:
  PageSums() : path_(dir_.File("strata.db")) {
    App app = AppOf(1, 10);
    app.unique_name = "sixteen-candles";
    EXPECT_TRUE(Write([&](StoreTransaction& t) { return InsertApp(t, app); }).ok());
  }

  /// With what is in the write-ahead log in its pages.
  std::string WholeFile() {
    store_.reset();
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void Replace(const std::string& bytes) {
    store_.reset();
    std::ofstream(path_, std::ios::binary) << bytes;
    std::filesystem::remove(path_ + ".damaged");
    Reopen();
  }

  void Reopen() {
    auto opened = OpenSqliteStore({.path = path_});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(opened).value();
  }

  Status ReadApp() {
    return store_->Read([](StoreView& view) -> Status {
      STRATA_TRY(view.FindApp(SidOf<AccountSid>(1), SidOf<AppSid>(10)));
      return {};
    });
  }

  std::int64_t RootPageOf(const std::string& table) {
    const auto connection = std::move(SqliteConnection::Open(path_, 100)).value();
    const Rows rows =
        connection->Query("SELECT rootpage FROM sqlite_schema WHERE name = $1", {Value(table)})
            .value();
    return std::get<std::int64_t>(rows.at(0).at(0));
  }

  bool AllPartsAreSound() {
    for (int part = 0; part < 50; ++part) {
      if (!store_->CheckPart([] { return true; }).ok()) {
        return false;
      }
    }
    return true;
  }

  std::string path_;
};

TEST_F(PageSums, ByteChangedInsideAValue_IsNotServed) {
  std::string bytes = WholeFile();
  const std::size_t at = bytes.find("sixteen-candles");
  ASSERT_NE(at, std::string::npos);
  bytes[at] ^= 1;
  Replace(bytes);
  EXPECT_EQ(ReadApp().error().code, Code::kMalformed);
  EXPECT_EQ(store_->Probe().error().code, Code::kMalformed) << "nor anything else";
  EXPECT_TRUE(std::filesystem::exists(path_ + ".damaged"));
}

TEST_F(PageSums, AnyByteOfAPageChanged_IsFound) {
  const std::string whole = WholeFile();
  const auto page = static_cast<std::size_t>((RootPageOf("apps") - 1) * kPageBytes);
  for (std::size_t at = page; at < page + kPageBytes; at += (at - page < 4080 ? 240 : 1)) {
    std::string bytes = whole;
    bytes[at] ^= 0x10;
    Replace(bytes);
    EXPECT_EQ(ReadApp().error().code, Code::kMalformed) << at - page;
  }
  Replace(whole);
  EXPECT_TRUE(ReadApp().ok());
  EXPECT_TRUE(AllPartsAreSound());
}

TEST_F(PageSums, PageNobodyAsksFor_IsFoundByTheCheckAndByABackup) {
  std::string bytes = WholeFile();
  bytes[static_cast<std::size_t>((RootPageOf("webhooks") - 1) * kPageBytes) + 2000] ^= 1;
  Replace(bytes);
  EXPECT_TRUE(ReadApp().ok());
  EXPECT_FALSE(CopySqlite(path_, dir_.File("copy.db")).ok());
  EXPECT_FALSE(AllPartsAreSound());
}

TEST_F(PageSums, PagePutInAnothersPlace_IsNoDamageOfItsOwnButOfTheTree) {
  // A sum says nothing of the place: SQLite's own checks do.
  std::string bytes = WholeFile();
  const auto apps = static_cast<std::size_t>((RootPageOf("apps") - 1) * kPageBytes);
  const auto accounts = static_cast<std::size_t>((RootPageOf("accounts") - 1) * kPageBytes);
  bytes.replace(apps, kPageBytes, bytes.substr(accounts, kPageBytes));
  Replace(bytes);
  EXPECT_FALSE(AllPartsAreSound());
}

TEST_F(PageSums, DatabaseMadeWithoutThem_GetsThemAndItsCopyOfBeforeDoesNot) {
  store_.reset();
  const std::string old = dir_.File("old.db");
  const std::size_t version = Migrations().size() - 1;
  {
    PlainSqlite plain(old);
    plain.Run("PRAGMA journal_mode = WAL");
    plain.Run("CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY) STRICT");
    for (std::size_t step = 0; step < version; ++step) {
      for (const std::string_view statement : Migrations()[step]) {
        plain.Run(statement);
      }
      plain.Run("INSERT INTO schema_version VALUES (" + std::to_string(step + 1) + ")");
    }
    plain.Run("INSERT INTO webhooks SELECT 'a', 'b', 1, 'u', 'n', 1, 'm', x'00' WHERE 0");
  }
  EXPECT_FALSE(HasPageSums(old));
  ASSERT_TRUE(OpenSqliteStore({.path = old}).ok());
  EXPECT_TRUE(HasPageSums(old));
  EXPECT_TRUE(CheckSqlite(old).ok());
  const std::string kept = old + ".schema-" + std::to_string(version);
  ASSERT_TRUE(std::filesystem::exists(kept));
  EXPECT_FALSE(HasPageSums(kept)) << "the older program would let them rot";
}

TEST_F(PageSums, LocksOfTheStore_OutliveTheLookAtItsFile) {
  // Without them the next program that looks would take the write-ahead log away under the server.
  EXPECT_TRUE(ReadApp().ok());
  EXPECT_TRUE(IsLockedForOthers(path_));
  Reopen();
  EXPECT_TRUE(ReadApp().ok());
  EXPECT_TRUE(IsLockedForOthers(path_));
}

TEST_F(PageSums, CopyForABackup_HasThem) {
  ASSERT_TRUE(CopySqlite(path_, dir_.File("copy.db")).ok());
  EXPECT_TRUE(HasPageSums(dir_.File("copy.db")));
  EXPECT_TRUE(CheckSqlite(dir_.File("copy.db")).ok());
}

TEST_F(PageSums, AnotherProgramThatLooksAfterACrash_DamagesNothing) {
  // Its SQLite brings the write-ahead log home, without sums.
  std::filesystem::create_directory(dir_.File("crashed"));
  const std::string crashed = dir_.File("crashed/strata.db");
  for (const char* const tail : {"", "-wal"}) {
    std::filesystem::copy_file(path_ + tail, crashed + tail);
  }
  { PlainSqlite(crashed).Run("SELECT * FROM apps"); }
  EXPECT_FALSE(std::filesystem::exists(crashed + "-wal")) << "it did";
  path_ = crashed;
  EXPECT_FALSE(HasPageSums(crashed));
  Reopen();
  EXPECT_TRUE(ReadApp().ok());
  EXPECT_TRUE(AllPartsAreSound());
  EXPECT_TRUE(HasPageSums(crashed)) << "the start gave them back";
}

TEST_F(PageSums, WritesOfAnotherProgram_AreTakenForDamageUnlessItRewritesAll) {
  store_.reset();
  const std::string whole = WholeFile();
  { PlainSqlite(path_).Run("UPDATE apps SET unique_name = 'other'"); }
  Reopen();
  EXPECT_EQ(ReadApp().error().code, Code::kMalformed);
  Replace(whole);
  store_.reset();
  {
    PlainSqlite plain(path_);
    plain.Run("UPDATE apps SET unique_name = 'other'");
    plain.Run("VACUUM");
  }
  EXPECT_FALSE(HasPageSums(path_));
  Reopen();
  EXPECT_TRUE(ReadApp().ok());
  EXPECT_TRUE(AllPartsAreSound());
  EXPECT_TRUE(HasPageSums(path_)) << "the start gave them back";
}

TEST_F(PageSums, EndOfAPageZeroedUnderAServer_IsFoundByTheCheckAndByABackup) {
  // The last sector of the disk holds the sum too.
  WholeFile();
  Reopen();
  const auto page = (RootPageOf("webhooks") - 1) * kPageBytes;
  const std::string zeros(512, '\0');
  const int fd = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  // Not closed before the store: that would end the store's locks on the file.
  ASSERT_EQ(pwrite(fd, zeros.data(), zeros.size(), page + kPageBytes - 512), 512);
  EXPECT_TRUE(CopySqlite(path_, dir_.File("lenient.db")).ok());
  EXPECT_FALSE(CopySqlite(path_, dir_.File("copy.db"), /*sums_required=*/true).ok());
  EXPECT_FALSE(AllPartsAreSound());
  EXPECT_TRUE(std::filesystem::exists(path_ + ".damaged"));
  store_.reset();
  close(fd);
}

TEST_F(PageSums, FileThatEndsInsideAPage_IsNotServed) {
  const std::string bytes = WholeFile();
  Replace(bytes.substr(0, bytes.size() - 2500));
  EXPECT_FALSE(AllPartsAreSound());
}

TEST_F(PageSums, OlderSchema_IsLeftAloneBesideAServer) {
  store_.reset();
  { PlainSqlite(path_).Run("DELETE FROM schema_version WHERE version > 13; VACUUM"); }
  const std::string before = WholeFile();
  const auto refused = OpenSqliteStore({.path = path_, .upgrade = false});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, 20503);
  EXPECT_NE(refused.error().message.find("schema 13"), std::string::npos);
  EXPECT_EQ(WholeFile(), before);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".schema-13"));
}

TEST_F(PageSums, SameSchema_IsUsedBesideAServerAsItIs) {
  store_.reset();
  { PlainSqlite(path_).Run("VACUUM"); }
  auto beside = OpenSqliteStore({.path = path_, .upgrade = false});
  ASSERT_TRUE(beside.ok()) << beside.error().message;
  store_ = std::move(beside).value();
  EXPECT_TRUE(ReadApp().ok());
  EXPECT_FALSE(HasPageSums(path_)) << "only who is alone rewrites the file";
}

TEST_F(PageSums, CopiesOfAnOldSchemaThatNeverGotTheirName_AreRemovedAtTheNextStart) {
  store_.reset();
  for (const char* const left : {".schema-13.4711", ".schema-13.4711-journal", ".schema-13.part"}) {
    std::ofstream(path_ + left) << "half a copy";
  }
  std::ofstream(path_ + ".schema-13") << "the way back";
  Reopen();
  EXPECT_FALSE(std::filesystem::exists(path_ + ".schema-13.4711"));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".schema-13.4711-journal"));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".schema-13.part"));
  EXPECT_TRUE(std::filesystem::exists(path_ + ".schema-13"));
}

}  // namespace
}  // namespace strata::cloud
