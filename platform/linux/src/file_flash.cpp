// SPDX-License-Identifier: Apache-2.0
#include "strata/platform/linux/file_flash.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.hpp"

namespace strata::device {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::uint8_t kErased = 0xFF;

Error IoFailure() {
  return Fail(Code::kFlashIo, Op::kNone, static_cast<std::uint32_t>(errno));
}

}  // namespace

Outcome FileFlash::WriteErased(const std::filesystem::path& path, std::uint32_t size_bytes) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  const UniqueFd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return FileFailure("create", path, errno);
  }
  const std::vector<std::uint8_t> piece(kPieceBytes, kErased);
  for (std::uint32_t offset = 0; offset < size_bytes;) {
    const auto length = std::min<std::size_t>(kPieceBytes, size_bytes - offset);
    if (!WriteAllAt(fd.get(), ByteSpan(piece).first(length), offset)) {
      return FileFailure("write", path, errno);
    }
    offset += static_cast<std::uint32_t>(length);
  }
  if (::fsync(fd.get()) != 0) {
    return FileFailure("make durable", path, errno);
  }
  return Done{};
}

Outcome FileFlash::Create(const std::filesystem::path& path, std::uint32_t size_bytes) {
  const std::filesystem::path fresh = path.string() + ".new";
  if (Outcome made = WriteErased(fresh, size_bytes); !made.ok()) {
    return made;
  }
  return RenameDurably(fresh, path);
}

Expected<std::unique_ptr<FileFlash>> FileFlash::Open(const std::filesystem::path& path,
                                                     const ports::FlashGeometry& geometry,
                                                     Access access) {
  const int flags = access == Access::kReadOnly ? O_RDONLY : O_RDWR;
  UniqueFd fd(::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) {
    return FileFailure("open", path, errno);
  }

  struct stat info {};

  if (::fstat(fd.get(), &info) != 0) {
    return FileFailure("open", path, errno);
  }
  if (!S_ISREG(info.st_mode) || info.st_size != static_cast<off_t>(geometry.size_bytes)) {
    return Failure{Fail(Code::kMalformed, Op::kReadFile),
                   path.string() + " is not a file of " + std::to_string(geometry.size_bytes) +
                       " bytes: the device was formatted for other hardware or is damaged; "
                       "provision it again"};
  }
  return std::unique_ptr<FileFlash>(new FileFlash(geometry, std::move(fd), access));
}

Status FileFlash::DoRead(std::uint32_t offset, MutableByteSpan out) {
  if (!ReadAllAt(fd_.get(), out, offset)) {
    return IoFailure();
  }
  return {};
}

Status FileFlash::DoProgram(std::uint32_t offset, ByteSpan data) {
  if (access_ == Access::kReadOnly) {
    return Fail(Code::kFlashIo, Op::kNone, EROFS);
  }
  std::array<std::uint8_t, 4096> now{};
  for (std::size_t done = 0; done < data.size();) {
    const MutableByteSpan piece =
        MutableByteSpan(now).first(std::min(now.size(), data.size() - done));
    const auto at = offset + static_cast<std::uint32_t>(done);
    if (!ReadAllAt(fd_.get(), piece, at)) {
      return IoFailure();
    }
    const auto programmed =
        std::find_if(piece.begin(), piece.end(), [](std::uint8_t byte) { return byte != kErased; });
    if (programmed != piece.end()) {
      return Fail(Code::kFlashNotErased,
                  Op::kNone,
                  at + static_cast<std::uint32_t>(programmed - piece.begin()));
    }
    done += piece.size();
  }
  dirty_ = true;
  if (!WriteAllAt(fd_.get(), data, offset)) {
    return IoFailure();
  }
  return {};
}

Status FileFlash::DoEraseUnit(std::uint32_t offset) {
  if (access_ == Access::kReadOnly) {
    return Fail(Code::kFlashIo, Op::kNone, EROFS);
  }
  const std::vector<std::uint8_t> unit(geometry().erase_unit_bytes, kErased);
  dirty_ = true;
  if (!WriteAllAt(fd_.get(), unit, offset)) {
    return IoFailure();
  }
  return {};
}

Status FileFlash::DoSync() {
  if (!dirty_) {
    return {};
  }
  if (::fdatasync(fd_.get()) != 0) {
    return IoFailure();
  }
  dirty_ = false;
  return {};
}

}  // namespace strata::device
