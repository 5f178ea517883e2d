// SPDX-License-Identifier: Apache-2.0
#include "support/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/core/secure.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }

  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() { Close(); }

  [[nodiscard]] int get() const { return fd_; }

  int Close() {
    const int result = fd_ >= 0 ? ::close(fd_) : 0;
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

/// Removes a temporary file unless it was moved into place.
class TemporaryName {
 public:
  explicit TemporaryName(std::string name) : name_(std::move(name)) {}

  TemporaryName(const TemporaryName&) = delete;
  TemporaryName& operator=(const TemporaryName&) = delete;

  ~TemporaryName() {
    if (!name_.empty()) {
      ::unlink(name_.c_str());
    }
  }

  void Keep() { name_.clear(); }

 private:
  std::string name_;
};

struct OpenFile {
  Descriptor fd;
  std::uint64_t size_bytes;
};

Expected<OpenFile> OpenRegular(const fs::path& file) {
  // Non-blocking, so that a FIFO is refused instead of waited for.
  Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) {
    return FileProblem(errno, file, "can't be read");
  }

  struct stat info {};

  if (::fstat(fd.get(), &info) != 0) {
    return FileProblem(errno, file, "can't be read");
  }
  if (!S_ISREG(info.st_mode)) {
    return Local(Code::kIo, file.string() + ": is not a regular file", "name a regular file");
  }
  return OpenFile{std::move(fd), static_cast<std::uint64_t>(info.st_size)};
}

bool ReadAll(int fd, std::uint64_t offset, MutableByteSpan out) {
  while (!out.empty()) {
    const ssize_t got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return false;
    }
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put < 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

fs::path DirectoryOf(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

void SyncDirectory(const fs::path& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) {
    ::fsync(fd.get());
  }
}

Outcome MoveIntoPlace(const std::string& temporary, const fs::path& file, Overwrite overwrite) {
  const int result = overwrite == Overwrite::kReplace ? ::rename(temporary.c_str(), file.c_str())
                                                      : ::link(temporary.c_str(), file.c_str());
  if (result != 0) {
    return FileProblem(errno, file, "can't be written");
  }
  return Done{};
}

class FileSource final : public bundle::ByteSource {
 public:
  FileSource(OpenFile file, fs::path name) : file_(std::move(file)), name_(std::move(name)) {}

  [[nodiscard]] std::uint64_t size() const override { return file_.size_bytes; }

  bundle::Outcome ReadAt(std::uint64_t offset, MutableByteSpan out) const override {
    if (!ReadAll(file_.fd.get(), offset, out)) {
      return bundle::MakeFailure(Code::kIo, Op::kReadFile, name_.string());
    }
    return Done{};
  }

 private:
  OpenFile file_;
  fs::path name_;
};

}  // namespace

SecretText& SecretText::operator=(SecretText&& other) noexcept {
  if (this != &other) {
    Wipe();
    text_ = std::move(other.text_);
    other.Wipe();
  }
  return *this;
}

void SecretText::Wipe() {
  SecureZero({reinterpret_cast<std::uint8_t*>(text_.data()), text_.size()});
  text_.clear();
}

Problem FileProblem(int error_number, const fs::path& file, std::string_view doing) {
  Code code = Code::kIo;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      code = Code::kNotFound;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = Code::kPermission;
      break;
    case EEXIST:
      code = Code::kAlreadyExists;
      break;
    default:
      break;
  }
  const std::string reason = std::error_code(error_number, std::generic_category()).message();
  std::string next_step;
  if (code == Code::kNotFound) {
    next_step = "check the path";
  }
  return Local(code, file.string() + ": " + std::string(doing) + ": " + reason, next_step);
}

Expected<std::vector<std::uint8_t>> ReadFile(const fs::path& file, std::uint64_t limit_bytes) {
  STRATA_TRY_ASSIGN(OpenFile open, OpenRegular(file));
  if (open.size_bytes > limit_bytes) {
    return Local(Code::kTooLarge,
                 file.string() + ": larger than " + std::to_string(limit_bytes) + " bytes");
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(open.size_bytes));
  if (!ReadAll(open.fd.get(), 0, bytes)) {
    return Local(Code::kIo, file.string() + ": can't be read completely");
  }
  return bytes;
}

Expected<std::string> ReadTextFile(const fs::path& file) {
  STRATA_TRY_ASSIGN(OpenFile open, OpenRegular(file));
  if (open.size_bytes > kMaxTextFileBytes) {
    return Local(Code::kTooLarge, file.string() + ": too large for a text file");
  }
  std::string text(static_cast<std::size_t>(open.size_bytes), '\0');
  if (!ReadAll(open.fd.get(), 0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()})) {
    return Local(Code::kIo, file.string() + ": can't be read completely");
  }
  return text;
}

Expected<SecretText> ReadSecretFile(const fs::path& file) {
  Expected<std::string> text = ReadTextFile(file);
  if (!text.ok()) {
    return text.error();
  }
  return SecretText(std::move(text).value());
}

Outcome CheckPlace(const fs::path& file, Overwrite overwrite) {
  struct stat info {};

  const bool exists = ::lstat(file.c_str(), &info) == 0;
  if (exists && overwrite == Overwrite::kRefuse) {
    return Local(Code::kAlreadyExists,
                 file.string() + ": exists already",
                 "choose another file name or add --force where the command has it");
  }
  // A rename would put a file where a device, a FIFO or a link stands.
  if (exists && !S_ISREG(info.st_mode)) {
    return Local(Code::kInvalidArgument,
                 file.string() + ": is not a regular file",
                 "name a regular file to write to");
  }
  if (::access(DirectoryOf(file).c_str(), W_OK | X_OK) != 0) {
    return FileProblem(errno, file, "can't be written");
  }
  return Done{};
}

Outcome WriteFile(const fs::path& file, std::string_view bytes, mode_t mode, Overwrite overwrite) {
  STRATA_TRY(CheckPlace(file, overwrite));
  std::string name = (DirectoryOf(file) / ("." + file.filename().string() + ".XXXXXX")).string();
  Descriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (fd.get() < 0) {
    return FileProblem(errno, file, "can't be written");
  }
  TemporaryName temporary(name);
  if (::fchmod(fd.get(), mode) != 0 || !WriteAll(fd.get(), bytes) || ::fsync(fd.get()) != 0 ||
      fd.Close() != 0) {
    return FileProblem(errno, file, "can't be written");
  }
  STRATA_TRY(MoveIntoPlace(name, file, overwrite));
  if (overwrite == Overwrite::kReplace) {
    temporary.Keep();
  }
  SyncDirectory(DirectoryOf(file));
  return Done{};
}

Outcome MakePrivateDirectory(const fs::path& directory) {
  const fs::path parent = directory.parent_path();
  std::error_code error;
  if (!parent.empty() && !fs::exists(parent, error)) {
    STRATA_TRY(MakePrivateDirectory(parent));
  }
  if (::mkdir(directory.c_str(), kPrivateDirectory) != 0 && errno != EEXIST) {
    return FileProblem(errno, directory, "can't be made");
  }
  if (::chmod(directory.c_str(), kPrivateDirectory) != 0) {
    return FileProblem(errno, directory, "can't be made private");
  }
  return Done{};
}

Expected<std::unique_ptr<bundle::ByteSource>> OpenBundleFile(const fs::path& file) {
  STRATA_TRY_ASSIGN(OpenFile open, OpenRegular(file));
  if (open.size_bytes > bundle::kMaxBundleBytes) {
    return FromFailure(bundle::MakeFailure(Code::kBundleTooLarge, Op::kReadFile, file.string()));
  }
  std::unique_ptr<bundle::ByteSource> source = std::make_unique<FileSource>(std::move(open), file);
  return source;
}

}  // namespace strata::cli
