// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/blobs/file_blobs.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sys/statvfs.h>
#include <unistd.h>

#include "file_blobs_impl.hpp"

namespace strata::cloud {
namespace {

Error IoError(std::int64_t negative_errno, Op op = Op::kWriteFile) {
  return Fail(Code::kIo, op, static_cast<std::uint32_t>(-negative_errno));
}

Status Check(std::int64_t result) {
  if (result < 0) {
    return IoError(result);
  }
  return {};
}

}  // namespace

/// Owns one file in DIR/tmp until it is published or dropped.
class FileBlobs::FileWriter final : public Blobs::Writer {
 public:
  FileWriter(FileBlobs& store, std::string path, int fd)
      : store_(store), path_(std::move(path)), fd_(fd) {}

  ~FileWriter() override {
    CloseFile().IgnoreError();  // what is dropped need not be durable
    if (!path_.empty()) {
      store_.ops_->Unlink(path_);
    }
  }

  Status Write(ByteSpan piece) override {
    if (broken_) {
      return Fail(Code::kIo, Op::kWriteFile);
    }
    while (!piece.empty()) {
      const ssize_t written = store_.ops_->Write(fd_, piece);
      if (written <= 0) {
        broken_ = true;
        return IoError(written == 0 ? -EIO : written);
      }
      piece = piece.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

  Status Commit(const Digest& digest) override {
    if (broken_ || fd_ < 0) {
      return Fail(Code::kIo, Op::kWriteFile);
    }
    broken_ = true;
    STRATA_TRY(Check(store_.ops_->MakeReadOnly(fd_)));
    STRATA_TRY(Check(store_.ops_->Sync(fd_)));
    STRATA_TRY(CloseFile());
    STRATA_TRY(store_.Publish(path_, digest));
    path_.clear();
    return {};
  }

 private:
  Status CloseFile() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 ? Status{} : Check(store_.ops_->Close(fd));
  }

  FileBlobs& store_;
  std::string path_;
  int fd_;
  bool broken_ = false;
};

FileBlobs::FileBlobs(std::string dir, std::unique_ptr<FileOps> ops)
    : dir_(std::move(dir)),
      blobs_dir_(dir_ + "/blobs"),
      temporary_dir_(dir_ + "/tmp"),
      ops_(std::move(ops)) {}

ApiOutcome FileBlobs::Prepare() {
  for (const std::string& directory : {dir_, blobs_dir_, temporary_dir_}) {
    const int made = ops_->MakeDirectory(directory);
    if (made < 0 && made != -EEXIST) {
      return ApiError{
          503,
          20503,
          "can't make the directory " + directory + ": " + std::generic_category().message(-made)};
    }
  }
  std::error_code error;
  std::filesystem::directory_iterator entry(temporary_dir_, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_directory(gone)) {
      ops_->Unlink(entry->path().string());
    }
  }
  if (error) {
    return ApiError{
        503, 20503, "can't read the directory " + temporary_dir_ + ": " + error.message()};
  }
  for (const std::string& directory : {dir_, blobs_dir_}) {
    if (const int synced = ops_->SyncDirectory(directory); synced < 0) {
      return ApiError{503,
                      20503,
                      "can't sync the directory " + directory + ": " +
                          std::generic_category().message(-synced)};
    }
  }
  return Empty{};
}

FileBlobs::Place FileBlobs::PlaceOf(const Digest& digest) const {
  const auto hex = digest.ToHexText();
  const std::string_view text(hex.data(), hex.size());
  std::string directory = blobs_dir_ + "/" + std::string(text.substr(0, 2));
  std::string path = directory + "/" + std::string(text.substr(2));
  return {std::move(directory), std::move(path)};
}

std::string FileBlobs::NewTemporaryPath() {
  return temporary_dir_ + "/blob-" + std::to_string(::getpid()) + "-" +
         std::to_string(next_temporary_++);
}

Result<std::unique_ptr<Blobs::Writer>> FileBlobs::Create() {
  std::string path = NewTemporaryPath();
  const int fd = ops_->CreateNew(path);
  if (fd < 0) {
    return IoError(fd);
  }
  return std::unique_ptr<Writer>(std::make_unique<FileWriter>(*this, std::move(path), fd));
}

Status FileBlobs::EnsureDirectory(const Digest& digest) {
  bool& durable = directory_durable_[digest.bytes[0]];
  if (durable) {
    return {};
  }
  const int made = ops_->MakeDirectory(PlaceOf(digest).directory);
  if (made < 0 && made != -EEXIST) {
    return IoError(made);
  }
  STRATA_TRY(Check(ops_->SyncDirectory(blobs_dir_)));
  durable = true;
  return {};
}

Status FileBlobs::Publish(const std::string& temporary, const Digest& digest) {
  const Place place = PlaceOf(digest);
  const std::lock_guard lock(LockOf(digest));
  STRATA_TRY(EnsureDirectory(digest));
  const std::int64_t existing = ops_->FileSize(place.path);
  if (existing >= 0) {
    ops_->Unlink(temporary);
    return Check(ops_->SyncDirectory(place.directory));
  }
  if (existing != -ENOENT) {
    return IoError(existing);
  }
  STRATA_TRY(Check(ops_->Rename(temporary, place.path)));
  for (const std::string& directory : {place.directory, temporary_dir_}) {
    if (const int synced = ops_->SyncDirectory(directory); synced < 0) {
      ops_->Unlink(place.path);
      return IoError(synced);
    }
  }
  return {};
}

Result<std::optional<Blobs::Info>> FileBlobs::Find(const Digest& digest) {
  Place place = PlaceOf(digest);
  const std::lock_guard lock(LockOf(digest));
  const std::int64_t size = ops_->FileSize(place.path);
  if (size == -ENOENT) {
    return std::optional<Info>();
  }
  if (size < 0) {
    return IoError(size, Op::kReadFile);
  }
  return std::optional<Info>(Info{std::move(place.path), static_cast<std::uint64_t>(size)});
}

Status FileBlobs::Remove(const Digest& digest) {
  const Place place = PlaceOf(digest);
  const std::lock_guard lock(LockOf(digest));
  const int removed = ops_->Unlink(place.path);
  if (removed == -ENOENT) {
    return {};
  }
  STRATA_TRY(Check(removed));
  return Check(ops_->SyncDirectory(place.directory));
}

Result<Blobs::Space> FileBlobs::FreeSpace() {
  struct statvfs status {};

  if (::statvfs(dir_.c_str(), &status) != 0) {
    return IoError(-errno, Op::kReadFile);
  }
  return Space{static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize,
               static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize};
}

Status FileBlobs::Probe() {
  constexpr std::uint8_t kProbe = 0;
  STRATA_TRY_ASSIGN(const std::unique_ptr<Writer> writer, Create());
  return writer->Write(ByteSpan(&kProbe, 1));
}

ApiResult<std::unique_ptr<Blobs>> OpenFileBlobs(const std::string& dir) {
  auto blobs = std::make_unique<FileBlobs>(dir, std::make_unique<PosixFileOps>());
  if (ApiOutcome prepared = blobs->Prepare(); !prepared.ok()) {
    return prepared.error();
  }
  return std::unique_ptr<Blobs>(std::move(blobs));
}

}  // namespace strata::cloud
