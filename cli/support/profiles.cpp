// SPDX-License-Identifier: Apache-2.0
#include "support/profiles.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <sys/stat.h>

#include "support/api.hpp"
#include "support/files.hpp"
#include "support/json_text.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kListProfiles = "strata profiles list shows which there are";

Expected<JsonObject> ReadJsonFile(const fs::path& file) {
  STRATA_TRY_ASSIGN(const SecretText text, ReadSecretFile(file));
  boost::system::error_code error;
  Json value = boost::json::parse(text.view(), error);
  if (error || !value.is_object()) {
    return Local(
        Code::kMalformed, file.string() + ": is not a JSON object", "run strata login again");
  }
  return std::move(value.as_object());
}

constexpr const char* kOurVariables = "STRATA_";

Outcome RefuseReadableByOthers(const fs::path& file) {
  struct stat info {};

  if (::stat(file.c_str(), &info) == 0 && (info.st_mode & 077U) != 0) {
    return Local(Code::kPermission,
                 file.string() + ": holds a secret and can be read by others",
                 "chmod 600 " + file.string());
  }
  return Done{};
}

struct Identity {
  std::string user;
  std::string password;
  std::string variables;  ///< their names
};

/// * kInvalidArgument: one of two variables that belong together is set and the other is not.
Outcome RefuseHalf(const Environment& env, const std::string& one, const std::string& other) {
  const bool has_one = env.Get(one).has_value();
  if (has_one == env.Get(other).has_value()) {
    return Done{};
  }
  return Local(Code::kInvalidArgument,
               (has_one ? one : other) + " is set without " + (has_one ? other : one),
               "set both or none");
}

/// SID and token, or an API key pair, from variables that begin with `prefix`; nullopt when none is
/// set. * kInvalidArgument: one half alone; of the original's variables it was always passed over.
Expected<std::optional<Identity>> IdentityFromEnv(const Environment& env,
                                                  const std::string& prefix) {
  const bool ours = prefix == kOurVariables;
  const auto key = env.Get(prefix + "API_KEY");
  const auto secret = env.Get(prefix + "API_SECRET");
  const auto names = [&prefix](const char* user, const char* password) {
    return "${" + prefix + user + "}/${" + prefix + password + "}";
  };
  if (key && secret) {
    return std::optional(Identity{*key, *secret, names("API_KEY", "API_SECRET")});
  }
  const auto sid = env.Get(prefix + "ACCOUNT_SID");
  const auto token = env.Get(prefix + "AUTH_TOKEN");
  if (ours) {
    STRATA_TRY(RefuseHalf(env, prefix + "API_KEY", prefix + "API_SECRET"));
  }
  if (ours || token) {
    STRATA_TRY(RefuseHalf(env, prefix + "ACCOUNT_SID", prefix + "AUTH_TOKEN"));
  }
  if (sid && token) {
    return std::optional(Identity{*sid, *token, names("ACCOUNT_SID", "AUTH_TOKEN")});
  }
  return std::optional<Identity>();
}

Connection ConnectionOf(const Profile& profile) {
  return {profile.url, profile.account_sid, profile.auth_token, profile.ca_file, profile.name};
}

}  // namespace

Outcome CheckProfileName(const std::string& name) {
  const bool characters = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (name.empty() || name.size() > 64 || name.front() == '.' || !characters) {
    return Local(Code::kInvalidArgument,
                 "profile name '" + name + "'",
                 "use up to 64 letters, digits, '-', '_' and '.'");
  }
  return Done{};
}

Expected<ProfileStore> ProfileStore::Open(const Environment& env) {
  if (const auto directory = env.Get("STRATA_CONFIG_DIR")) {
    return ProfileStore(fs::absolute(*directory));
  }
  if (const auto directory = env.Get("XDG_CONFIG_HOME")) {
    return ProfileStore(fs::absolute(*directory) / "strata");
  }
  if (const auto home = env.Get("HOME")) {
    return ProfileStore(fs::absolute(*home) / ".config" / "strata");
  }
  return Local(Code::kNotFound, "no place for the configuration", "set HOME or STRATA_CONFIG_DIR");
}

fs::path ProfileStore::ProfileFile(const std::string& name) const {
  return directory_ / "profiles" / (name + ".json");
}

fs::path ProfileStore::CaFile(const std::string& name) const {
  return directory_ / "profiles" / (name + ".ca.pem");
}

fs::path ProfileStore::SigningKeyFile(const std::string& name) const {
  return directory_ / "keys" / (name + ".pem");
}

Outcome ProfileStore::Prepare() const {
  STRATA_TRY(MakePrivateDirectory(directory_));
  STRATA_TRY(MakePrivateDirectory(directory_ / "profiles"));
  return MakePrivateDirectory(directory_ / "keys");
}

Expected<Profile> ProfileStore::Load(const std::string& name) const {
  STRATA_TRY(CheckProfileName(name));
  const fs::path file = ProfileFile(name);
  std::error_code error;
  if (!fs::exists(file, error)) {
    return Local(Code::kNotFound,
                 "there is no profile '" + name + "'",
                 std::string(kListProfiles) + "; strata login --profile " + name + " makes it");
  }
  STRATA_TRY(RefuseReadableByOthers(file));
  STRATA_TRY_ASSIGN(const JsonObject object, ReadJsonFile(file));
  Profile profile{name,
                  TextField(object, "url"),
                  TextField(object, "accountSid"),
                  TextField(object, "authToken"),
                  TextField(object, "caFile"),
                  TextField(object, "signingKeyFile")};
  if (profile.url.empty() || profile.account_sid.empty() || profile.auth_token.empty()) {
    return Local(Code::kMalformed, file.string() + ": is incomplete", "run strata login again");
  }
  return profile;
}

Expected<std::optional<std::string>> ProfileStore::ActiveName() const {
  const fs::path file = directory_ / "config.json";
  std::error_code error;
  if (!fs::exists(file, error)) {
    return std::optional<std::string>();
  }
  STRATA_TRY_ASSIGN(const JsonObject object, ReadJsonFile(file));
  const std::string name = TextField(object, "activeProfile");
  return name.empty() ? std::nullopt : std::optional(name);
}

Outcome ProfileStore::Save(Profile profile, const std::string& ca_pem) const {
  STRATA_TRY(CheckProfileName(profile.name));
  STRATA_TRY(Prepare());
  if (!ca_pem.empty()) {
    const fs::path ca_file = CaFile(profile.name);
    STRATA_TRY(WriteFile(ca_file, ca_pem, kPrivateFile, Overwrite::kReplace));
    profile.ca_file = ca_file.string();
  }
  const JsonObject object{{"url", profile.url},
                          {"accountSid", profile.account_sid},
                          {"authToken", profile.auth_token},
                          {"caFile", profile.ca_file},
                          {"signingKeyFile", profile.signing_key_file}};
  STRATA_TRY(WriteFile(
      ProfileFile(profile.name), PrettyJson(object) + "\n", kPrivateFile, Overwrite::kReplace));
  return WriteActive(profile.name);
}

Outcome ProfileStore::WriteActive(const std::string& name) const {
  const JsonObject config{{"activeProfile", name}};
  return WriteFile(
      directory_ / "config.json", PrettyJson(config) + "\n", kPrivateFile, Overwrite::kReplace);
}

Expected<std::vector<std::string>> ProfileStore::Names() const {
  std::vector<std::string> names;
  const fs::path directory = directory_ / "profiles";
  std::error_code error;
  if (!fs::exists(directory, error)) {
    return names;
  }
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const fs::path& file = at->path();
    if (file.extension() == ".json" && CheckProfileName(file.stem().string()).ok()) {
      names.push_back(file.stem().string());
    }
  }
  if (error) {
    return FileProblem(error.value(), directory, "can't be read");
  }
  std::sort(names.begin(), names.end());
  return names;
}

Outcome ProfileStore::Activate(const std::string& name) const {
  STRATA_TRY(Load(name));
  return WriteActive(name);
}

Outcome ProfileStore::Remove(const std::string& name) const {
  STRATA_TRY(CheckProfileName(name));
  STRATA_TRY_ASSIGN(const std::optional<std::string> active, ActiveName());
  std::error_code error;
  if (!fs::remove(ProfileFile(name), error)) {
    return error ? FileProblem(error.value(), ProfileFile(name), "can't be removed")
                 : Local(Code::kNotFound, "there is no profile '" + name + "'", kListProfiles);
  }
  fs::remove(CaFile(name), error);
  return active == name ? WriteActive("") : Outcome(Done{});
}

Expected<std::optional<Profile>> ChooseProfile(const Environment& env, const std::string& name) {
  STRATA_TRY_ASSIGN(const ProfileStore store, ProfileStore::Open(env));
  std::string chosen = name;
  if (chosen.empty()) {
    STRATA_TRY_ASSIGN(const std::optional<std::string> active, store.ActiveName());
    if (!active) {
      return std::optional<Profile>();
    }
    chosen = *active;
  }
  STRATA_TRY_ASSIGN(Profile profile, store.Load(chosen));
  return std::optional(std::move(profile));
}

Expected<Connection> ChooseConnection(const Environment& env, const std::string& profile_name) {
  if (!profile_name.empty()) {
    STRATA_TRY_ASSIGN(const std::optional<Profile> profile, ChooseProfile(env, profile_name));
    return ConnectionOf(*profile);
  }
  const std::optional<std::string> url = env.Get("STRATA_URL");
  STRATA_TRY_ASSIGN(std::optional<Identity> identity, IdentityFromEnv(env, kOurVariables));
  if (!identity && url) {
    STRATA_TRY_ASSIGN(identity, IdentityFromEnv(env, "TWILIO_"));
  }
  if (identity && url) {
    return Connection{*url,
                      identity->user,
                      identity->password,
                      env.Get("STRATA_CA_FILE").value_or(""),
                      identity->variables};
  }
  if (url) {
    return Local(Code::kInvalidArgument,
                 "STRATA_URL is set without STRATA_ACCOUNT_SID and STRATA_AUTH_TOKEN",
                 "set all three, or none of them to use a profile");
  }
  STRATA_TRY_ASSIGN(const std::optional<Profile> profile, ChooseProfile(env, {}));
  if (!profile) {
    return Local(
        Code::kNotFound,
        identity ? "STRATA_ACCOUNT_SID is set without STRATA_URL" : "you are not signed in",
        "run strata login --env DIR/account.env, or set STRATA_URL, STRATA_ACCOUNT_SID and "
        "STRATA_AUTH_TOKEN");
  }
  Connection connection = ConnectionOf(*profile);
  if (identity) {
    connection.user = identity->user;
    connection.password = identity->password;
    connection.profile += ", but " + identity->variables;
  }
  return connection;
}

}  // namespace strata::cli
