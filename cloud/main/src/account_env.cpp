// SPDX-License-Identifier: Apache-2.0
#include "account_env.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>

#include "data_dir.hpp"

namespace strata::cloud {
namespace {

constexpr std::string_view kUrl = "STRATA_URL=";
constexpr std::string_view kDeviceUrl = "STRATA_DEVICE_URL=";
constexpr std::string_view kAccountSid = "STRATA_ACCOUNT_SID=";
constexpr std::string_view kAuthToken = "STRATA_AUTH_TOKEN=";
constexpr std::string_view kCaFile = "STRATA_CA_FILE=";

std::string Line(std::string_view name, std::string_view value) {
  std::string line(name);
  line += value;
  return line += '\n';
}

/// The first line of `rest`, which it loses.
std::string_view TakeLine(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
  return line;
}

bool UpdateOne(const std::string& path, const std::string& url, const std::string& device_url) {
  std::string before;
  if (!ReadWhole(path, before)) {
    return false;
  }
  std::string after = Line(kUrl, url) + Line(kDeviceUrl, device_url);
  for (std::string_view rest = before; !rest.empty();) {
    const std::string_view line = TakeLine(rest);
    if (!line.starts_with(kUrl) && !line.starts_with(kDeviceUrl)) {
      after += Line(line, "");
    }
  }
  return before == after || WriteWhole(path, after);
}

}  // namespace

std::string FirstEnvPath(const std::string& dir) {
  return dir + "/account.env";
}

bool WriteAccountEnv(const std::string& path, const AccountEnv& env) {
  return WriteWhole(path,
                    Line(kUrl, env.url) + Line(kDeviceUrl, env.device_url) +
                        Line(kAccountSid, env.account_sid) + Line(kAuthToken, env.auth_token) +
                        Line(kCaFile, env.ca_file));
}

std::optional<AccountEnv> ReadAccountEnv(const std::string& path) {
  std::string text;
  std::error_code error;
  if (!std::filesystem::exists(path, error) || !ReadWhole(path, text)) {
    return std::nullopt;
  }
  AccountEnv env;
  const std::pair<std::string_view, std::string*> names[] = {{kUrl, &env.url},
                                                             {kDeviceUrl, &env.device_url},
                                                             {kAccountSid, &env.account_sid},
                                                             {kAuthToken, &env.auth_token},
                                                             {kCaFile, &env.ca_file}};
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = TakeLine(rest);
    for (const auto& [name, value] : names) {
      if (line.starts_with(name)) {
        *value = line.substr(name.size());
      }
    }
  }
  return env;
}

bool UpdateAccountEnvs(const std::string& dir,
                       const std::string& url,
                       const std::string& device_url) {
  bool all = true;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".env") {
      all = UpdateOne(entry->path().string(), url, device_url) && all;
    }
  }
  return all && !error;
}

}  // namespace strata::cloud
