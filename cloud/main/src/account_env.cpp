// SPDX-License-Identifier: Apache-2.0
#include "account_env.hpp"

#include <string_view>

#include <unistd.h>

#include "data_dir.hpp"

namespace strata::cloud {
namespace {

constexpr std::string_view kUrl = "STRATA_URL=";
constexpr std::string_view kDeviceUrl = "STRATA_DEVICE_URL=";

std::string PathOf(const std::string& dir) {
  return dir + "/account.env";
}

std::string Line(std::string_view name, std::string_view value) {
  std::string line(name);
  line += value;
  return line += '\n';
}

}  // namespace

bool WriteAccountEnv(const std::string& dir, const AccountEnv& env) {
  return WriteWhole(PathOf(dir),
                    Line(kUrl, env.url) + Line(kDeviceUrl, env.device_url) +
                        Line("STRATA_ACCOUNT_SID=", env.account_sid) +
                        Line("STRATA_AUTH_TOKEN=", env.auth_token) +
                        Line("STRATA_CA_FILE=", env.ca_file));
}

bool UpdateAccountEnv(const std::string& dir,
                      const std::string& url,
                      const std::string& device_url) {
  std::string before;
  if (access(PathOf(dir).c_str(), F_OK) != 0) {
    return true;
  }
  if (!ReadWhole(PathOf(dir), before)) {
    return false;
  }
  std::string after = Line(kUrl, url) + Line(kDeviceUrl, device_url);
  std::string_view rest = before;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
    if (!line.starts_with(kUrl) && !line.starts_with(kDeviceUrl)) {
      after += Line(line, "");
    }
  }
  return before == after || WriteWhole(PathOf(dir), after);
}

}  // namespace strata::cloud
