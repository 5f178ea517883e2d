// SPDX-License-Identifier: Apache-2.0
/// Where the cloud is: https, or plain http to this machine, and nothing but scheme, host and port.
#pragma once

#include <string>

#include "support/outcome.hpp"

namespace strata::cli {

struct CloudUrl {
  std::string scheme;
  std::string host;  ///< an IPv6 address in brackets
};

/// * kInvalidArgument: the URL is not https (or http to loopback), or has user, path, query or
/// fragment.
Expected<CloudUrl> ParseCloudUrl(const std::string& url);

/// The URL without a final '/'. Errors as ParseCloudUrl.
Expected<std::string> CheckCloudUrl(const std::string& url);

/// By its form, no name is looked up.
bool IsLoopback(const std::string& host);

}  // namespace strata::cli
