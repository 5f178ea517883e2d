// SPDX-License-Identifier: Apache-2.0
#include "upload.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "form.hpp"
#include "target.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::size_t kMaxNameBytes = 1024;

ApiError DiskFailed() {
  return {.status = 503,
          .code = 20503,
          .message = "the server can't store the upload; try again later",
          .retry_after_sec = 60};
}

}  // namespace

ApiError TooLargeFile(std::uint64_t limit_bytes) {
  return {.status = 413,
          .code = 20413,
          .message = "File is larger than " + std::to_string(limit_bytes) +
                     " bytes; make the app smaller"};
}

UploadReceiver::UploadReceiver(std::string temp_dir,
                               std::uint64_t file_limit_bytes,
                               std::string_view boundary)
    : temp_dir_(std::move(temp_dir)),
      file_limit_bytes_(file_limit_bytes),
      parser_(boundary, *this) {}

UploadReceiver::~UploadReceiver() {
  if (fd_ >= 0) {
    close(fd_);
    unlink(path_.c_str());
  }
}

bool UploadReceiver::Refuse(ApiError error) {
  if (!error_) {
    error_ = std::move(error);
  }
  return false;
}

bool UploadReceiver::Feed(std::string_view piece) {
  fed_bytes_ += piece.size();
  state_ = parser_.Feed(piece);
  if (state_ == MultipartParser::State::kMalformed) {
    return Refuse(BadParameter("the body is not well-formed multipart/form-data"));
  }
  if (!error_ && fed_bytes_ > file_limit_bytes_ + kUploadOverheadBytes) {
    return Refuse(TooLargeFile(file_limit_bytes_));
  }
  if (!error_ && fed_bytes_ - file_bytes_ > 2 * kUploadOverheadBytes) {
    return Refuse(
        BadParameter(has_file_ ? "the parts other than File are too large"
                               : "File is missing; the part that holds the bundle is named File"));
  }
  return !error_;
}

bool UploadReceiver::OnPart(std::string_view name) {
  if (name == "File") {
    if (has_file_) {
      return Refuse(BadParameter("File is given twice"));
    }
    has_file_ = true;
    part_ = Part::kFile;
    return OpenFile();
  }
  if (name != "UniqueName") {
    part_ = Part::kOther;
    return true;
  }
  if (unique_name_) {
    return Refuse(BadParameter("UniqueName is given twice"));
  }
  unique_name_.emplace();
  part_ = Part::kUniqueName;
  return true;
}

bool UploadReceiver::OnData(std::string_view piece) {
  if (part_ == Part::kOther) {
    return true;
  }
  if (part_ == Part::kUniqueName) {
    unique_name_->append(piece);
    return unique_name_->size() <= kMaxNameBytes || Refuse(BadParameter("UniqueName is too long"));
  }
  file_bytes_ += piece.size();
  if (file_bytes_ > file_limit_bytes_) {
    return Refuse(TooLargeFile(file_limit_bytes_));
  }
  buffer_.append(piece);
  return true;
}

bool UploadReceiver::OpenFile() {
  path_ = temp_dir_ + "/" + std::string(kUploadPrefix) + "XXXXXX";
  fd_ = mkostemp(path_.data(), O_CLOEXEC);
  return fd_ >= 0 || Refuse(DiskFailed());
}

bool UploadReceiver::Flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return Refuse(DiskFailed());
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  return true;
}

ApiResult<Upload> UploadReceiver::Finish() {
  if (error_ || !Flush()) {
    return *error_;
  }
  buffer_.shrink_to_fit();
  if (state_ != MultipartParser::State::kDone) {
    return BadParameter("the body ends before its last boundary");
  }
  if (!has_file_) {
    return BadParameter("File is missing");
  }
  if (unique_name_ && !IsUtf8(*unique_name_)) {
    return BadParameter("UniqueName is not UTF-8");
  }
  Upload upload;
  upload.path = path_;
  upload.size_bytes = file_bytes_;
  upload.unique_name = unique_name_;
  return upload;
}

bool DiskIsNearlyFull(const std::string& dir) {
  struct statvfs info {};

  return statvfs(dir.c_str(), &info) == 0 && info.f_blocks > 0 &&
         info.f_bavail < info.f_blocks / 20;
}

void PurgeUploads(const std::string& dir) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().starts_with(kUploadPrefix)) {
      std::error_code ignored;  // another try comes at the next start
      std::filesystem::remove(entry->path(), ignored);
    }
  }
}

}  // namespace strata::cloud::http
