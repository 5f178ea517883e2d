// SPDX-License-Identifier: Apache-2.0
/// RequestReader: one HTTP/1.1 request from bytes as they come (RFC 9112), over Beast's parser.
/// Role: framing and its limits; stricter than the parser where two readers could disagree (request
/// smuggling). Input is attacker-controlled.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "message.hpp"

namespace strata::cloud::http {

inline constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;

class RequestReader {
 public:
  enum class State : std::uint8_t {
    kMore,      ///< needs more bytes
    kDone,      ///< head: complete; body: complete
    kBad,       ///< not a request that can be framed with certainty: 400 and close
    kTooLarge,  ///< headers over their limit: 431 and close
    kStopped,   ///< the body's sink said so
  };
  using Sink = std::function<bool(std::string_view)>;

  explicit RequestReader(std::uint32_t max_header_bytes = kMaxHeaderBytes);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Reads the head, up to exactly `max_header_bytes` of it however they are cut into pieces.
  /// `used` says how many of `bytes` are consumed; the rest must be presented again, with more.
  State PutHead(std::string_view bytes, std::size_t& used);

  /// Reads the body into `sink`, whose false ends it. The same rule for `used`; a chunk's line or a
  /// trailer of more than `max_header_bytes` is kBad.
  State PutBody(std::string_view bytes, std::size_t& used, const Sink& sink);

  // After PutHead() returned kDone:

  /// Moves method, path, query and headers into `request`. false: the target is not one (400).
  bool TakeHead(Request& request);

  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool chunked() const;
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;
  /// The client waits for `100 Continue`.
  [[nodiscard]] bool expects_continue() const;
  /// A body follows that is not yet read.
  [[nodiscard]] bool has_body() const;
  [[nodiscard]] bool http_1_0() const;

 private:
  struct Parser;
  std::uint32_t max_header_bytes_;
  std::uint64_t head_bytes_ = 0;  ///< consumed
  std::unique_ptr<Parser> parser_;
};

/// True when `text` can stand for a host in a URL: name, IPv4 or [IPv6], with an optional port.
bool IsHost(std::string_view text);

}  // namespace strata::cloud::http
