// SPDX-License-Identifier: Apache-2.0
/// One HTTP exchange over libcurl: its settings, its callbacks and its verdict. Private to
/// Transfers.
#pragma once

#include <array>
#include <optional>
#include <string>

#include <curl/curl.h>

#include "strata/core/bytes.hpp"
#include "strata/core/result.hpp"
#include "strata/platform/linux/curl_cloud.hpp"

#include "http_answer.hpp"

namespace strata::device {

/// One request and what came back. Reused, so that its easy handle's connection is.
struct Exchange {
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::array<char, CURL_ERROR_SIZE> curl_words{};

  // The request's terms.
  Op op = Op::kNone;
  long wanted_status = 200;
  Code too_long = Code::kCloudProtocol;  ///< the answer to a body that does not fit `sink`
  MutableByteSpan sink;
  std::optional<RangeRequest> range;

  // What came.
  std::size_t received = 0;
  std::size_t ignored = 0;  ///< bytes of an error's body
  std::optional<ContentRange> content_range;
  std::string etag;
  std::optional<Error> refused;  ///< why we broke it off ourselves
  bool done = false;
  CURLcode result = CURLE_OK;
};

/// Forgets the last exchange and sets everything that every request of a device has.
void PrepareExchange(Exchange& exchange, const CurlCloudOptions& options, const std::string& path);

/// Adds "Name: value" to the request. The caller hands `headers` to libcurl when complete.
void AddHeader(Exchange& exchange, const std::string& line);

/// What a finished exchange amounts to (engine/ports/cloud.hpp says which code means what).
[[nodiscard]] Status Judge(const Exchange& exchange);

/// Bytes at the start of the sink that are good although the exchange failed: the connection broke
/// within the right answer to a range request.
[[nodiscard]] std::size_t GoodPrefix(const Exchange& exchange);

/// The failure in words for a person, without a secret.
[[nodiscard]] std::string ExchangeWords(const Exchange& exchange, const Error& error);

}  // namespace strata::device
