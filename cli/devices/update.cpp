// SPDX-License-Identifier: Apache-2.0
#include "devices/devices.hpp"
#include "devices/follow.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {

Outcome RunUpdateDevice(const UpdateDeviceOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "device"));
  if (!options.unique_name && !options.target_app) {
    return Usage("nothing to change: give --target-app or --unique-name");
  }
  if (options.wait && !options.target_app) {
    return Usage("--wait follows a new --target-app; give one");
  }
  Fields form;
  if (options.unique_name) {
    form.emplace_back("UniqueName", *options.unique_name);
  }
  if (options.target_app) {
    form.emplace_back("TargetApp", *options.target_app);
  }
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  STRATA_TRY_ASSIGN(JsonObject device, api.Post("/v1/Devices/" + PercentEncode(options.sid), form));
  if (options.wait) {
    const std::string sid = TextField(device, "sid");
    const std::string deployment = TextField(ObjectField(device, "app"), "deployment_id");
    if (sid.empty() || deployment.empty()) {
      return Local(Code::kCloudProtocol, "the answer names no deployment that could be followed");
    }
    STRATA_TRY_ASSIGN(device, FollowUpdate(session, api, sid, deployment, options.timeout_sec));
    const JsonObject app = ObjectField(device, "app");
    session.Info("Confirmed: " + sid + " runs " + TextField(app, "reported_sid"));
  }
  WriteResource(session, device, "sid,uniqueName");
  return Done{};
}

void AddUpdateDevice(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "update",
                           "Give a device another app (also an earlier one) or another name",
                           "strata devices update --sid my-device --target-app my-app-1.0 --wait");
  auto options = std::make_shared<UpdateDeviceOptions>();
  AddSidOption(verb, options->sid);
  verb.add_option("--unique-name", options->unique_name, "New unique name; empty clears it");
  verb.add_option("--target-app", options->target_app, "SID or unique name of the app to run");
  auto* wait =
      verb.add_flag("--wait", options->wait, "Follow the update until it is confirmed or failed");
  verb.add_option("--timeout", options->timeout_sec, "Longest wait in seconds (default 600)")
      ->needs(wait)
      ->check(CLI::PositiveNumber);
  Bind(verb, session, options, RunUpdateDevice);
}

}  // namespace strata::cli
