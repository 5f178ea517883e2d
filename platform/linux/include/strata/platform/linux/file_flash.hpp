// SPDX-License-Identifier: Apache-2.0
/// FileFlash: the Flash port over a file, with the rules of NOR flash kept.
/// Role: development, gateways and fleets; no defence against someone who can write the file.
/// Durability: as the port says; Sync() is fdatasync(2), skipped when nothing changed since the
/// last one. Security: files are made with mode 0600, symbolic links are not followed. Reference:
/// docs/spec/device-directory.md; engine/ports/flash.hpp.
#pragma once

#include <filesystem>
#include <memory>

#include "strata/engine/ports/flash.hpp"
#include "strata/platform/linux/expected.hpp"
#include "strata/platform/linux/unique_fd.hpp"

namespace strata::device {

class FileFlash final : public ports::Flash {
 public:
  enum class Access {
    kReadWrite,
    kReadOnly,  ///< Program and Erase answer kFlashIo
  };

  /// Writes a file of `size_bytes` times 0xFF at `path` and makes its contents durable, not its
  /// name: that is the caller's rename. An older file of that name is replaced. * kIo: the file is
  /// absent or incomplete.
  static Outcome WriteErased(const std::filesystem::path& path, std::uint32_t size_bytes);

  /// WriteErased beside `path`, then renamed into place durably: after a kill the file is absent or
  /// whole.
  static Outcome Create(const std::filesystem::path& path, std::uint32_t size_bytes);

  /// * kNotFound: no such file. * kIo: it can't be opened. * kMalformed: its size is not that of
  /// `geometry`.
  static Expected<std::unique_ptr<FileFlash>> Open(const std::filesystem::path& path,
                                                   const ports::FlashGeometry& geometry,
                                                   Access access);

 private:
  FileFlash(const ports::FlashGeometry& geometry, UniqueFd fd, Access access)
      : Flash(geometry), fd_(std::move(fd)), access_(access) {}

  Status DoRead(std::uint32_t offset, MutableByteSpan out) override;
  Status DoProgram(std::uint32_t offset, ByteSpan data) override;
  Status DoEraseUnit(std::uint32_t offset) override;
  Status DoSync() override;

  UniqueFd fd_;
  Access access_;
  bool dirty_ = false;
};

}  // namespace strata::device
