// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <boost/json.hpp>

#include "api_keys/api_keys.hpp"
#include "support/files.hpp"
#include "support/output.hpp"
#include "support/profiles.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

constexpr const char* kApiKeyColumns = "sid,scopes,friendlyName,secret";

Outcome RefuseExisting(const std::string& file) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(file, error))) {
    return Local(Code::kAlreadyExists, file + ": exists already", "name a new file");
  }
  return Done{};
}

/// Values of a shell can't break out of the file's lines.
bool FitsOneLine(const std::string& value) {
  return Printable(value) == value && value.find('\'') == std::string::npos;
}

Outcome WriteEnvFile(const std::string& file,
                     const Connection& connection,
                     const std::string& sid,
                     const std::string& secret) {
  const Fields lines{{"STRATA_URL", connection.url},
                     {"STRATA_API_KEY", sid},
                     {"STRATA_API_SECRET", secret},
                     {"STRATA_CA_FILE", connection.ca_file}};
  std::string text;
  for (const auto& [name, value] : lines) {
    if (!FitsOneLine(value)) {
      return Local(Code::kCloudProtocol, name + ": has characters that no file of variables holds");
    }
    text += value.empty() ? "" : "export " + name + "='" + value + "'\n";
  }
  return WriteFile(file, text, kPrivateFile, Overwrite::kRefuse);
}

}  // namespace

Outcome RunCreateApiKey(const CreateApiKeyOptions& options, Session& session) {
  if (!options.env_out.empty()) {
    STRATA_TRY(RefuseExisting(options.env_out));
  }
  Fields form{{"Scopes", options.scopes}};
  if (!options.friendly_name.empty()) {
    form.emplace_back("FriendlyName", options.friendly_name);
  }
  STRATA_TRY_ASSIGN(const Connection connection,
                    ChooseConnection(session.context.env, session.common.profile));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(JsonObject key, api.Post("/v1/ApiKeys", form));
  if (options.env_out.empty()) {
    WriteResource(session, key, kApiKeyColumns);
    session.Info("Keep the secret now: it is not shown again");
    return Done{};
  }
  const std::string sid = TextField(key, "sid");
  const Outcome written = WriteEnvFile(options.env_out, connection, sid, TextField(key, "secret"));
  if (!written.ok()) {
    // Nobody holds the secret: the key would be of no use, and of no use to leave behind.
    (void)api.Delete("/v1/ApiKeys/" + PercentEncode(sid)).ok();
    return written.error();
  }
  key.erase("secret");
  WriteResource(session, key, "sid,scopes,friendlyName");
  session.Info("The secret is in " + options.env_out + "; use it with: . " + options.env_out);
  if (!connection.ca_file.empty()) {
    session.Info("It names the cloud's CA file " + connection.ca_file +
                 ": on another machine, bring that file along and correct STRATA_CA_FILE");
  }
  return Done{};
}

void AddCreateApiKey(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun,
              session,
              "create",
              "Make an API key for a script or a machine; its secret is shown once",
              "strata api-keys create --scopes deploy --friendly-name ci --env-out ci.env");
  auto options = std::make_shared<CreateApiKeyOptions>();
  verb.add_option("--scopes",
                  options->scopes,
                  "What it may do: read, deploy, provision, admin; several joined by commas")
      ->required();
  verb.add_option(
      "--friendly-name", options->friendly_name, "A name for people, up to 64 characters");
  verb.add_option(
      "--env-out",
      options->env_out,
      "Write URL, SID and secret as variables to this new file (0600) instead of showing "
      "the secret");
  Bind(verb, session, options, RunCreateApiKey);
}

}  // namespace strata::cli
