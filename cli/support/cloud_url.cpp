// SPDX-License-Identifier: Apache-2.0
#include "support/cloud_url.hpp"

#include <memory>

#include <arpa/inet.h>
#include <curl/curl.h>

namespace strata::cli {
namespace {

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK || text == nullptr) {
    return {};
  }
  std::string copy(text);
  curl_free(text);
  return copy;
}

// By form, not by prefix: 127.0.0.1.example is somebody else's name.
bool IsLoopbackV4(const std::string& host) {
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24U) == 127;
}

Problem BadUrl(const std::string& url, const std::string& why) {
  return Local(Code::kInvalidArgument,
               "cloud URL '" + url + "': " + why,
               "give the URL that strata-cloud serve prints, e.g. https://127.0.0.1:8443");
}

}  // namespace

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host == "::1" || IsLoopbackV4(host);
}

Expected<CloudUrl> ParseCloudUrl(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  if (parsed == nullptr || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return BadUrl(url, "is not a URL");
  }
  CloudUrl parts{Part(parsed.get(), CURLUPART_SCHEME), Part(parsed.get(), CURLUPART_HOST)};
  const std::string path = Part(parsed.get(), CURLUPART_PATH);
  if (parts.scheme != "https" && parts.scheme != "http") {
    return BadUrl(url, "is not an https URL");
  }
  if (!Part(parsed.get(), CURLUPART_USER).empty() || !Part(parsed.get(), CURLUPART_QUERY).empty() ||
      !Part(parsed.get(), CURLUPART_FRAGMENT).empty() || (!path.empty() && path != "/")) {
    return BadUrl(url, "has more than scheme, host and port");
  }
  if (parts.scheme == "http" && !IsLoopback(parts.host)) {
    return BadUrl(url, "plain http is accepted for this machine only");
  }
  return parts;
}

Expected<std::string> CheckCloudUrl(const std::string& url) {
  STRATA_TRY(ParseCloudUrl(url));
  return url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
}

}  // namespace strata::cli
