// SPDX-License-Identifier: Apache-2.0
/// MultipartParser: `multipart/form-data` (RFC 7578, RFC 2046 §5.1) as it arrives, in bounded
/// memory. Role: finds parts; what they mean is the sink's business (upload.hpp). Input is
/// attacker-controlled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strata::cloud::http {

class MultipartSink {
 public:
  virtual ~MultipartSink() = default;

  /// A part begins; `name` is that of its Content-Disposition. false ends parsing.
  virtual bool OnPart(std::string_view name) = 0;
  /// More of the part's data. false ends parsing.
  virtual bool OnData(std::string_view piece) = 0;
  virtual bool OnPartEnd() = 0;
};

/// The boundary of a Content-Type `multipart/form-data; boundary=…`; nothing for another type or an
/// illegal boundary.
std::optional<std::string> BoundaryOf(std::string_view content_type);

/// True for `multipart/form-data` with any parameters.
bool IsMultipart(std::string_view content_type);

class MultipartParser {
 public:
  static constexpr std::size_t kMaxPartHeaderBytes = 8 * 1024;

  enum class State : std::uint8_t { kMore, kDone, kMalformed, kStopped };

  /// `sink` outlives the parser. `boundary` as BoundaryOf() gave it.
  MultipartParser(std::string_view boundary, MultipartSink& sink);

  /// kMore until the closing boundary; what follows that is ignored. kStopped: the sink said so.
  /// Keeps at most `piece` and a header's worth of bytes.
  State Feed(std::string_view piece);

 private:
  enum class Step : std::uint8_t { kPreamble, kData, kAfterBoundary, kHeader, kEnd };

  /// One step over buffer_; nothing when it needs more bytes.
  std::optional<State> Advance();
  std::optional<State> SkipToBoundary();
  std::optional<State> PassData();
  std::optional<State> ReadAfterBoundary();
  std::optional<State> ReadHeader();

  MultipartSink& sink_;
  std::string delimiter_;
  std::string buffer_;
  std::size_t begin_ = 0;  ///< of what is not yet consumed in buffer_
  Step step_ = Step::kPreamble;
};

}  // namespace strata::cloud::http
