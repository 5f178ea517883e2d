// SPDX-License-Identifier: Apache-2.0
/// Blobs: immutable layers by SHA-256. Role: keeps bytes durable; knows nothing of apps or
/// accounts. Context: thread-safe; blocks on the disk. Reference: docs/spec/storage.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/result.hpp"

namespace strata::cloud {

class Blobs {
 public:
  /// A blob being written; dropped without Commit() it leaves nothing behind.
  class Writer {
   public:
    virtual ~Writer() = default;
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    /// * kIo: also when the disk is full.
    virtual Status Write(ByteSpan piece) = 0;
    /// Makes the bytes visible under `digest` and durable (fsync file, rename, fsync directory).
    /// The caller has checked that they hash to it. A blob that exists already is kept. * kIo:
    /// nothing became visible.
    virtual Status Commit(const Digest& digest) = 0;
  };

  struct Info {
    std::string path;  ///< readable by this process; immutable
    std::uint64_t size_bytes = 0;
  };

  /// What Check() found.
  enum class Condition : std::uint8_t { kWhole, kDamaged, kMissing };

  struct Space {
    std::uint64_t free_bytes = 0;  ///< that this process may still use
    std::uint64_t total_bytes = 0;
  };

  virtual ~Blobs() = default;
  Blobs() = default;
  Blobs(const Blobs&) = delete;
  Blobs& operator=(const Blobs&) = delete;

  /// * kIo.
  virtual Result<std::unique_ptr<Writer>> Create() = 0;
  /// nullopt: there is none. * kIo.
  virtual Result<std::optional<Info>> Find(const Digest& digest) = 0;
  /// Removes it if it exists. * kIo.
  virtual Status Remove(const Digest& digest) = 0;
  /// Those whose first byte is `first`, in rising order. * kIo.
  virtual Result<std::vector<Digest>> List(std::uint8_t first) = 0;
  /// When it was written or touched last, seconds since 1970. * kNotFound. * kIo.
  virtual Result<std::int64_t> WrittenAt(const Digest& digest) = 0;
  /// Makes it as if written now. * kNotFound. * kIo.
  virtual Status Touch(const Digest& digest) = 0;
  /// Reads all of it. Bytes that can't be read are damaged. * kIo: it can't be looked for.
  virtual Result<Condition> Check(const Digest& digest) = 0;
  /// Puts it where no Find() finds it, until the digest is committed anew; unless it is whole by
  /// now. * kIo: it can't be judged, and stays as it is; or it can't be moved, and this process
  /// finds it no more all the same.
  virtual Status Quarantine(const Digest& digest) = 0;
  /// Those put away and not committed anew, in no order. * kIo.
  virtual Result<std::vector<Digest>> Quarantined() = 0;
  /// Of the medium the blobs lie on. * kIo. * kUnsupported: it has no bound that could be asked
  /// for.
  virtual Result<Space> FreeSpace() = 0;
  /// OK when a file can be made and removed. * kIo.
  virtual Status Probe() = 0;
};

}  // namespace strata::cloud
