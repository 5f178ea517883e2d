// SPDX-License-Identifier: Apache-2.0
#include "app_log.hpp"

#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/platform/linux/log.hpp"

namespace strata::device {

void AppLog::Open() {
  fd_ =
      UniqueFd(::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));

  struct stat info {};

  size_ =
      fd_.valid() && ::fstat(fd_.get(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

void AppLog::Append(std::string_view line) {
  const std::string text = Printable(line) + "\n";
  if (!fd_.valid()) {
    Open();
  }
  if (size_ + text.size() > kMaxBytes / 2) {
    const std::string older = file_.string() + ".1";
    fd_.Reset();
    ::rename(file_.c_str(), older.c_str());
    Open();
  }
  const ssize_t written = fd_.valid() ? ::write(fd_.get(), text.data(), text.size()) : 0;
  size_ += written > 0 ? static_cast<std::uint64_t>(written) : 0;
}

}  // namespace strata::device
