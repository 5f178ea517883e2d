// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "apps/apps.hpp"
#include "support/files.hpp"
#include "support/output.hpp"
#include "support/progress.hpp"

namespace strata::cli {
namespace {

constexpr int kTries = 3;
constexpr std::chrono::milliseconds kPause{1000};

bool WorthRepeating(const Problem& problem) {
  const bool network = problem.source == Problem::Source::kHere &&
                       (problem.code == static_cast<int>(Code::kCloudUnreachable) ||
                        problem.code == static_cast<int>(Code::kTimeout));
  const bool busy =
      problem.source == Problem::Source::kCloud && (problem.code == 20503 || problem.code == 20429);
  return network || busy;
}

void WarnAbout(const JsonObject& app, const Session& session) {
  const Json* warnings = app.if_contains("warnings");
  if (warnings == nullptr || !warnings->is_array()) {
    return;
  }
  for (const Json& warning : warnings->as_array()) {
    if (warning.is_string()) {
      session.Warn(std::string(warning.as_string()));
    }
  }
}

}  // namespace

Outcome RunCreateApp(const CreateAppOptions& options, Session& session) {
  STRATA_TRY(OpenBundleFile(options.file));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const std::string idempotency_key, RandomToken());
  ProgressBar bar(session);
  Upload upload{options.file, {}, [&bar](std::uint64_t sent, std::uint64_t total) {
                  bar.Show(sent < total ? "uploading" : "checking", sent, total);
                }};
  if (!options.unique_name.empty()) {
    upload.fields.emplace_back("UniqueName", options.unique_name);
  }
  Expected<JsonObject> app = api.Send("/v1/Apps", upload, idempotency_key);
  for (int tries = 1; tries < kTries && !app.ok() && WorthRepeating(app.error()); ++tries) {
    bar.Clear();
    session.Info("Trying again: " + app.error().message);
    session.context.sleep(kPause);
    app = api.Send("/v1/Apps", upload, idempotency_key);
  }
  bar.Clear();
  if (!app.ok()) {
    return app.error();
  }
  WarnAbout(app.value(), session);
  WriteResource(session, app.value(), "sid,uniqueName");
  return Done{};
}

void AddCreateApp(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "create",
                           "Upload a bundle; it becomes an app that devices can be given",
                           "strata apps create app.zip my-app-1.0");
  auto options = std::make_shared<CreateAppOptions>();
  verb.add_option("FILE", options->file, "The bundle")->required();
  verb.add_option("UNIQUENAME", options->unique_name, "A name for this build");
  Bind(verb, session, options, RunCreateApp);
}

}  // namespace strata::cli
