// SPDX-License-Identifier: Apache-2.0
#include "strata/format/bundle/create.hpp"

#include <boost/json.hpp>

#include "apps/apps.hpp"
#include "support/files.hpp"
#include "support/key_chain.hpp"
#include "support/output.hpp"
#include "support/progress.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

constexpr int kTries = 3;
constexpr std::chrono::seconds kPause{1};

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

/// The uploaded bundle with the manifest that the cloud keeps, which it may have signed.
Outcome WriteSignedBundle(const CreateAppOptions& options, const std::string& sid, Api& api) {
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> zip,
                    ReadFile(options.file, bundle::kMaxBundleBytes));
  STRATA_TRY_ASSIGN(const JsonObject answer,
                    api.Get("/v1/Apps/" + PercentEncode(sid) + "/Manifest"));
  const auto manifest = DecodeBase64(TextField(answer, "encoded_bytes"));
  if (!manifest) {
    return Local(Code::kCloudProtocol, "the cloud's manifest is no base64 text");
  }
  STRATA_TRY_ASSIGN(const std::vector<std::uint8_t> signed_zip,
                    Lift(bundle::ReplaceManifest(zip, *manifest), options.file));
  return WriteFile(options.bundle_out, AsText(signed_zip), kPublicFile, Overwrite::kReplace);
}

}  // namespace

Expected<JsonObject> UploadApp(const std::string& file,
                               const std::string& unique_name,
                               Api& api,
                               const Session& session) {
  STRATA_TRY(OpenBundleFile(file));
  STRATA_TRY_ASSIGN(const std::string idempotency_key, RandomToken());
  ProgressBar bar(session);
  Upload upload{file, {}, [&bar](std::uint64_t sent, std::uint64_t total) {
                  bar.Show(sent < total ? "uploading" : "checking", sent, sent < total ? total : 0);
                }};
  if (!unique_name.empty()) {
    upload.fields.emplace_back("UniqueName", unique_name);
  }
  Expected<JsonObject> app = api.Send("/v1/Apps", upload, idempotency_key);
  for (int tries = 1; tries < kTries && !app.ok() && MayPass(app.error()); ++tries) {
    bar.Clear();
    const auto pause = std::chrono::floor<std::chrono::seconds>(PauseBefore(app.error(), kPause));
    session.Info("Trying again in " + std::to_string(pause.count()) + " s: " + app.error().message);
    session.context.sleep(pause);
    app = api.Send("/v1/Apps", upload, idempotency_key);
  }
  bar.Clear();
  if (app.ok()) {
    WarnAbout(app.value(), session);
  }
  return app;
}

Outcome RunCreateApp(const CreateAppOptions& options, Session& session) {
  STRATA_TRY(OpenBundleFile(options.file));
  if (!options.bundle_out.empty()) {
    STRATA_TRY(CheckPlace(options.bundle_out, Overwrite::kReplace));
  }
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(const JsonObject app,
                    UploadApp(options.file, options.unique_name, api, session));
  if (!options.bundle_out.empty()) {
    const std::string sid = TextField(app, "sid");
    const Outcome written = WriteSignedBundle(options, sid, api);
    if (!written.ok()) {
      Problem problem = written.error();
      problem.message = "the app is " + sid + ", but " + problem.message;
      return problem;
    }
    session.Info("Bundle written to file: " + options.bundle_out);
  }
  WriteResource(session, app, "sid,uniqueName");
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
  verb.add_option("--bundle-out",
                  options->bundle_out,
                  "Write the bundle with the manifest that the cloud keeps, signed by it where the "
                  "account has development signing on");
  Bind(verb, session, options, RunCreateApp);
}

}  // namespace strata::cli
