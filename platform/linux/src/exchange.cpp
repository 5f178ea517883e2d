// SPDX-License-Identifier: Apache-2.0
#include "exchange.hpp"

#include <algorithm>
#include <string_view>

#include <sys/socket.h>

#include "strata/core/error_text.hpp"

namespace strata::device {
namespace {

constexpr std::size_t kMaxErrorBodyBytes = 64 * 1024;

long StatusOf(const Exchange& exchange) {
  long status = 0;
  curl_easy_getinfo(exchange.easy, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

/// Before the first byte of a body is kept: is this the body that was asked for?
std::optional<Error> RefuseBody(const Exchange& exchange) {
  if (!exchange.range) {
    return std::nullopt;
  }
  const Error wrong = Fail(Code::kCloudProtocol, exchange.op, exchange.range->offset);
  if (!exchange.content_range || !Answers(*exchange.content_range, *exchange.range)) {
    return wrong;
  }
  curl_off_t announced = -1;
  curl_easy_getinfo(exchange.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  const std::uint64_t length = exchange.content_range->last - exchange.content_range->first + 1;
  if (announced >= 0 && static_cast<std::uint64_t>(announced) != length) {
    return wrong;
  }
  return std::nullopt;
}

std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  const std::size_t length = size * count;
  if (StatusOf(exchange) != exchange.wanted_status) {
    exchange.ignored += length;
    return exchange.ignored <= kMaxErrorBodyBytes ? length : 0;
  }
  if (exchange.received == 0) {
    exchange.refused = RefuseBody(exchange);
  }
  if (!exchange.refused && length > exchange.sink.size() - exchange.received) {
    exchange.refused = Fail(exchange.too_long, exchange.op);
  }
  if (exchange.refused) {
    return 0;
  }
  std::copy_n(reinterpret_cast<const std::uint8_t*>(data),
              length,
              exchange.sink.begin() + static_cast<std::ptrdiff_t>(exchange.received));
  exchange.received += length;
  return length;
}

std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {
    exchange.content_range.reset();
    exchange.etag.clear();
  }
  if (const auto range = HeaderValue(line, "content-range")) {
    exchange.content_range = ParseContentRange(*range);
  }
  if (const auto etag = HeaderValue(line, "etag")) {
    exchange.etag = UsableEtag(*etag);
  }
  return line.size();
}

curl_socket_t OpenSocket(void*, curlsocktype, curl_sockaddr* address) {
  // The application's emulator must not inherit a connection to the cloud.
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void SetSecurity(CURL* easy, const CurlCloudOptions& options) {
  const char* const schemes = options.allow_plain_http_for_tests ? "http,https" : "https";
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, schemes);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  // The system's own authorities are no authorities here.
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  if (options.pinned_authorities.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  } else {
    curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
    // libcurl copies it and does not write to it.
    curl_blob blob{const_cast<char*>(options.pinned_authorities.data()),
                   options.pinned_authorities.size(),
                   CURL_BLOB_COPY};
    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
  }
  curl_easy_setopt(easy, CURLOPT_SSLCERT, options.certificate_file.c_str());
  curl_easy_setopt(easy, CURLOPT_SSLKEY, options.key_file.c_str());
}

Error OfStatus(long status, Op op) {
  const auto detail = static_cast<std::uint32_t>(status);
  if (status == 404) {
    return Fail(Code::kNotFound, op, detail);
  }
  if (status == 408 || status == 429 || status >= 500) {
    return Fail(Code::kCloudUnreachable, op, detail);
  }
  if (status >= 400) {
    return Fail(Code::kCloudRefused, op, detail);
  }
  return Fail(Code::kCloudProtocol, op, detail);
}

Error OfCurl(CURLcode result, Op op) {
  const auto detail = static_cast<std::uint32_t>(result);
  switch (result) {
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_HTTP2:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
      return Fail(Code::kCloudProtocol, op, detail);
    default:
      return Fail(Code::kCloudUnreachable, op, detail);
  }
}

}  // namespace

void PrepareExchange(Exchange& exchange, const CurlCloudOptions& options, const std::string& path) {
  curl_slist_free_all(exchange.headers);
  CURL* const easy = exchange.easy;
  exchange = Exchange{};
  exchange.easy = easy;
  curl_easy_reset(easy);
  const std::string url = options.base_url + path;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  SetSecurity(easy, options);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(
      easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange.curl_words.data());
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
}

void AddHeader(Exchange& exchange, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(exchange.headers, line.c_str())) {
    exchange.headers = longer;
  }
}

Status Judge(const Exchange& exchange) {
  if (exchange.refused) {
    return *exchange.refused;
  }
  const long status = StatusOf(exchange);
  if (status != 0 && status != exchange.wanted_status) {
    return OfStatus(status, exchange.op);
  }
  if (exchange.result != CURLE_OK) {
    return OfCurl(exchange.result, exchange.op);
  }
  if (!exchange.range) {
    return {};
  }
  if (const auto refused = RefuseBody(exchange)) {
    return *refused;
  }
  const std::uint64_t length = exchange.content_range->last - exchange.content_range->first + 1;
  if (exchange.received != length) {
    return Fail(Code::kCloudProtocol, exchange.op, exchange.range->offset);
  }
  return {};
}

std::size_t GoodPrefix(const Exchange& exchange) {
  const bool broke = exchange.done && !exchange.refused && exchange.result != CURLE_OK &&
                     OfCurl(exchange.result, exchange.op).code == Code::kCloudUnreachable;
  return broke && StatusOf(exchange) == exchange.wanted_status ? exchange.received : 0;
}

std::string ExchangeWords(const Exchange& exchange, const Error& error) {
  std::string out = "cannot ask the cloud for the desired state: ";
  const long status = StatusOf(exchange);
  if (status != 0 && status != exchange.wanted_status) {
    return out + "it answered with status " + std::to_string(status);
  }
  if (exchange.result == CURLE_OK) {
    return out + std::string(TextOf(error.code).what);
  }
  const std::string_view words(exchange.curl_words.data());
  return out + (words.empty() ? curl_easy_strerror(exchange.result) : std::string(words));
}

}  // namespace strata::device
