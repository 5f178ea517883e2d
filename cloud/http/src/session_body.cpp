// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "form.hpp"
#include "session.hpp"

namespace strata::cloud::http {
namespace {

constexpr std::size_t kMaxSmallBytes = 64 * 1024;  ///< of a body that is dropped, or a small file
constexpr std::size_t kMaxProtobufBytes = 2048;
constexpr std::size_t kMaxLogBytes = 16'384;

ApiError TooLarge(std::size_t limit) {
  return {413, 20413, "the body is larger than " + std::to_string(limit) + " bytes"};
}

ApiError WrongType(std::string_view expected) {
  return {415, 20415, "this path takes " + std::string(expected)};
}

bool HasType(const Request& request, std::string_view expected) {
  const std::string* const header = request.Find("Content-Type");
  if (header == nullptr) {
    return false;
  }
  std::string_view type = std::string_view(*header).substr(0, header->find(';'));
  while (type.ends_with(' ')) {
    type.remove_suffix(1);
  }
  return EqualIgnoringCase(type, expected);
}

}  // namespace

Task<std::optional<Response>> Session::PrepareBody(Request& request,
                                                   RequestReader& reader,
                                                   BodyKind kind) {
  switch (kind) {
    case BodyKind::kNone:
      break;
    case BodyKind::kForm:
      if (reader.has_body() && !HasType(request, "application/x-www-form-urlencoded")) {
        co_await DropSmallBody(reader);
        co_return Refusal(request, WrongType("application/x-www-form-urlencoded"));
      }
      co_return co_await ReadSmall(request, reader, context_.limits->form_bytes);
    case BodyKind::kProtobuf:
    case BodyKind::kLogBatch:
      if (!HasType(request, "application/x-protobuf")) {
        co_await DropSmallBody(reader);
        co_return Refusal(request, WrongType("application/x-protobuf"));
      }
      co_return co_await ReadSmall(
          request, reader, kind == BodyKind::kProtobuf ? kMaxProtobufBytes : kMaxLogBytes);
    case BodyKind::kPkcs10:
      if (!HasType(request, "application/pkcs10")) {
        co_await DropSmallBody(reader);
        co_return Refusal(request, WrongType("application/pkcs10"));
      }
      co_return co_await ReadSmall(request, reader, kMaxProtobufBytes);
    case BodyKind::kUpload:
      co_return co_await ReadUpload(request, reader, context_.limits->file_bytes);
    case BodyKind::kSmallUpload:
      co_return co_await ReadUpload(request, reader, kMaxSmallBytes);
  }
  std::optional<Response> refusal = co_await ReadSmall(request, reader, kMaxSmallBytes);
  request.body.clear();
  co_return refusal;
}

Task<> Session::SendContinue() {
  if (!std::exchange(wants_continue_, false) || !buffer_.empty()) {
    co_return;
  }
  stream_.SetDeadline(context_.limits->write);
  co_await stream_.Write("HTTP/1.1 100 Continue\r\n\r\n");
}

std::optional<Response> Session::BodyMissing(const Request& request) {
  if (stream_.timed_out()) {
    return Refusal(request, {408, 20408, "the request's body did not arrive in time"});
  }
  gone_ = true;
  return std::nullopt;
}

Task<std::optional<Response>> Session::ReadSmall(Request& request,
                                                 RequestReader& reader,
                                                 std::size_t limit) {
  if (reader.content_length().value_or(0) > limit) {
    co_return Refusal(request, TooLarge(limit));
  }
  co_await SendContinue();
  const RequestReader::Sink sink = [&](std::string_view piece) {
    request.body.append(piece.substr(0, limit + 1));
    return request.body.size() <= limit;
  };
  const auto until = SteadyClock::now() + context_.limits->body;
  while (reader.has_body()) {
    std::size_t used = 0;
    const RequestReader::State state = reader.PutBody(buffer_, used, sink);
    buffer_.erase(0, used);
    if (state == RequestReader::State::kStopped) {
      co_return Refusal(request, TooLarge(limit));
    }
    if (state == RequestReader::State::kBad) {
      co_return Refusal(request, BadParameter("the body's framing is not well-formed"));
    }
    if (state == RequestReader::State::kDone) {
      break;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
    stream_.SetDeadline(left);
    const bool received = co_await ReadMore();
    if (!received) {
      co_return BodyMissing(request);
    }
  }
  co_return std::nullopt;
}

Task<> Session::DropSmallBody(RequestReader& reader) {
  if (!reader.has_body() || wants_continue_) {
    co_return;  // the connection ends after the answer
  }
  Request nobody;
  co_await ReadSmall(nobody, reader, kMaxSmallBytes);
  gone_ = false;  // the answer is tried in any case
}

std::optional<ApiError> Session::CheckUpload(const Request& request,
                                             const RequestReader& reader,
                                             std::uint64_t file_limit) const {
  const std::string* const type = request.Find("Content-Type");
  if (!reader.chunked() && !reader.content_length()) {
    return ApiError{411, 20411, "an upload needs Content-Length or chunks"};
  }
  if (type == nullptr || !IsMultipart(*type)) {
    return WrongType("multipart/form-data");
  }
  if (!BoundaryOf(*type)) {
    return BadParameter("Content-Type has no usable boundary");
  }
  if (reader.content_length().value_or(0) > file_limit + kUploadOverheadBytes) {
    return TooLargeFile(file_limit);
  }
  if (DiskIsNearlyFull(context_.temp_dir)) {
    return ApiError{507, 65007, "less than 5 % of the server's disk is free"};
  }
  return std::nullopt;
}

Task<std::optional<Response>> Session::ReadUpload(Request& request,
                                                  RequestReader& reader,
                                                  std::uint64_t file_limit) {
  if (std::optional<ApiError> error = CheckUpload(request, reader, file_limit)) {
    co_await DropSmallBody(reader);
    co_return Refusal(request, std::move(*error));
  }
  co_await SendContinue();
  const std::optional<std::string> boundary = BoundaryOf(*request.Find("Content-Type"));
  upload_ = std::make_unique<UploadReceiver>(context_.temp_dir, file_limit, *boundary);
  const RequestReader::Sink sink = [this](std::string_view piece) { return upload_->Feed(piece); };
  const auto until = SteadyClock::now() + context_.limits->upload;
  while (reader.has_body()) {
    std::size_t used = 0;
    const RequestReader::State state = reader.PutBody(buffer_, used, sink);
    buffer_.erase(0, used);
    if (state == RequestReader::State::kBad) {
      co_return Refusal(request, BadParameter("the body's framing is not well-formed"));
    }
    bool good = state != RequestReader::State::kStopped;
    if (good && upload_->WantsFlush()) {
      co_await OnWorkers(*context_.workers, [&] { good = upload_->Flush(); });
    }
    if (!good) {
      co_return Refusal(request, upload_->error());
    }
    if (state == RequestReader::State::kDone) {
      break;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - SteadyClock::now());
    stream_.SetDeadline(std::min(left, context_.limits->body));
    const bool received = co_await ReadMore();
    if (!received) {
      co_return BodyMissing(request);
    }
  }
  std::optional<ApiError> error;
  co_await OnWorkers(*context_.workers, [&] {
    ApiResult<Upload> upload = upload_->Finish();
    if (upload.ok()) {
      request.upload = std::move(upload).value();
    } else {
      error = upload.error();
    }
  });
  co_return error ? std::optional<Response>(Refusal(request, std::move(*error))) : std::nullopt;
}

}  // namespace strata::cloud::http
