// SPDX-License-Identifier: Apache-2.0
// What can be seen without the cloud.
#include <filesystem>

#include <sys/stat.h>

#include "doctor/doctor.hpp"
#include "support/csr.hpp"
#include "support/files.hpp"
#include "support/key_files.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kExpirySoon = std::chrono::hours(30 * 24);

bool OthersMayEnter(const fs::path& path) {
  struct stat info {};

  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & 077U) != 0;
}

std::string Days(std::chrono::system_clock::duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::hours>(time).count() / 24) +
         " days";
}

}  // namespace

Findings CheckConfiguration(const Environment& env) {
  const Expected<ProfileStore> store = ProfileStore::Open(env);
  if (!store.ok()) {
    return {Wrong("configuration", store.error())};
  }
  const fs::path directory = store.value().directory();
  std::error_code error;
  if (!fs::exists(directory, error)) {
    return {Doubtful("configuration",
                     directory.string() + " does not exist yet",
                     "strata login --env DIR/account.env makes it")};
  }
  Findings found;
  if (OthersMayEnter(directory)) {
    found.push_back(Doubtful("configuration",
                             directory.string() + " is open to other users",
                             "chmod 700 " + directory.string()));
  } else {
    found.push_back(Fine("configuration", directory.string()));
  }
  const Expected<std::vector<std::string>> names = store.value().Names();
  if (!names.ok()) {
    found.push_back(Wrong("profile", names.error()));
    return found;
  }
  for (const std::string& name : names.value()) {
    const Expected<Profile> profile = store.value().Load(name);
    found.push_back(profile.ok() ? Fine("profile", name + ": " + profile.value().url)
                                 : Wrong("profile", profile.error()));
  }
  return found;
}

Findings CheckVariables(const Environment& env) {
  Findings found;
  if (!env.Get("STRATA_URL") && (env.Get("TWILIO_AUTH_TOKEN") || env.Get("TWILIO_API_SECRET"))) {
    found.push_back(Doubtful("variables",
                             "TWILIO_… variables are set and not used",
                             "they count together with STRATA_URL only, so that they never reach "
                             "another host"));
  }
  if (env.Get("STRATA_URL")) {
    found.push_back(Fine("variables", "STRATA_URL takes the place of the active profile"));
  }
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}) {
    if (const auto proxy = env.Get(name)) {
      found.push_back(Fine("variables", std::string(name) + " sends requests through a proxy"));
    }
  }
  return found;
}

Findings CheckCaFile(const Connection& connection, std::chrono::system_clock::time_point now) {
  if (connection.ca_file.empty()) {
    return {Fine("ca", "the system's certificate authorities")};
  }
  const Expected<std::string> pem = ReadTextFile(connection.ca_file);
  if (!pem.ok()) {
    return {Wrong("ca", pem.error())};
  }
  const Expected<std::int64_t> end = CertificateEnd(pem.value());
  if (!end.ok()) {
    return {Wrong("ca",
                  Local(Code::kMalformed,
                        connection.ca_file + ": holds no certificate in PEM",
                        "copy it from the cloud's data directory again"))};
  }
  const auto left = std::chrono::system_clock::from_time_t(end.value()) - now;
  if (left < std::chrono::seconds(0)) {
    return {Wrong("ca",
                  Local(Code::kCloudUnreachable,
                        connection.ca_file + ": is no longer valid",
                        "sign in again with the cloud's new CA"))};
  }
  if (left < kExpirySoon) {
    return {Doubtful("ca",
                     connection.ca_file + ": is valid for " + Days(left) + " more",
                     "have the cloud's CA replaced: docs/guides/rotate-keys.md")};
  }
  return {Fine("ca", connection.ca_file + ": valid for " + Days(left))};
}

Findings CheckSigningKey(const Profile& profile) {
  if (profile.signing_key_file.empty()) {
    return {Doubtful("signing-key",
                     "profile '" + profile.name + "' has no default signing key",
                     "strata login makes one; or sign with --sign KEY")};
  }
  const Expected<bundle::PrivateKey> key = LoadPrivateKey(profile.signing_key_file);
  if (!key.ok()) {
    return {Wrong("signing-key", key.error())};
  }
  if (OthersMayEnter(profile.signing_key_file)) {
    return {Wrong("signing-key",
                  Local(Code::kPermission,
                        profile.signing_key_file + ": can be read by others",
                        "chmod 600 " + profile.signing_key_file +
                            ", and consider the key known to them: strata keys rotate"))};
  }
  return {Fine("signing-key", profile.signing_key_file)};
}

}  // namespace strata::cli
