// SPDX-License-Identifier: Apache-2.0
/// UploadReceiver: the parts of an upload as they arrive; the File part goes to a private temporary
/// file. Role: limits and storing. Whether the file is a bundle is the Service's business.
/// Durability: none. The file is removed with the receiver, whatever happened.
/// Security: everything that arrives is attacker-controlled; memory is bounded by kBufferBytes and
/// one piece.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/service.hpp"

#include "multipart.hpp"

namespace strata::cloud::http {

/// What all parts but File, with their headers, may take together.
inline constexpr std::uint64_t kUploadOverheadBytes = 64 * 1024;

/// Begin of the names of uploads in progress.
inline constexpr std::string_view kUploadPrefix = "upload-";

/// 413/20413.
ApiError TooLargeFile(std::uint64_t limit_bytes);

class UploadReceiver final : private MultipartSink {
 public:
  UploadReceiver(std::string temp_dir, std::uint64_t file_limit_bytes, std::string_view boundary);
  ~UploadReceiver() override;
  UploadReceiver(const UploadReceiver&) = delete;
  UploadReceiver& operator=(const UploadReceiver&) = delete;

  /// More of the body. Does not block on the disk. false: error() says why.
  bool Feed(std::string_view piece);

  /// Enough is buffered that Flush() should run before the next Feed().
  [[nodiscard]] bool WantsFlush() const { return buffer_.size() >= kBufferBytes; }

  /// Writes what is buffered; blocks on the disk. false: error() says why.
  bool Flush();

  /// The whole body has been fed. The path stays valid as long as the receiver.
  /// * 400/20001: cut short, malformed, or without File. * what Feed() and Flush() refused.
  ApiResult<Upload> Finish();

  [[nodiscard]] const ApiError& error() const { return *error_; }

 private:
  static constexpr std::size_t kBufferBytes = 256 * 1024;
  enum class Part : std::uint8_t { kFile, kUniqueName, kOther };

  bool OnPart(std::string_view name) override;
  bool OnData(std::string_view piece) override;

  bool OnPartEnd() override { return true; }

  bool Refuse(ApiError error);
  bool OpenFile();

  std::string temp_dir_;
  std::uint64_t file_limit_bytes_;
  MultipartParser parser_;
  MultipartParser::State state_ = MultipartParser::State::kMore;
  Part part_ = Part::kOther;
  bool has_file_ = false;
  int fd_ = -1;
  std::string path_;
  std::string buffer_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t fed_bytes_ = 0;
  std::optional<std::string> unique_name_;
  std::optional<ApiError> error_;
};

/// Less than 5 % of the file system of `dir` is free (docs/spec/rest.md, 507/65007).
bool DiskIsNearlyFull(const std::string& dir);

/// Removes what an earlier run left of its uploads.
void PurgeUploads(const std::string& dir);

}  // namespace strata::cloud::http
