// SPDX-License-Identifier: Apache-2.0
/// Small file operations with the care a device needs: whole reads and writes, durable renames.
/// Private to this module.
#pragma once

#include <filesystem>
#include <string>

#include "strata/core/bytes.hpp"
#include "strata/platform/linux/expected.hpp"

namespace strata::device {

/// "cannot WHAT PATH: words of errno" with `code` (kPermission when errno says so).
Failure FileFailure(const std::string& what, const std::filesystem::path& path, int error_number);

/// All of `data` at `offset`, or false with errno set.
[[nodiscard]] bool WriteAllAt(int fd, ByteSpan data, std::uint64_t offset);

/// Exactly `out.size()` bytes at `offset`; false with errno set, 0 when the file ends early.
[[nodiscard]] bool ReadAllAt(int fd, MutableByteSpan out, std::uint64_t offset);

/// The whole file, at most `limit_bytes`. * kNotFound, kPermission, kIo. * kTooLarge.
Expected<std::string> ReadSmallFile(const std::filesystem::path& path, std::size_t limit_bytes);

/// rename(2), then fsync of the folder: after OK the new name survives a power loss. * kIo.
Outcome RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to);

/// fsync of a folder. * kIo.
Outcome SyncFolder(const std::filesystem::path& folder);

}  // namespace strata::device
