// SPDX-License-Identifier: Apache-2.0
#include "bundle/bundle.hpp"

namespace strata::cli {
namespace {

void AddImageOptions(CLI::App& verb, CreateBundleOptions& options) {
  verb.add_option("--hardware", options.hardware, "Hardware profile")
      ->capture_default_str()
      ->group("Image");
  verb.add_option("--at", options.at, "Place the image at START[+SIZE] of the internal medium")
      ->group("Image");
  verb.add_option("--layer", options.layers, "Data layer FILE@MEDIUM:START[+SIZE]; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group("Image");
  verb.add_option("--layer-size", options.layer_size, "Bytes per layer; takes K and M")
      ->capture_default_str()
      ->group("Image");
  verb.add_option("--app-version", options.app_version, "Version text, up to 64 bytes")
      ->group("Image");
}

void AddKeyOptions(CLI::App& verb, CreateBundleOptions& options) {
  auto* sign = verb.add_option(
      "--sign,--signing-key", options.signing_key, "Signing key (default: the profile's)");
  sign->group("Keys");
  verb.add_flag("--unsigned",
                options.is_unsigned,
                "Leave the bundle unsigned; for accounts that have development signing on")
      ->excludes(sign)
      ->group("Keys");
  verb.add_option("--encrypt-with",
                  options.layer_key,
                  "Encrypt with this layer key (private or public PEM)")
      ->group("Keys");
  verb.add_option("-k,--debug-auth-pubkey,--debug-auth-key",
                  options.debug_auth_pubkey,
                  "Allow debugging with this public key")
      ->group("Keys");
  verb.add_option("--crash-report-key",
                  options.crash_report_key,
                  "Encrypt crash reports to this public key")
      ->group("Keys");
}

void AddPolicyOptions(CLI::App& verb, CreateBundleOptions& options) {
  const auto add = [&verb](const char* name, std::string& value, const char* what) {
    verb.add_option(name, value, what)->group("Policies");
  };
  add("--connection-grace-time", options.connection_grace_time, "Seconds");
  add("--minimum-check-in-time", options.minimum_check_in_time, "Seconds; 0 stays connected");
  add("--maximum-politeness-time",
      options.maximum_politeness_time,
      "Seconds an update may wait for this app; 0 never waits");
  add("--minimum-kernel-version", options.minimum_kernel_version, "Refused by older devices");
  add("--minimum-restart-interval", options.minimum_restart_interval, "Milliseconds after a crash");
  add("--maximum-restart-interval", options.maximum_restart_interval, "Milliseconds after crashes");
  add("--crash-stack-bytes", options.crash_stack_bytes, "Stack in a crash report; takes K and M");
  add("--trial-window", options.trial_window, "Seconds the new app is on trial");
  add("--trial-crashes", options.trial_crashes, "Crashes allowed on trial");
  add("--security-counter", options.security_counter, "Devices refuse a lower one later");
  verb.add_flag("--trial-ready", options.trial_ready, "On trial the app must say it is ready")
      ->group("Policies");
}

}  // namespace

void AddBundleOptions(CLI::App& verb, CreateBundleOptions& options) {
  AddImageOptions(verb, options);
  AddKeyOptions(verb, options);
  AddPolicyOptions(verb, options);
}

void AddCreateBundle(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun,
              session,
              "create",
              "Make a signed bundle from an application",
              "strata bundle create app.elf app.zip --hardware mps2-an505 --sign release.pem");
  auto options = std::make_shared<CreateBundleOptions>();
  verb.add_option("ROM", options->rom, "The application: ELF, Intel HEX or raw binary")->required();
  verb.add_option("OUT", options->out, "The bundle to write (.zip)")->required();
  AddBundleOptions(verb, *options);
  Bind(verb, session, options, RunCreateBundle);
}

void AddBundle(CLI::App& noun, Session& session) {
  AddCreateBundle(noun, session);
  AddInspectBundle(noun, session);
  AddVerifyBundle(noun, session);
  AddSignBundle(noun, session);
}

}  // namespace strata::cli
