// SPDX-License-Identifier: Apache-2.0
#include "response_head.hpp"

#include <array>
#include <ctime>

#include <boost/beast/http/status.hpp>

namespace strata::cloud::http {

std::string ResponseHead(const Response& response, std::optional<std::uint64_t> content_length) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 64> date{};
  std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  const auto status = static_cast<boost::beast::http::status>(response.status);
  const auto reason = boost::beast::http::obsolete_reason(status);
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason.data(), reason.size());
  head += "\r\nDate: ";
  head += date.data();
  head += "\r\n";
  for (const Header& header : response.headers) {
    head += header.name + ": " + header.value + "\r\n";
  }
  if (content_length) {
    head += "Content-Length: " + std::to_string(*content_length) + "\r\n";
  }
  return head + "\r\n";
}

}  // namespace strata::cloud::http
