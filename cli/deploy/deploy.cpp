// SPDX-License-Identifier: Apache-2.0
#include "deploy/deploy.hpp"

#include "apps/apps.hpp"
#include "deploy/project.hpp"
#include "devices/follow.hpp"
#include "logs/logs.hpp"
#include "support/files.hpp"
#include "support/key_files.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

std::string DeviceOf(const DeployOptions& options, const Environment& env) {
  if (!options.device.empty()) {
    return options.device;
  }
  return env.Get("STRATA_DEVICE_SID").value_or(env.Get("MV_DEVICE_SID").value_or(""));
}

/// The debug key's public half for the bundle: as given, or made now.
Expected<std::string> DebugKey(const DeployOptions& options,
                               const Project& project,
                               const Session& session) {
  if (!options.make_keys) {
    return options.public_key;
  }
  const fs::path private_file = options.private_key.empty()
                                    ? project.build / "debug_auth_prv_key.pem"
                                    : fs::path(options.private_key);
  const fs::path public_file = options.public_key.empty() ? project.build / "debug_auth_pub_key.pem"
                                                          : fs::path(options.public_key);
  std::error_code error;
  if (fs::exists(private_file, error) && fs::exists(public_file, error)) {
    session.Info("Using the debug keys " + private_file.string() + " and " + public_file.string());
    return public_file.string();
  }
  fs::create_directories(project.build, error);
  STRATA_TRY(GenerateKeyPair(private_file, public_file, Overwrite::kRefuse));
  session.Info("Debug keys written to " + private_file.string() + " and " + public_file.string());
  return public_file.string();
}

Expected<std::string> MakeBundle(const DeployOptions& options,
                                 const Project& project,
                                 const JsonObject& device,
                                 const Session& session) {
  CreateBundleOptions bundle = options.bundle;
  // A program that is named may lie where nobody wants files of ours.
  fs::path directory = project.build;
  if (bundle.rom.empty()) {
    STRATA_TRY_ASSIGN(const fs::path rom, FindBuiltProgram(project));
    bundle.rom = rom.string();
    directory = fs::absolute(rom).parent_path();
  }
  const std::string hardware = TextField(device, "hardware_type");
  if (bundle.hardware.empty()) {
    bundle.hardware = hardware.empty() ? CreateBundleOptions().hardware : hardware;
  }
  STRATA_TRY_ASSIGN(const std::string debug_key, DebugKey(options, project, session));
  if (!debug_key.empty()) {
    bundle.debug_auth_pubkey = debug_key;
  }
  if (options.bundle_out.empty()) {
    std::error_code error;
    fs::create_directories(directory, error);
  }
  bundle.out = options.bundle_out.empty() ? (directory / (project.name + ".zip")).string()
                                          : options.bundle_out;
  session.Info("Bundling " + project.name + "...");
  STRATA_TRY(WriteBundle(bundle, session));
  return bundle.out;
}

Outcome CheckOptions(const DeployOptions& options, const std::string& device) {
  if (options.build_only && options.deploy_only) {
    return Usage("--build and --deploy exclude one another; without both it does both");
  }
  if (options.build_only && (options.log || options.log_only)) {
    return Usage("--build deploys nothing that could log");
  }
  if (!options.build_only && device.empty()) {
    return Usage("name the device with --device-sid SID_OR_NAME, or set STRATA_DEVICE_SID");
  }
  if (!options.make_keys && options.public_key.empty() && !options.private_key.empty()) {
    return Usage(
        "--privatekey goes with --publickey or --genkeys; the bundle takes the public key");
  }
  return Done{};
}

struct Given {
  JsonObject device;
  std::string log_begin;  ///< the last line of its log before it was given the app
};

/// Gives the device the app and waits as told. Of an update that fails the log is shown.
Expected<Given> GiveApp(const DeployOptions& options,
                        const std::string& app,
                        const std::string& device,
                        Api& api,
                        const Session& session) {
  Given given;
  Fields form{{"TargetApp", app}};
  if (options.log) {
    STRATA_TRY_ASSIGN(given.log_begin, NewestLogId(device, api));
    form.emplace_back("LoggingEnabled", "true");
  }
  STRATA_TRY_ASSIGN(given.device, api.Post("/v1/Devices/" + PercentEncode(device), form));
  if (options.no_wait) {
    return given;
  }
  Expected<JsonObject> followed = FollowDeployment(given.device, options.timeout_sec, api, session);
  if (!followed.ok()) {
    if (options.log) {
      static_cast<void>(
          FollowLog(device, {.last_id = given.log_begin, .follow = false}, api, session).ok());
    }
    return followed.error();
  }
  given.device = std::move(followed).value();
  return given;
}

}  // namespace

Outcome RunDeploy(const DeployOptions& options, Session& session) {
  const std::string name = DeviceOf(options, session.context.env);
  STRATA_TRY(CheckOptions(options, name));
  if (options.log_only) {
    return RunStreamLogs({.device = name}, session);
  }
  STRATA_TRY_ASSIGN(const Project project, OpenProject(options.project));
  std::optional<Api> api;
  JsonObject device;
  // A bundle needs the hardware's name, and who names a device has named that.
  const bool asks_for_hardware = !name.empty() && options.bundle.hardware.empty();
  if (!options.build_only || asks_for_hardware) {
    STRATA_TRY_ASSIGN(api, session.Connect());
    STRATA_TRY_ASSIGN(device, api->Get("/v1/Devices/" + PercentEncode(name)));
  }
  if (!options.deploy_only) {
    STRATA_TRY(BuildProject(project, options.cmake_options, options.clean, session));
  }
  STRATA_TRY_ASSIGN(const std::string zip, MakeBundle(options, project, device, session));
  JsonObject record{{"bundle", zip}};
  if (options.build_only) {
    WriteRecords(session, {record}, "bundle");
    return Done{};
  }
  const std::string sid = TextField(device, "sid");
  session.Info("Uploading " + zip + "...");
  STRATA_TRY_ASSIGN(const JsonObject app, UploadApp(zip, options.unique_name, *api, session));
  const std::string app_sid = TextField(app, "sid");
  session.Info("Assigning app " + app_sid + " to device " + sid + "...");
  STRATA_TRY_ASSIGN(Given given, GiveApp(options, app_sid, sid, *api, session));
  record["appSid"] = app_sid;
  record["deviceSid"] = sid;
  record["updateStatus"] = TextField(ObjectField(given.device, "app"), "update_status");
  WriteRecords(session, {record}, "appSid,deviceSid,updateStatus");
  if (!options.log) {
    return Done{};
  }
  session.Info("Logging from " + sid + "...");
  return FollowLog(sid, {.last_id = given.log_begin}, *api, session);
}

void AddDeploy(CLI::App& root, Session& session) {
  CLI::App& verb =
      AddVerb(root,
              session,
              "deploy",
              "Build a CMake project, bundle and upload the program, give it to a device "
              "and wait until it is confirmed",
              "strata deploy path/to/project --device-sid board-1");
  // The original called its plain format so.
  verb.get_option("--output")->transform([](std::string format) {
    return format == "text" ? std::string("columns") : format;
  });
  auto options = std::make_shared<DeployOptions>();
  options->bundle.hardware.clear();
  verb.add_option("PROJECT", options->project, "Directory of a CMake project")->required();
  verb.add_option("--device-sid,--devicesid",
                  options->device,
                  "SID or unique name of the device (default: $STRATA_DEVICE_SID, $MV_DEVICE_SID)");
  verb.add_flag("-b,--build", options->build_only, "Only build and bundle");
  verb.add_flag("-d,--deploy", options->deploy_only, "Don't build: deploy what was built before");
  verb.add_flag("-c,--clean", options->clean, "Build from the beginning");
  verb.add_option(
          "--cmake-option",
          options->cmake_options,
          "Passed to cmake when it configures, e.g. --cmake-option=-DCMAKE_BUILD_TYPE=Release; "
          "repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_option("--rom", options->bundle.rom, "The program, when the build makes several");
  verb.add_option("--unique-name", options->unique_name, "A name for this build");
  verb.add_option("--bundle-out",
                  options->bundle_out,
                  "File to write the bundle to (default: beside the program that the build made; "
                  "with --rom in the project's build directory)");
  verb.add_flag(
      "--genkeys", options->make_keys, "Allow debugging with new keys, or those of last time");
  verb.add_option("--publickey", options->public_key, "Allow debugging with this public key");
  verb.add_option("--privatekey", options->private_key, "Where --genkeys puts the private key");
  verb.add_flag("--log", options->log, "Turn the device's logging on and follow its log");
  verb.add_flag("--log-only,--logonly", options->log_only, "Only follow the device's log");
  auto* no_wait = verb.add_flag("--no-wait", options->no_wait, "Don't wait for the device");
  verb.add_option("--timeout", options->timeout_sec, "Longest wait in seconds (default 600)")
      ->excludes(no_wait)
      ->check(WholeSeconds());
  AddBundleOptions(verb, options->bundle);
  Bind(verb, session, options, RunDeploy);
}

}  // namespace strata::cli
