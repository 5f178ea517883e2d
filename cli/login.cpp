// SPDX-License-Identifier: Apache-2.0
#include "login.hpp"

#include "support/cloud_url.hpp"
#include "support/files.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"
#include "support/profiles.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

using Values = std::map<std::string, std::string>;

/// KEY=VALUE lines; blank lines and # comments are skipped, quotes round a value taken off.
Values ParseEnvText(std::string_view text) {
  Values values;
  for (const std::string& line : Split(text, '\n')) {
    std::string_view entry = Trim(line);
    if (entry.starts_with("export ")) {
      entry.remove_prefix(7);
    }
    const std::size_t equals = entry.find('=');
    if (entry.empty() || entry.front() == '#' || equals == std::string_view::npos) {
      continue;
    }
    std::string_view value = Trim(entry.substr(equals + 1));
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                        value.front() == value.back();
    if (quoted) {
      value = value.substr(1, value.size() - 2);
    }
    values[std::string(Trim(entry.substr(0, equals)))] = std::string(value);
  }
  return values;
}

Expected<Profile> FromEnvFile(const fs::path& file) {
  STRATA_TRY_ASSIGN(const SecretText text, ReadSecretFile(file));
  Values values = ParseEnvText(text.view());
  Profile profile;
  profile.url = values["STRATA_URL"];
  profile.account_sid = values["STRATA_ACCOUNT_SID"];
  profile.auth_token = values["STRATA_AUTH_TOKEN"];
  profile.ca_file = values["STRATA_CA_FILE"];
  if (profile.url.empty() || profile.account_sid.empty() || profile.auth_token.empty()) {
    return Local(Code::kMalformed,
                 file.string() + ": lacks STRATA_URL, STRATA_ACCOUNT_SID or STRATA_AUTH_TOKEN",
                 "name the account.env that strata-cloud keeps in its data directory");
  }
  if (!profile.ca_file.empty() && fs::path(profile.ca_file).is_relative()) {
    profile.ca_file = (file.parent_path() / profile.ca_file).string();
  }
  return profile;
}

Expected<std::string> GivenOrAsked(const std::string& given,
                                   Session& session,
                                   const std::string& what,
                                   const std::string& option) {
  if (!given.empty()) {
    return given;
  }
  if (!session.context.in_is_tty) {
    return Usage("give " + option + " or --env DIR/account.env");
  }
  return Ask(session.context, what, false);
}

Expected<Profile> FromOptions(const LoginOptions& options, Session& session) {
  Profile profile;
  STRATA_TRY_ASSIGN(profile.url, GivenOrAsked(options.url, session, "Cloud URL", "--url"));
  STRATA_TRY_ASSIGN(profile.account_sid,
                    GivenOrAsked(options.account_sid, session, "Account SID", "--account-sid"));
  STRATA_TRY_ASSIGN(profile.auth_token, Ask(session.context, "Auth token", true));
  profile.ca_file = options.ca_file;
  return profile;
}

Outcome MakeSigningKey(const ProfileStore& store, Profile& profile) {
  STRATA_TRY(store.Prepare());
  const fs::path file = store.SigningKeyFile(profile.name);
  std::error_code error;
  if (!fs::exists(file, error)) {
    STRATA_TRY(GenerateKeyFiles(file, Overwrite::kReplace));
  }
  profile.signing_key_file = file.string();
  return Done{};
}

Expected<JsonObject> RegisterSigningKey(Api& api, const Profile& profile) {
  STRATA_TRY_ASSIGN(const bundle::PrivateKey key, LoadPrivateKey(profile.signing_key_file));
  STRATA_TRY_ASSIGN(const std::string pem, Lift(bundle::PublicKeyToPem(key.public_key())));
  const std::string name = "strata login, profile " + profile.name;
  return api.Post("/v1/Keys",
                  {{"PublicKey", pem}, {"Type", "signing"}, {"FriendlyName", name.substr(0, 64)}});
}

Expected<std::string> ProfileName(const Session& session) {
  std::string name = session.common.profile.empty() ? "default" : session.common.profile;
  STRATA_TRY(CheckProfileName(name));
  return name;
}

}  // namespace

Outcome RunLogin(const LoginOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::string name, ProfileName(session));
  STRATA_TRY_ASSIGN(const ProfileStore store, ProfileStore::Open(session.context.env));
  STRATA_TRY_ASSIGN(
      Profile profile,
      options.env_file.empty() ? FromOptions(options, session) : FromEnvFile(options.env_file));
  profile.name = name;
  STRATA_TRY_ASSIGN(profile.url, CheckCloudUrl(profile.url));
  std::string ca_pem;
  if (!profile.ca_file.empty()) {
    STRATA_TRY_ASSIGN(ca_pem, ReadTextFile(profile.ca_file));
  }
  STRATA_TRY_ASSIGN(std::unique_ptr<HttpClient> client,
                    session.context.make_client(
                        {profile.url, profile.account_sid, profile.auth_token, profile.ca_file}));
  Api api(std::move(client));
  STRATA_TRY(api.Get("/v1/Apps?PageSize=1"));
  STRATA_TRY(MakeSigningKey(store, profile));
  STRATA_TRY_ASSIGN(const JsonObject key, RegisterSigningKey(api, profile));
  STRATA_TRY(store.Save(profile, ca_pem));
  session.Info("Signed in to " + profile.url + " as " + profile.account_sid + "; profile '" + name +
               "', default signing key " + TextField(key, "key_id"));
  const JsonObject record{{"profile", name},
                          {"url", profile.url},
                          {"accountSid", profile.account_sid},
                          {"signingKeyId", TextField(key, "key_id")},
                          {"signingKeyFile", profile.signing_key_file}};
  WriteRecords(session, {record}, "profile,accountSid,signingKeyId");
  return Done{};
}

void AddLogin(CLI::App& root, Session& session) {
  CLI::App& verb = AddVerb(root,
                           session,
                           "login",
                           "Sign in: make a profile with a default signing key",
                           "strata login --env data/account.env");
  auto options = std::make_shared<LoginOptions>();
  auto* env = verb.add_option("--env", options->env_file, "account.env written by strata-cloud");
  verb.add_option("--url", options->url, "The cloud's URL; asked for when missing")->excludes(env);
  verb.add_option("--account-sid", options->account_sid, "Asked for when missing")->excludes(env);
  verb.add_option("--ca", options->ca_file, "PEM file of the cloud's CA")->excludes(env);
  Bind(verb, session, options, RunLogin);
}

}  // namespace strata::cli
