// SPDX-License-Identifier: Apache-2.0
/// The data directory: names of its files, its lock, and small files written whole or not at all.
/// Files: strata.db, blobs/, tmp/ (cloud/blobs), pki/ (cloud/pki), page.key, master.key, ca.pem,
/// account.env, lock.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "strata/cloud/domain/api_error.hpp"

namespace strata::cloud {

/// Held as long as the object lives: one server per directory.
class DirLock {
 public:
  DirLock() = default;
  ~DirLock();
  DirLock(const DirLock&) = delete;
  DirLock& operator=(const DirLock&) = delete;

  /// false: another process holds it, or `dir` can't be written.
  bool Take(const std::string& dir);

 private:
  int fd_ = -1;
};

/// Makes `dir` (mode 0700) or takes an empty one. * kAlreadyExists: it is not empty. * kIo.
ApiOutcome MakeEmptyDir(const std::string& dir);

/// `names`, and behind them those of this machine, by which the server is always reached.
std::vector<std::string> WithLocalNames(std::vector<std::string> names);

/// Absolute form of a path that exists; empty when it does not.
std::string AbsolutePath(const std::string& path);

/// Written beside its name with mode 0600, synced, renamed, directory synced. false: nothing
/// changed.
bool WriteWhole(const std::string& path, std::string_view text);

/// When root ran a command on a directory of somebody else: what root made in `dir` and `dir`/pki
/// becomes the owner's, so that the server, which runs as the owner, can read it.
void GiveToOwner(const std::string& dir);

/// false: it can't be read.
bool ReadWhole(const std::string& path, std::string& text);

}  // namespace strata::cloud
