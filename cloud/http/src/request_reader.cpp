// SPDX-License-Identifier: Apache-2.0
#include "request_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>

#include "range.hpp"
#include "target.hpp"

namespace strata::cloud::http {

namespace beast = boost::beast::http;
using BeastText = boost::beast::string_view;
using BeastError = boost::beast::error_code;

namespace {

std::string ToString(BeastText text) {
  return {text.data(), text.size()};
}

}  // namespace

bool IsHost(std::string_view text) {
  constexpr std::string_view kAllowed = "-._:[]";
  return !text.empty() && text.size() <= 262 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kAllowed.find(c) != std::string_view::npos;
  });
}

struct RequestReader::Parser final : beast::basic_parser<true> {
  std::string method;
  std::string target;
  std::vector<Header> headers;
  bool old_version = false;
  bool in_head = true;
  bool ambiguous = false;
  const Sink* sink = nullptr;

  /// Beast accepts repeated equal lengths, lists of them, and codings before `chunked`; another
  /// reader might not.
  void CheckFraming() {
    int lengths = 0;
    int codings = 0;
    int hosts = 0;
    for (const Header& header : headers) {
      if (EqualIgnoringCase(header.name, "Content-Length")) {
        ++lengths;
        ambiguous = ambiguous || !ParseNumber(header.value);
      } else if (EqualIgnoringCase(header.name, "Transfer-Encoding")) {
        ++codings;
        ambiguous = ambiguous || !EqualIgnoringCase(header.value, "chunked") || old_version;
      } else if (EqualIgnoringCase(header.name, "Host")) {
        ++hosts;
        ambiguous = ambiguous || !IsHost(header.value);
      }
    }
    ambiguous = ambiguous || lengths + codings > 1 || hosts > 1 || (hosts == 0 && !old_version);
  }

  void on_request_impl(beast::verb,
                       BeastText method_text,
                       BeastText target_text,
                       int version,
                       BeastError&) override {
    method = ToString(method_text);
    target = ToString(target_text);
    old_version = version < 11;
  }

  void on_response_impl(int, BeastText, int, BeastError&) override {}

  void on_field_impl(beast::field, BeastText name, BeastText value, BeastError&) override {
    if (in_head) {  // trailers mean nothing here
      headers.push_back({ToString(name), ToString(value)});
    }
  }

  void on_header_impl(BeastError&) override {
    in_head = false;
    CheckFraming();
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastError&) override {}

  std::size_t Pass(BeastText body, BeastError& error) const {
    if (!(*sink)({body.data(), body.size()})) {
      error = beast::error::need_buffer;
    }
    return body.size();
  }

  std::size_t on_body_impl(BeastText body, BeastError& error) override { return Pass(body, error); }

  void on_chunk_header_impl(std::uint64_t, BeastText, BeastError&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, BeastText body, BeastError& error) override {
    return Pass(body, error);
  }

  void on_finish_impl(BeastError&) override {}
};

RequestReader::RequestReader(std::uint32_t max_header_bytes)
    : max_header_bytes_(max_header_bytes), parser_(std::make_unique<Parser>()) {
  parser_->header_limit(max_header_bytes);
  parser_->body_limit(boost::none);
}

RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::PutHead(std::string_view bytes, std::size_t& used) {
  used = 0;
  if (bytes.empty()) {
    return State::kMore;
  }
  BeastError error;
  used = parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  head_bytes_ += used;
  // Beast counts anew whenever it could use up what it was given: it alone bounds nothing.
  if (error == beast::error::header_limit || error == beast::error::buffer_overflow ||
      head_bytes_ > max_header_bytes_) {
    return State::kTooLarge;
  }
  if (error && error != beast::error::need_more) {
    return State::kBad;
  }
  if (parser_->is_header_done()) {
    return parser_->ambiguous ? State::kBad : State::kDone;
  }
  return head_bytes_ + (bytes.size() - used) > max_header_bytes_ ? State::kTooLarge : State::kMore;
}

RequestReader::State RequestReader::PutBody(std::string_view bytes,
                                            std::size_t& used,
                                            const Sink& sink) {
  used = 0;
  if (parser_->is_done()) {
    return State::kDone;
  }
  // Chunks end with "0", CR LF, CR LF: so much is still to come. Beast asserts that its second look
  // at a last chunk finds as much.
  const std::size_t least = parser_->chunked() ? 5 : 1;
  if (bytes.size() < least) {
    return State::kMore;
  }
  parser_->sink = &sink;
  parser_->eager(true);
  BeastError error;
  used = parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  parser_->sink = nullptr;
  if (error == beast::error::need_buffer) {
    return State::kStopped;
  }
  if (error && error != beast::error::need_more) {
    return State::kBad;
  }
  if (parser_->is_done()) {
    return State::kDone;
  }
  // What waits for more is the line of a chunk or a trailer; nothing else ends it.
  return bytes.size() - used > max_header_bytes_ ? State::kBad : State::kMore;
}

bool RequestReader::TakeHead(Request& request) {
  std::optional<Target> target = ParseTarget(parser_->target);
  if (!target) {
    return false;
  }
  request.method = parser_->method;
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  request.headers = std::move(parser_->headers);
  return true;
}

bool RequestReader::keep_alive() const {
  return parser_->keep_alive();
}

bool RequestReader::chunked() const {
  return parser_->chunked();
}

std::optional<std::uint64_t> RequestReader::content_length() const {
  const auto length = parser_->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

bool RequestReader::has_body() const {
  return !parser_->is_done();
}

bool RequestReader::http_1_0() const {
  return parser_->old_version;
}

bool RequestReader::expects_continue() const {
  // Valid only before TakeHead() moved the headers away.
  return std::any_of(parser_->headers.begin(), parser_->headers.end(), [](const Header& header) {
    return EqualIgnoringCase(header.name, "Expect") &&
           EqualIgnoringCase(header.value, "100-continue");
  });
}

}  // namespace strata::cloud::http
