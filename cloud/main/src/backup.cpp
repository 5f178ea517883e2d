// SPDX-License-Identifier: Apache-2.0
// One file with everything of a data directory, made beside a running server. Reference:
// docs/spec/backup.md.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "strata/cloud/store/sqlite_backup.hpp"
#include "strata/core/error_text.hpp"

#include "backup_files.hpp"
#include "commands.hpp"
#include "complain.hpp"
#include "data_dir.hpp"
#include "garbage_lock.hpp"

namespace strata::cloud {
namespace {

namespace fs = std::filesystem;

/// Removes a file when it goes.
class Temporary {
 public:
  explicit Temporary(std::string path) : path_(std::move(path)) {}

  ~Temporary() {
    if (!path_.empty()) {
      unlink(path_.c_str());
    }
  }

  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

/// Files that are no layer, below `dir`: keys, certificates, accounts' files. * kIo: not all of
/// them can be listed, and a backup without its keys would be none.
Result<std::vector<std::string>> SmallFiles(const std::string& dir) {
  std::vector<std::string> names;
  for (const char* const folder : {"", "pki/"}) {
    std::error_code error;
    fs::directory_iterator entry(dir + "/" + folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      const std::string name = folder + entry->path().filename().string();
      const bool database = name.starts_with("strata.db") || name == "lock" ||
                            name == "garbage.lock" || name.ends_with(".new");
      if (entry->is_regular_file(error) && !database && backup::IsArchivePath(name)) {
        names.push_back(name);
      }
    }
    if (error) {
      return Fail(Code::kIo, Op::kReadFile, static_cast<std::uint32_t>(error.value()));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Hashes what it passes on.
class HashedSource final : public backup::Source {
 public:
  explicit HashedSource(backup::Source& real) : real_(real) {}

  Result<std::size_t> Read(MutableByteSpan out) override {
    STRATA_TRY_ASSIGN(const std::size_t got, real_.Read(out));
    hasher_.Take(ByteSpan(out).first(got));
    return got;
  }

  Digest Finish() { return hasher_.Finish(); }

 private:
  backup::Source& real_;
  backup::Hasher hasher_;
};

/// Whether the file holds what its name says.
bool IsWhole(const std::string& path, const Digest& digest) {
  FileReader reader;
  if (!reader.Open(path).ok()) {
    return false;
  }
  HashedSource hashed(reader);
  std::vector<std::uint8_t> piece(256U * 1024);
  Result<std::size_t> got = hashed.Read(piece);
  while (got.ok() && *got == piece.size()) {
    got = hashed.Read(piece);
  }
  return got.ok() && hashed.Finish() == digest;
}

struct Totals {
  std::uint64_t layers = 0;
  std::uint64_t bytes = 0;
  std::uint64_t missing = 0;
};

Status AddFile(backup::ArchiveWriter& archive,
               const std::string& path,
               const std::string& name,
               Totals& totals) {
  FileReader reader;
  STRATA_TRY(reader.Open(path));
  totals.bytes += reader.size_bytes();
  return archive.Add({name, reader.size_bytes()}, reader);
}

Status AddAll(backup::ArchiveWriter& archive,
              const std::string& dir,
              const std::string& database,
              const std::vector<Digest>& layers,
              Totals& totals) {
  STRATA_TRY(AddFile(archive, database, "strata.db", totals));
  STRATA_TRY_ASSIGN(const std::vector<std::string> names, SmallFiles(dir));
  for (const std::string& name : names) {
    STRATA_TRY(AddFile(archive, dir + "/" + name, name, totals));
  }
  for (const Digest& layer : layers) {
    const std::string name = LayerPath(layer);
    if (!IsWhole(dir + "/" + name, layer)) {
      ++totals.missing;
      Complain(Code::kLayerNotFound,
               "the layer " + name + " is missing or damaged and not in the backup");
      continue;
    }
    STRATA_TRY(AddFile(archive, dir + "/" + name, name, totals));
    ++totals.layers;
  }
  return archive.End();
}

}  // namespace

int Backup(const BackupOptions& options) {
  const std::string dir = AbsolutePath(options.data);
  if (dir.empty() || access((dir + "/strata.db").c_str(), F_OK) != 0) {
    return ComplainNoCloud(options.data);
  }
  const auto passphrase = ReadPassphrase(options.passphrase_file);
  if (!passphrase.ok()) {
    return Complain(passphrase.error());
  }
  const GarbageLock lock(dir, GarbageLock::Kind::kKeepAll);
  if (!lock.held()) {
    return Complain(Code::kIo, "can't keep garbage collection from " + dir);
  }
  const Temporary database(dir + "/tmp/backup-" + std::to_string(getpid()) + ".db");
  // A server gave each page its checksum when it started; without one any program may have written.
  const bool served = !DirLock().Take(dir);
  if (const auto copied = CopySqlite(dir + "/strata.db", database.path(), served); !copied.ok()) {
    return Complain(copied.error());
  }
  const auto layers = CheckSqlite(database.path());
  if (!layers.ok()) {
    return Complain(layers.error());
  }
  const std::string out = fs::absolute(options.file).string();
  if (fs::exists(fs::symlink_status(out))) {
    return Complain(Code::kAlreadyExists, out + " exists already; name a new file");
  }
  Temporary part(out + ".part");
  FileSink sink;
  if (!sink.Create(part.path()).ok()) {
    return Complain(Code::kIo,
                    "can't write " + part.path() + ", or it is left from an interrupted backup");
  }
  Totals totals;
  auto archive = backup::ArchiveWriter::Begin(sink, *passphrase);
  Status written = archive.ok() ? AddAll(**archive, dir, database.path(), *layers, totals)
                                : Status(archive.error());
  written = written.ok() ? sink.Finish() : written;
  const bool placed = written.ok() && rename(part.path().c_str(), out.c_str()) == 0 &&
                      SyncDirectory(fs::path(out).parent_path().string());
  if (!placed) {
    return Complain(written.ok() ? Code::kIo : written.error().code,
                    "can't write " + out + ": " + std::string(TextOf(written.error().code).what));
  }
  part.Keep();
  std::printf("backed up %llu layers, %llu bytes in all, to %s%s\n",
              static_cast<unsigned long long>(totals.layers),
              static_cast<unsigned long long>(totals.bytes),
              out.c_str(),
              passphrase->empty() ? ", which holds keys and tokens in clear: keep it as them" : "");
  return totals.missing == 0 ? 0 : 3;
}

}  // namespace strata::cloud
