// SPDX-License-Identifier: Apache-2.0
/// FileBlobs over FileOps; the public way in is file_blobs.hpp.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/blobs.hpp"

#include "file_ops.hpp"

namespace strata::cloud {

class FileBlobs final : public Blobs {
 public:
  FileBlobs(std::string dir, std::unique_ptr<FileOps> ops);

  /// Makes the directories and purges DIR/tmp. To be called once, before anything else. *
  /// 503/20503.
  ApiOutcome Prepare();

  Result<std::unique_ptr<Writer>> Create() override;
  Result<std::optional<Info>> Find(const Digest& digest) override;
  Status Remove(const Digest& digest) override;
  Result<std::vector<Digest>> List(std::uint8_t first) override;
  Result<std::int64_t> WrittenAt(const Digest& digest) override;
  Status Touch(const Digest& digest) override;
  Result<Condition> Check(const Digest& digest) override;
  Status Quarantine(const Digest& digest) override;
  Result<std::vector<Digest>> Quarantined() override;
  Result<Space> FreeSpace() override;
  Status Probe() override;

 private:
  class FileWriter;

  struct Place {
    std::string directory;
    std::string path;
  };

  [[nodiscard]] Place PlaceOf(const Digest& digest) const;
  [[nodiscard]] std::string QuarantinePathOf(const Digest& digest) const;
  [[nodiscard]] std::string NewTemporaryPath();

  /// One lock for all blobs of a directory: between the rename and the sync of its directory nobody
  /// else may rely on the blob, because a failed sync takes it back.
  std::mutex& LockOf(const Digest& digest) { return locks_[digest.bytes[0]]; }

  /// With the digest's lock held.
  Status EnsureDirectory(const Digest& digest);
  Status Publish(const std::string& temporary, const Digest& digest);
  [[nodiscard]] Result<Condition> CheckFile(const std::string& path, const Digest& digest);
  [[nodiscard]] bool IsRefused(const Digest& digest);
  void SetRefused(const Digest& digest, bool refused);

  std::string dir_;
  std::string blobs_dir_;
  std::string temporary_dir_;
  std::string quarantine_dir_;
  std::unique_ptr<FileOps> ops_;
  std::atomic<std::uint64_t> next_temporary_{0};
  std::array<std::mutex, 256> locks_;
  std::array<bool, 256> directory_durable_{};  ///< each under its lock
  /// Damaged ones that could not be put away; each under the lock of its first byte.
  std::array<std::set<std::array<std::uint8_t, Digest::kBytes>>, 256> refused_{};
};

}  // namespace strata::cloud
