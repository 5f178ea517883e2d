// SPDX-License-Identifier: Apache-2.0
// A data directory from a backup, complete or not at all. Reference: docs/spec/backup.md.
#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/store/sqlite_backup.hpp"
#include "strata/cloud/store/sqlite_store.hpp"
#include "strata/core/error_text.hpp"

#include "backup_files.hpp"
#include "commands.hpp"
#include "complain.hpp"
#include "data_dir.hpp"
#include "system.hpp"

namespace strata::cloud {
namespace {

namespace fs = std::filesystem;

std::string WordsOf(Error error) {
  switch (error.code) {
    case Code::kKeyInvalid:
      return "it needs --passphrase-file, or was made without";
    case Code::kCryptoFailed:
      return "the passphrase is wrong, or the backup was changed";
    case Code::kUnsupported:
      return "it is of a newer Strata";
    case Code::kMalformed:
      return "it is no backup, or its end is missing";
    case Code::kLayerHashMismatch:
      return "a layer in it is not what its name says";
    default:
      return std::string(TextOf(error.code).what);
  }
}

/// A directory that goes unless it is kept.
class NewDirectory {
 public:
  explicit NewDirectory(std::string path) : path_(std::move(path)) {}

  ~NewDirectory() {
    std::error_code ignored;  // what is left is named so that nobody takes it for a cloud
    if (!path_.empty()) {
      fs::remove_all(path_, ignored);
    }
  }

  NewDirectory(const NewDirectory&) = delete;
  NewDirectory& operator=(const NewDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

Status WriteFile(backup::ArchiveReader& archive,
                 const backup::ArchivedFile& file,
                 const std::string& dir) {
  const std::string path = dir + "/" + file.path;
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  const std::optional<Digest> layer = backup::LayerOf(file.path);
  FileSink sink;
  STRATA_TRY(sink.Create(path, layer ? 0400 : 0600));
  backup::Hasher hasher;
  STRATA_TRY(archive.Read(file, [&](ByteSpan piece) -> Status {
    hasher.Take(piece);
    return sink.Write(piece);
  }));
  STRATA_TRY(sink.Finish());
  return layer && hasher.Finish() != *layer ? Fail(Code::kLayerHashMismatch) : Status{};
}

Status Unpack(backup::Source& source,
              std::string_view passphrase,
              const std::string& dir,
              std::set<std::string>& names) {
  STRATA_TRY_ASSIGN(const auto archive, backup::ArchiveReader::Begin(source, passphrase));
  while (true) {
    STRATA_TRY_ASSIGN(const auto file, archive->Next());
    if (!file) {
      return {};
    }
    STRATA_TRY(WriteFile(*archive, *file, dir));
    names.insert(file->path);
  }
}

bool SyncAll(const std::string& dir) {
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(dir, error)) {
    if (entry.is_directory(error) && !SyncDirectory(entry.path().string())) {
      return false;
    }
  }
  return !error && SyncDirectory(dir);
}

ApiOutcome WriteDown(const std::string& dir) {
  auto store = OpenSqliteStore({.path = dir + "/strata.db"});
  if (!store.ok()) {
    return store.error();
  }
  SystemClock clock;
  const Service service({.store = store->get(), .clock = &clock}, {});
  return service.As(LocalOrigin()).NoteForAll("cloud.restore", "");
}

/// How many layers that apps name are not there; the problem when the whole can't be used.
ApiResult<std::uint64_t> CheckAll(const std::string& dir, const std::set<std::string>& names) {
  for (const char* const needed : {"strata.db", "page.key", "pki/server-ca.pem"}) {
    if (!names.contains(needed)) {
      return LocalError(Code::kMalformed, std::string("there is no ") + needed + " in it");
    }
  }
  const auto layers = CheckSqlite(dir + "/strata.db");
  if (!layers.ok()) {
    return layers.error();
  }
  std::uint64_t missing = 0;
  for (const Digest& layer : *layers) {
    if (!names.contains(LayerPath(layer))) {
      ++missing;
      Complain(Code::kLayerNotFound,
               "the layer " + LayerPath(layer) + " is not in the backup; upload its bundle again");
    }
  }
  return missing;
}

}  // namespace

int Restore(const RestoreOptions& options) {
  const auto passphrase = ReadPassphrase(options.passphrase_file);
  if (!passphrase.ok()) {
    return Complain(passphrase.error());
  }
  FileReader source;
  if (!source.Open(options.file).ok()) {
    return Complain(Code::kIo, "can't read " + options.file);
  }
  std::error_code error;
  // Without the slash that people end a directory's name with.
  const fs::path named = fs::absolute(options.data).lexically_normal();
  const std::string dir = (named.has_filename() ? named : named.parent_path()).string();
  if (fs::exists(dir, error) && !fs::is_empty(dir, error)) {
    return Complain(Code::kAlreadyExists, dir + " is not empty; name a new directory");
  }
  NewDirectory made(dir + ".restoring");
  if (mkdir(made.path().c_str(), 0700) != 0) {
    const std::string path = made.path();
    made.Keep();
    return Complain(
        Code::kIo, "can't make " + path + ", or it is left from an interrupted restore: remove it");
  }
  std::set<std::string> names;
  if (const Status got = Unpack(source, *passphrase, made.path(), names); !got.ok()) {
    return Complain(got.error().code, options.file + " can't be restored: " + WordsOf(got.error()));
  }
  const auto missing = CheckAll(made.path(), names);
  if (!missing.ok()) {
    ApiError why = missing.error();
    why.message = options.file + " can't be restored: " + why.message;
    return Complain(why);
  }
  if (const ApiOutcome noted = WriteDown(made.path()); !noted.ok()) {
    return Complain(noted.error());
  }
  rmdir(dir.c_str());
  const bool placed = SyncAll(made.path()) && rename(made.path().c_str(), dir.c_str()) == 0 &&
                      SyncDirectory(fs::path(dir).parent_path().string());
  if (!placed) {
    return Complain(Code::kIo, "can't write to " + dir);
  }
  made.Keep();
  std::printf("restored %s\nnext: strata-cloud serve --data %s\n", dir.c_str(), dir.c_str());
  return *missing == 0 ? 0 : 3;
}

}  // namespace strata::cloud
