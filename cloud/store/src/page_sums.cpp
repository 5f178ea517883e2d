// SPDX-License-Identifier: Apache-2.0
#include "page_sums.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <sqlite3.h>

namespace strata::cloud {
namespace {

constexpr int kPageBytes = 4096;
constexpr int kSumBytes = 8;
constexpr int kSummedBytes = kPageBytes - kSumBytes;
// Of the file's header (https://www.sqlite.org/fileformat2.html).
constexpr int kHeaderBytes = 100;
constexpr std::size_t kPageSizeAt = 16;
constexpr std::size_t kReservedAt = 20;

using Sum = std::array<std::uint8_t, kSumBytes>;

/// The file as SQLite sees it; the system's own lies behind it.
struct SummedFile {
  sqlite3_file base;
  bool sums;
  bool required;
};

constexpr std::size_t kRealAt = 32;
static_assert(sizeof(SummedFile) <= kRealAt);

SummedFile* SummedOf(sqlite3_file* file) {
  return reinterpret_cast<SummedFile*>(file);
}

sqlite3_file* RealOf(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::uint8_t*>(file) + kRealAt);
}

std::uint32_t WordAt(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} | (std::uint32_t{bytes[1]} << 8U) |
         (std::uint32_t{bytes[2]} << 16U) | (std::uint32_t{bytes[3]} << 24U);
}

/// SQLite's own checksum algorithm, that of the write-ahead log. Never all zeros.
Sum SumOf(const std::uint8_t* page) {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  for (int at = 0; at < kSummedBytes; at += 8) {
    first += WordAt(page + at) + second;
    second += WordAt(page + at + 4) + first;
  }
  first = first == 0 && second == 0 ? 1 : first;
  Sum sum{};
  for (std::size_t i = 0; i < 4; ++i) {
    sum.at(i) = static_cast<std::uint8_t>(first >> (8 * i));
    sum.at(i + 4) = static_cast<std::uint8_t>(second >> (8 * i));
  }
  return sum;
}

bool IsPage(int amount, sqlite3_int64 offset) {
  return amount == kPageBytes && offset % kPageBytes == 0;
}

/// Whether a page at `offset` was read only in part.
bool IsCut(sqlite3_file* real, sqlite3_int64 offset) {
  sqlite3_int64 size = 0;
  return real->pMethods->xFileSize(real, &size) == SQLITE_OK && offset < size;
}

bool SaysSums(const std::uint8_t* header) {
  constexpr std::array<std::uint8_t, 2> kPageSize = {kPageBytes >> 8, kPageBytes & 0xff};
  return std::memcmp(header, "SQLite format 3", 16) == 0 &&
         std::memcmp(header + kPageSizeAt, kPageSize.data(), kPageSize.size()) == 0 &&
         header[kReservedAt] == kSumBytes;
}

int Close(sqlite3_file* file) {
  return RealOf(file)->pMethods->xClose(RealOf(file));
}

int Read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
  const int read = RealOf(file)->pMethods->xRead(RealOf(file), out, amount, offset);
  if (read == SQLITE_IOERR_SHORT_READ && SummedOf(file)->sums && IsPage(amount, offset) &&
      IsCut(RealOf(file), offset)) {
    return SQLITE_CORRUPT;
  }
  if (read != SQLITE_OK) {
    return read;
  }
  auto* const bytes = static_cast<std::uint8_t*>(out);
  if (offset == 0 && amount >= kHeaderBytes) {
    SummedOf(file)->sums = SaysSums(bytes);
  }
  if (!SummedOf(file)->sums || !IsPage(amount, offset)) {
    return SQLITE_OK;
  }
  Sum kept{};
  std::copy_n(bytes + kSummedBytes, kSumBytes, kept.begin());
  // From here on it is a page without a sum, so that no copy of it ever carries an old one.
  std::fill_n(bytes + kSummedBytes, kSumBytes, std::uint8_t{0});
  const bool whole = kept == Sum{} ? !SummedOf(file)->required : kept == SumOf(bytes);
  return whole ? SQLITE_OK : SQLITE_CORRUPT;
}

int Write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
  const auto* const bytes = static_cast<const std::uint8_t*>(data);
  if (offset == 0 && amount >= kHeaderBytes) {
    SummedOf(file)->sums = SaysSums(bytes);
  }
  if (!SummedOf(file)->sums || !IsPage(amount, offset)) {
    return RealOf(file)->pMethods->xWrite(RealOf(file), data, amount, offset);
  }
  std::array<std::uint8_t, kPageBytes> page{};
  std::copy_n(bytes, kSummedBytes, page.begin());
  const Sum sum = SumOf(bytes);
  std::copy(sum.begin(), sum.end(), page.begin() + kSummedBytes);
  return RealOf(file)->pMethods->xWrite(RealOf(file), page.data(), amount, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  return RealOf(file)->pMethods->xTruncate(RealOf(file), size);
}

int Sync(sqlite3_file* file, int flags) {
  return RealOf(file)->pMethods->xSync(RealOf(file), flags);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return RealOf(file)->pMethods->xFileSize(RealOf(file), size);
}

int Lock(sqlite3_file* file, int level) {
  return RealOf(file)->pMethods->xLock(RealOf(file), level);
}

int Unlock(sqlite3_file* file, int level) {
  return RealOf(file)->pMethods->xUnlock(RealOf(file), level);
}

int CheckReservedLock(sqlite3_file* file, int* held) {
  return RealOf(file)->pMethods->xCheckReservedLock(RealOf(file), held);
}

int FileControl(sqlite3_file* file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_CKPT_START) {
    // Another connection may have given the file its sums since this one read the header.
    std::array<std::uint8_t, kHeaderBytes> header{};
    if (RealOf(file)->pMethods->xRead(RealOf(file), header.data(), kHeaderBytes, 0) == SQLITE_OK) {
      SummedOf(file)->sums = SaysSums(header.data());
    }
  }
  return RealOf(file)->pMethods->xFileControl(RealOf(file), operation, argument);
}

int SectorSize(sqlite3_file* file) {
  return RealOf(file)->pMethods->xSectorSize(RealOf(file));
}

int DeviceCharacteristics(sqlite3_file* file) {
  return RealOf(file)->pMethods->xDeviceCharacteristics(RealOf(file));
}

int ShmMap(sqlite3_file* file, int region, int size, int extend, volatile void** out) {
  return RealOf(file)->pMethods->xShmMap(RealOf(file), region, size, extend, out);
}

int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return RealOf(file)->pMethods->xShmLock(RealOf(file), offset, count, flags);
}

void ShmBarrier(sqlite3_file* file) {
  RealOf(file)->pMethods->xShmBarrier(RealOf(file));
}

int ShmUnmap(sqlite3_file* file, int remove) {
  return RealOf(file)->pMethods->xShmUnmap(RealOf(file), remove);
}

/// Version 2: no page is mapped into memory, past Read().
const sqlite3_io_methods kMethods = {.iVersion = 2,
                                     .xClose = Close,
                                     .xRead = Read,
                                     .xWrite = Write,
                                     .xTruncate = Truncate,
                                     .xSync = Sync,
                                     .xFileSize = FileSize,
                                     .xLock = Lock,
                                     .xUnlock = Unlock,
                                     .xCheckReservedLock = CheckReservedLock,
                                     .xFileControl = FileControl,
                                     .xSectorSize = SectorSize,
                                     .xDeviceCharacteristics = DeviceCharacteristics,
                                     .xShmMap = ShmMap,
                                     .xShmLock = ShmLock,
                                     .xShmBarrier = ShmBarrier,
                                     .xShmUnmap = ShmUnmap,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

/// The system's, found before this one is registered.
sqlite3_vfs* RealVfs() {
  static sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
  return real;
}

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const vfs = RealVfs();
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) {
    return vfs->xOpen(vfs, name, file, flags, out_flags);
  }
  *SummedOf(file) = {};
  sqlite3_file* const real = RealOf(file);
  const int opened = vfs->xOpen(vfs, name, real, flags, out_flags);
  const bool usable = opened == SQLITE_OK && real->pMethods->iVersion >= 2;
  if (usable) {
    file->pMethods = &kMethods;
    return SQLITE_OK;
  }
  if (real->pMethods != nullptr) {
    real->pMethods->xClose(real);
  }
  return opened == SQLITE_OK ? SQLITE_CANTOPEN : opened;
}

/// Null: no file of this VFS.
sqlite3_file* FileOf(sqlite3* connection) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  return file != nullptr && file->pMethods == &kMethods ? file : nullptr;
}

/// Whether the page at `offset` holds something and has no sum. An empty one needs none.
bool LacksSum(sqlite3_file* real, sqlite3_int64 offset) {
  Sum kept{};
  if (real->pMethods->xRead(real, kept.data(), kSumBytes, offset + kSummedBytes) != SQLITE_OK ||
      kept != Sum{}) {
    return false;
  }
  std::array<std::uint8_t, kPageBytes> page{};
  return real->pMethods->xRead(real, page.data(), kPageBytes, offset) == SQLITE_OK &&
         page != std::array<std::uint8_t, kPageBytes>{};
}

}  // namespace

const char* PageSumsVfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made = RealVfs() == nullptr ? sqlite3_vfs{} : *RealVfs();
    made.pNext = nullptr;
    made.zName = "strata-page-sums";
    made.szOsFile += static_cast<int>(kRealAt);
    made.xOpen = Open;
    return made;
  }();
  static const bool registered =
      RealVfs() != nullptr && sqlite3_vfs_register(&vfs, /*makeDflt=*/0) == SQLITE_OK;
  return registered ? vfs.zName : nullptr;
}

void WantPageSums(sqlite3* connection) {
  int bytes = kSumBytes;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}

void RequirePageSums(sqlite3* connection) {
  if (sqlite3_file* const file = FileOf(connection); file != nullptr) {
    SummedOf(file)->required = true;
  }
}

SummedPages LookForPageSums(sqlite3* connection) {
  sqlite3_file* const file = FileOf(connection);
  std::array<std::uint8_t, kHeaderBytes> header{};
  sqlite3_int64 size = 0;
  if (file == nullptr || RealOf(file)->pMethods->xFileSize(RealOf(file), &size) != SQLITE_OK ||
      RealOf(file)->pMethods->xRead(RealOf(file), header.data(), kHeaderBytes, 0) != SQLITE_OK ||
      !SaysSums(header.data())) {
    return SummedPages::kNone;
  }
  for (sqlite3_int64 offset = 0; offset < size; offset += kPageBytes) {
    if (LacksSum(RealOf(file), offset)) {
      return SummedPages::kSome;
    }
  }
  return SummedPages::kAll;
}

}  // namespace strata::cloud
