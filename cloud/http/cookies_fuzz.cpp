// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cookies.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = strata::cloud::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view value = http::CookieValue(text, "__Host-strata-session");
  const bool inside = value.empty() || (value.data() >= text.data() &&
                                        value.data() + value.size() <= text.data() + text.size());
  if (!inside || value.find(';') != std::string_view::npos) {
    std::abort();
  }
  const http::AcceptedCodings accepted = http::ParseAcceptEncoding(text);
  if ((accepted.gzip && size < 4) || (accepted.brotli && size < 2)) {
    std::abort();
  }
  http::Request request;
  request.method = "POST";
  request.base_url = "https://cloud.test";
  request.headers = {{"Sec-Fetch-Site", std::string(text)}, {"Strata-Console", "1"}};
  if (http::IsFromOwnPage(request) && text != "same-origin") {
    std::abort();
  }
  return 0;
}
