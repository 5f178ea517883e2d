// SPDX-License-Identifier: Apache-2.0
#include "devices/devices.hpp"

namespace strata::cli {
namespace {

/// Many at once from a file; what belongs to one device alone makes no sense there.
void AddCsvOption(CLI::App& verb, ProvisionOptions& options) {
  auto* csv = verb.add_option("--csv",
                              options.csv,
                              "Have the certificate requests of this file certified instead: "
                              "columns unique_name, csr, tags, hardware; results go to --out");
  for (const char* other : {"--unique-name",
                            "--signer",
                            "--layer-key",
                            "--rotation-key",
                            "--receiver-key",
                            "--development",
                            "--tag",
                            "--install",
                            "--enrolment-token-file"}) {
    csv->excludes(verb.get_option(other));
  }
}

/// Without the account's credentials.
void AddTokenOptions(CLI::App& verb, ProvisionOptions& options) {
  auto* token = verb.add_option("--enrolment-token-file",
                                options.token_file,
                                "File with an enrolment token, which is used up, instead of the "
                                "account's credentials; it decides the tags");
  auto* url = verb.add_option(
      "--device-url", options.device_url, "With an enrolment token: the cloud's URL for devices");
  verb.add_option("--ca-cert",
                  options.ca_file,
                  "With an enrolment token: the cloud's CA (PEM) to trust [the system's]")
      ->needs(token);
  token->needs(url);
  url->needs(token);
  for (const char* other : {"--development", "--tag", "--rotation-key", "--install"}) {
    token->excludes(verb.get_option(other));
  }
}

}  // namespace

void AddProvision(CLI::App& noun, Session& session) {
  CLI::App& verb =
      AddVerb(noun,
              session,
              "provision",
              "Make a device: its identity here, its certificate from the cloud, its directory",
              "strata devices provision --out device1 --hardware mps2-an505");
  auto options = std::make_shared<ProvisionOptions>();
  verb.add_option(
          "--out", options->out, "The device's directory; must not exist (but with --csv it may)")
      ->required();
  verb.add_option("--unique-name", options->unique_name, "A name for the device");
  verb.add_option(
      "--signer", options->signers, "Public key of a manifest signer to trust; repeatable");
  verb.add_option("--layer-key", options->layer_keys, "Private layer key to hold; repeatable");
  verb.add_option(
      "--rotation-key", options->rotation_keys, "Public rotation key to trust; repeatable");
  verb.add_option("--receiver-key",
                  options->receiver_key,
                  "Private receiver key to hold: opens layer keys that key changes bring");
  verb.add_option("--hardware", options->hardware, "Hardware profile")->capture_default_str();
  verb.add_flag(
      "--development",
      options->development,
      "A device for development: also trusts the account's development key, which the cloud holds");
  verb.add_option("--tag", options->tags, "A tag for the device; repeatable");
  for (const char* repeatable : {"--signer", "--layer-key", "--rotation-key", "--tag"}) {
    verb.get_option(repeatable)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  verb.add_option(
      "--install",
      options->install,
      "Bundle of an app of the account: the device gets it as its target app and has it "
      "in place before it ever runs");
  AddTokenOptions(verb, *options);
  AddCsvOption(verb, *options);
  Bind(verb, session, options, RunProvision);
}

}  // namespace strata::cli
