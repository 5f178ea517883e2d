// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/blobs/file_blobs.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "file_blobs_impl.hpp"

namespace strata::cloud {
namespace {

constexpr std::size_t kReadBytes = 256U * 1024;

Error IoError(std::int64_t negative_errno, Op op = Op::kWriteFile) {
  return Fail(Code::kIo, op, static_cast<std::uint32_t>(-negative_errno));
}

std::string HexText(ByteSpan bytes) {
  std::string text(2 * bytes.size(), '\0');
  ToHex(bytes, text);
  return text;
}

/// Closes a descriptor, if it is one.
class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}

  ~OpenFile() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// What cannot be read is damaged. * kIo: nobody can tell, there is no memory.
Result<Blobs::Condition> Judge(int fd, const Digest& digest) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  if (EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return IoError(-ENOMEM, Op::kReadFile);
  }
  std::vector<std::uint8_t> piece(kReadBytes);
  ssize_t got = 0;
  do {
    got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno != EINTR) {
      return Blobs::Condition::kDamaged;
    }
    EVP_DigestUpdate(
        context.get(), piece.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  } while (got != 0);
  Digest found;
  EVP_DigestFinal_ex(context.get(), found.bytes.data(), nullptr);
  return found == digest ? Blobs::Condition::kWhole : Blobs::Condition::kDamaged;
}

/// The names in a directory; none when it is not there. * kIo.
Result<std::vector<std::string>> NamesIn(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return IoError(-error.value(), Op::kReadFile);
  }
  return names;
}

std::vector<Digest> DigestsOf(const std::string& start, const std::vector<std::string>& names) {
  std::vector<Digest> digests;
  for (const std::string& name : names) {
    if (const auto digest = Digest::FromHexText(start + name)) {
      digests.push_back(*digest);
    }
  }
  std::ranges::sort(digests, {}, &Digest::bytes);
  return digests;
}

}  // namespace

/// Of a call of FileOps.
static Status Check(std::int64_t result) {
  return result < 0 ? Status(IoError(result)) : Status{};
}

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
    STRATA_TRY(cloud::Check(store_.ops_->MakeReadOnly(fd_)));
    STRATA_TRY(cloud::Check(store_.ops_->Sync(fd_)));
    STRATA_TRY(CloseFile());
    STRATA_TRY(store_.Publish(path_, digest));
    path_.clear();
    return {};
  }

 private:
  Status CloseFile() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 ? Status{} : cloud::Check(store_.ops_->Close(fd));
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
      quarantine_dir_(dir_ + "/quarantine"),
      ops_(std::move(ops)) {}

ApiOutcome FileBlobs::Prepare() {
  for (const std::string& directory : {dir_, blobs_dir_, temporary_dir_, quarantine_dir_}) {
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
  STRATA_TRY(cloud::Check(ops_->SyncDirectory(blobs_dir_)));
  durable = true;
  return {};
}

Status FileBlobs::Publish(const std::string& temporary, const Digest& digest) {
  const Place place = PlaceOf(digest);
  const std::lock_guard lock(LockOf(digest));
  STRATA_TRY(EnsureDirectory(digest));
  std::int64_t existing = ops_->FileSize(place.path);
  if (existing >= 0 && !IsRefused(digest)) {
    ops_->Unlink(temporary);
    return cloud::Check(ops_->SyncDirectory(place.directory));
  }
  if (existing >= 0) {
    STRATA_TRY(cloud::Check(ops_->Unlink(place.path)));
    existing = -ENOENT;
  }
  if (existing != -ENOENT) {
    return IoError(existing);
  }
  STRATA_TRY(cloud::Check(ops_->Rename(temporary, place.path)));
  SetRefused(digest, false);
  ops_->Unlink(QuarantinePathOf(digest));
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
  const std::int64_t size = IsRefused(digest) ? -ENOENT : ops_->FileSize(place.path);
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
  STRATA_TRY(cloud::Check(removed));
  return cloud::Check(ops_->SyncDirectory(place.directory));
}

std::string FileBlobs::QuarantinePathOf(const Digest& digest) const {
  return quarantine_dir_ + "/" + HexText(digest.bytes);
}

bool FileBlobs::IsRefused(const Digest& digest) {
  return refused_[digest.bytes[0]].contains(digest.bytes);
}

void FileBlobs::SetRefused(const Digest& digest, bool refused) {
  auto& set = refused_[digest.bytes[0]];
  if (refused) {
    set.insert(digest.bytes);
  } else {
    set.erase(digest.bytes);
  }
}

Result<std::vector<Digest>> FileBlobs::List(std::uint8_t first) {
  const std::string start = HexText(ByteSpan(&first, 1));
  STRATA_TRY_ASSIGN(const auto names, NamesIn(blobs_dir_ + "/" + start));
  return DigestsOf(start, names);
}

Result<std::int64_t> FileBlobs::WrittenAt(const Digest& digest) {
  const std::int64_t at = ops_->ModifiedAt(PlaceOf(digest).path);
  if (at == -ENOENT) {
    return Fail(Code::kNotFound);
  }
  return at < 0 ? Result<std::int64_t>(IoError(at, Op::kReadFile)) : at;
}

Status FileBlobs::Touch(const Digest& digest) {
  const std::lock_guard lock(LockOf(digest));
  const int touched = ops_->Touch(PlaceOf(digest).path);
  return touched == -ENOENT ? Status(Fail(Code::kNotFound)) : cloud::Check(touched);
}

Result<Blobs::Condition> FileBlobs::Check(const Digest& digest) {
  return CheckFile(PlaceOf(digest).path, digest);
}

Result<Blobs::Condition> FileBlobs::CheckFile(const std::string& path, const Digest& digest) {
  const OpenFile file(ops_->OpenToRead(path));
  if (file.fd() == -ENOENT) {
    return Condition::kMissing;
  }
  // No descriptor left, no right to read: that says nothing about the bytes.
  return file.fd() < 0 ? IoError(file.fd(), Op::kReadFile) : Judge(file.fd(), digest);
}

Status FileBlobs::Quarantine(const Digest& digest) {
  const Place place = PlaceOf(digest);
  const std::lock_guard lock(LockOf(digest));
  // An upload may have healed it since it was found damaged.
  STRATA_TRY_ASSIGN(const Condition condition, CheckFile(place.path, digest));
  if (condition == Condition::kWhole) {
    return {};
  }
  SetRefused(digest, true);
  const int moved = ops_->Rename(place.path, QuarantinePathOf(digest));
  if (moved < 0 && moved != -ENOENT) {
    return IoError(moved);
  }
  for (const std::string& directory : {place.directory, quarantine_dir_}) {
    STRATA_TRY(cloud::Check(ops_->SyncDirectory(directory)));
  }
  SetRefused(digest, false);
  return {};
}

Result<std::vector<Digest>> FileBlobs::Quarantined() {
  STRATA_TRY_ASSIGN(const auto names, NamesIn(quarantine_dir_));
  std::vector<Digest> digests = DigestsOf("", names);
  for (std::size_t first = 0; first < refused_.size(); ++first) {
    const std::lock_guard lock(locks_[first]);
    for (const auto& bytes : refused_[first]) {
      digests.push_back(Digest{bytes});
    }
  }
  return digests;
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
  if (::access(blobs_dir_.c_str(), R_OK | W_OK | X_OK) != 0) {
    return IoError(-errno);
  }
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
