// SPDX-License-Identifier: Apache-2.0
#include "devices/enrolment_tokens.hpp"

#include <algorithm>
#include <filesystem>

#include <boost/json.hpp>

#include "devices/devices.hpp"
#include "support/files.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

constexpr const char* kTokensPath = "/v1/EnrolmentTokens";
constexpr std::size_t kMostTokenChars = 128;

bool IsTokenText(std::string_view text) {
  return text.starts_with("ET") && text.size() <= kMostTokenChars &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.';
         });
}

Expected<std::vector<JsonObject>> TokensOf(const JsonObject& answer) {
  std::vector<JsonObject> tokens;
  const Json* array = answer.if_contains("enrolment_tokens");
  if (array != nullptr && array->is_array()) {
    for (const Json& each : array->as_array()) {
      // The SID becomes a file's name.
      const bool good = each.is_object() && IsTokenText(TextField(each.as_object(), "token")) &&
                        IsTokenText(TextField(each.as_object(), "sid"));
      if (!good) {
        return Local(Code::kCloudProtocol, "the cloud's answer holds something that is no token");
      }
      tokens.push_back(each.as_object());
    }
  }
  return tokens;
}

Outcome WriteTokenFiles(const std::filesystem::path& out,
                        const JsonObject& answer,
                        std::vector<JsonObject>& tokens) {
  STRATA_TRY(MakePrivateDirectory(out));
  STRATA_TRY(WriteFile(
      out / "ca.pem", TextField(answer, "ca_certificate"), kPublicFile, Overwrite::kReplace));
  for (JsonObject& token : tokens) {
    const std::string name = TextField(token, "sid") + ".token";
    const SecretText line(TextField(token, "token") + "\n");
    STRATA_TRY(WriteFile(out / name, line.view(), kPrivateFile, Overwrite::kRefuse));
    token.erase("token");
    token["file"] = (out / name).string();
  }
  return Done{};
}

void AddCreateTokens(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "create",
                           "Make tokens, each of which lets one device in; they are shown once",
                           "strata devices enrolment-tokens create --count 20 --out tokens");
  auto options = std::make_shared<CreateTokensOptions>();
  verb.add_option("--count", options->count, "How many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb.add_option("--valid", options->valid, "How long they let devices in: 90m, 24h, 7d")
      ->capture_default_str();
  verb.add_option("--hardware", options->hardware, "Hardware profile of the devices")
      ->capture_default_str();
  verb.add_option("--tag", options->tags, "A tag that the devices get; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_option(
      "--friendly-name", options->friendly_name, "A name for people, up to 64 characters");
  verb.add_option("--out",
                  options->out,
                  "Directory for a file (0600) a token, and ca.pem, instead of showing them");
  Bind(verb, session, options, RunCreateTokens);
}

Outcome RunListTokens(const ListRequest& options, Session& session) {
  return ShowList(session,
                  kTokensPath,
                  "enrolment_tokens",
                  "sid,friendlyName,dateExpires,dateUsed,deviceSid",
                  options);
}

}  // namespace

Outcome RunCreateTokens(const CreateTokensOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::string tags, JoinTags(options.tags));
  STRATA_TRY_ASSIGN(const std::chrono::seconds valid, ParseDuration(options.valid, "--valid"));
  Fields form{{"Count", std::to_string(options.count)},
              {"ValidSeconds", std::to_string(valid.count())},
              {"Hardware", options.hardware}};
  if (!tags.empty()) {
    form.emplace_back("Tags", tags);
  }
  if (!options.friendly_name.empty()) {
    form.emplace_back("FriendlyName", options.friendly_name);
  }
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject answer, api.Post(kTokensPath, form));
  STRATA_TRY_ASSIGN(std::vector<JsonObject> tokens, TokensOf(answer));
  const std::string where = "; devices enrol at " + TextField(answer, "device_url");
  if (options.out.empty()) {
    WriteResources(session, tokens, "sid,dateExpires,token");
    session.Info("Keep the tokens now: they are not shown again" + where);
    return Done{};
  }
  const Outcome written = WriteTokenFiles(options.out, answer, tokens);
  if (!written.ok()) {
    // Nobody holds them all: none is left behind.
    for (const JsonObject& token : tokens) {
      (void)api.Delete(kTokensPath + ("/" + PercentEncode(TextField(token, "sid")))).ok();
    }
    return written.error();
  }
  WriteResources(session, tokens, "sid,dateExpires,file");
  session.Info("The tokens are in " + options.out + where);
  return Done{};
}

Outcome RunRevokeToken(const RevokeTokenOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "enrolment token", UniqueNames::kNo));
  return RemoveResource(session, kTokensPath + ("/" + PercentEncode(options.sid)));
}

Expected<std::string> ReadTokenFile(const std::string& file) {
  STRATA_TRY_ASSIGN(const SecretText text, ReadSecretFile(file));
  std::string token(Trim(text.view()));
  if (!IsTokenText(token)) {
    return Local(Code::kMalformed,
                 file + ": holds no enrolment token",
                 "make one with strata devices enrolment-tokens create --out DIR");
  }
  return token;
}

void AddEnrolmentTokens(CLI::App& devices, Session& session) {
  CLI::App& noun = *devices.add_subcommand(
      "enrolment-tokens", "What lets devices in without the account's credentials, once each");
  noun.require_subcommand(1);
  AddCreateTokens(noun, session);
  CLI::App& list = AddVerb(noun,
                           session,
                           "list",
                           "List enrolment tokens, newest first; never their texts",
                           "strata devices enrolment-tokens list");
  auto listed = std::make_shared<ListRequest>();
  AddListOptions(list, *listed);
  Bind(list, session, listed, RunListTokens);
  CLI::App& revoke = AddVerb(noun,
                             session,
                             "revoke",
                             "Delete an enrolment token; a device that it let in stays",
                             "strata devices enrolment-tokens revoke --sid ET...");
  auto revoked = std::make_shared<RevokeTokenOptions>();
  AddSidOption(revoke, revoked->sid, {}, UniqueNames::kNo);
  Bind(revoke, session, revoked, RunRevokeToken);
}

}  // namespace strata::cli
