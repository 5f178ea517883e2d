// SPDX-License-Identifier: Apache-2.0
#include "devices/devices.hpp"
#include "devices/enrolment_tokens.hpp"
#include "settings/settings.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

Expected<std::string> Filtered(const ListDevicesOptions& options, const Context& context) {
  STRATA_TRY_ASSIGN(const std::string silent_since,
                    PastDate(options.silent_since, "--silent-since", context.wall_now()));
  return WithQuery("/v1/Devices",
                   {{"State", options.state},
                    {"App", options.app},
                    {"Name", options.name},
                    {"Tag", options.tag},
                    {"SilentSince", silent_since}});
}

}  // namespace

Outcome RunListDevices(const ListDevicesOptions& options, Session& session) {
  STRATA_TRY_ASSIGN(const std::string path, Filtered(options, session.context));
  return ShowList(session, path, "devices", "sid,uniqueName", options.list);
}

void AddListDevices(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun,
              session,
              "list",
              "List the account's devices, newest first, or those that meet all filters",
              "strata devices list --state error --tag workshop --silent-since 24h");
  auto options = std::make_shared<ListDevicesOptions>();
  AddListOptions(verb, options->list);
  const auto add = [&verb](const char* name, std::string& value, const char* what) {
    return verb.add_option(name, value, what)->group("Filter");
  };
  add("--state", options->state, "up-to-date, pending or error")
      ->check(CLI::IsMember({"up-to-date", "pending", "error"}));
  add("--app", options->app, "SID or unique name of their target app");
  add("--name", options->name, "How their unique names begin");
  add("--tag", options->tag, "A tag that they have");
  add("--silent-since",
      options->silent_since,
      "Not heard since a date such as 2026-01-31T12:00:00Z or for so long: 90m, 24h, 7d");
  Bind(verb, session, options, RunListDevices);
}

void AddDevices(CLI::App& noun, Session& session) {
  AddProvision(noun, session);
  AddEnrolmentTokens(noun, session);
  AddListDevices(noun, session);
  AddFetchDevice(noun, session);
  AddUpdateDevice(noun, session);
  AddRemoveDevice(noun, session);
  AddListUpdates(noun, session);
  AddDeviceCounts(noun, session);
  AddDeviceHistory(noun, session);
  AddSettings(noun, session, {.secret = false, .of_device = true});
  AddSettings(noun, session, {.secret = true, .of_device = true});
}

}  // namespace strata::cli
