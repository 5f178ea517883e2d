// SPDX-License-Identifier: Apache-2.0
#include "devices/devices.hpp"
#include "devices/follow.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {

namespace {

Expected<Fields> Changes(const UpdateDeviceOptions& options) {
  Fields form;
  if (options.unique_name) {
    form.emplace_back("UniqueName", *options.unique_name);
  }
  if (options.target_app) {
    form.emplace_back("TargetApp", *options.target_app);
  }
  if (options.logging_enabled) {
    form.emplace_back("LoggingEnabled", *options.logging_enabled ? "true" : "false");
  }
  if (options.restart_app) {
    form.emplace_back("RestartApp", *options.restart_app ? "true" : "false");
  }
  if (options.no_tags || !options.tags.empty()) {
    STRATA_TRY_ASSIGN(std::string tags, JoinTags(options.tags));
    form.emplace_back("Tags", std::move(tags));
  }
  return form;
}

void AddSwitch(CLI::App& verb,
               const std::string& name,
               std::optional<bool>& value,
               const std::string& what) {
  const auto take = [&value](const std::string& text) -> std::string {
    if (text != "true" && text != "false") {
      return "'" + text + "' is neither true nor false";
    }
    value = text == "true";  // the last one stays
    return {};
  };
  verb.add_flag("--" + name + ",!--no-" + name, what)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->check(CLI::Validator(take, ""));
}

}  // namespace

Expected<std::string> JoinTags(const std::vector<std::string>& tags) {
  for (const std::string& tag : tags) {
    if (tag.find(',') != std::string::npos) {
      return Usage("a tag has no comma: give each with a --tag of its own");
    }
  }
  return Join(tags, ',');
}

Outcome RunUpdateDevice(const UpdateDeviceOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.sid, "device"));
  STRATA_TRY_ASSIGN(const Fields form, Changes(options));
  if (options.wait && !options.target_app) {
    return Usage("--wait follows a new --target-app; give one");
  }
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  const std::string path = "/v1/Devices/" + PercentEncode(options.sid);
  if (form.empty()) {
    session.Info("Nothing was given that shall change");
  }
  STRATA_TRY_ASSIGN(JsonObject device, form.empty() ? api.Get(path) : api.Post(path, form));
  if (options.wait) {
    STRATA_TRY_ASSIGN(device, FollowDeployment(device, options.timeout_sec, api, session));
  }
  WriteResource(session, device, "sid,uniqueName");
  return Done{};
}

void AddUpdateDevice(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun,
              session,
              "update",
              "Give a device another app (also an earlier one) or another name, take its log, "
              "restart its app",
              "strata devices update --sid my-device --target-app my-app-1.0 --wait");
  auto options = std::make_shared<UpdateDeviceOptions>();
  AddSidOption(verb, options->sid);
  verb.add_option("--unique-name", options->unique_name, "New unique name; empty clears it");
  verb.add_option("--target-app", options->target_app, "SID or unique name of the app to run");
  AddSwitch(verb,
            "logging-enabled",
            options->logging_enabled,
            "Take the device's log, or take it for longer: for 24 hours from now");
  AddSwitch(verb, "restart-app", options->restart_app, "Restart the app that runs now");
  auto* tags = verb.add_option(
      "--tag", options->tags, "A tag; repeatable: all that the device shall have from now on");
  tags->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_flag("--no-tags", options->no_tags, "Take all the device's tags away")->excludes(tags);
  auto* wait =
      verb.add_flag("--wait", options->wait, "Follow the update until it is confirmed or failed");
  verb.add_option("--timeout", options->timeout_sec, "Longest wait in seconds (default 600)")
      ->needs(wait)
      ->check(WholeSeconds());
  Bind(verb, session, options, RunUpdateDevice);
}

}  // namespace strata::cli
