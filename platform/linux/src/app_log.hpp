// SPDX-License-Identifier: Apache-2.0
/// AppLog: the application's log lines in a file, bounded. The newest lines are in `app.log`, the
/// ones before them in `app.log.1`; together at most kMaxBytes. A file that can't be written loses
/// lines; the device goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "strata/platform/linux/unique_fd.hpp"

namespace strata::device {

class AppLog {
 public:
  static constexpr std::uint64_t kMaxBytes = 1024 * 1024;

  explicit AppLog(std::filesystem::path file) : file_(std::move(file)) {}

  void Append(std::string_view line);

 private:
  void Open();

  std::filesystem::path file_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
};

}  // namespace strata::device
