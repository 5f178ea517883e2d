// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdlib>
#include <iostream>

#include <CLI/CLI.hpp>

#include "commands.hpp"

namespace {

constexpr int kUsage = 2;

int Parse(int argc, char** argv) {
  CLI::App program(
      "The Strata device on Linux: keeps the app that the cloud wants, completely or not at all.",
      "strata-device");
  program.set_version_flag("--version", "strata-device " STRATA_VERSION);
  program.require_subcommand(1);

  strata::device::RunOptions run;
  CLI::App* run_verb =
      program.add_subcommand("run", "Run the device in the foreground until SIGTERM or SIGINT");
  run_verb
      ->add_option(
          "--dir", run.directory, "Device directory, as `strata devices provision` made it")
      ->required();
  run_verb->add_option("--max-range", run.max_range_bytes, "Bytes of a layer asked for at once")
      ->check(CLI::Range(256U, 16U * 1024 * 1024))
      ->capture_default_str();
  run_verb->add_option(
      "--launcher", run.launcher, "Secure launcher (ELF); default: beside the program");
  run_verb->add_option("--qemu", run.qemu, "Emulator that runs the app")->capture_default_str();

  strata::device::InstallOptions install;
  CLI::App* install_verb = program.add_subcommand(
      "install",
      "Install the first app of a new device, as `strata devices provision --install` does");
  install_verb->add_option("--dir", install.directory, "Device directory that never ran")
      ->required();
  install_verb
      ->add_option("--parts", install.parts, "Folder of its manifest and layers, named by SHA-256")
      ->required();
  install_verb->add_option("--app", install.app, "SID of the app")->required();
  install_verb->add_option("--manifest", install.manifest, "SHA-256 of its manifest")->required();
  install_verb->add_option("--deployment", install.deployment, "Id of the deployment")->required();

  strata::device::StatusOptions status;
  std::string format = "text";
  CLI::App* status_verb =
      program.add_subcommand("status", "Say what the device runs, whether or not it is running");
  status_verb->add_option("--dir", status.directory, "Device directory")->required();
  status_verb->add_option("-o,--output", format, "Output: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return program.exit(error);
    }
    std::cerr << "strata-device: " << error.what() << "; see strata-device --help\n";
    return kUsage;
  }
  status.json = format == "json";
  if (install_verb->parsed()) {
    return strata::device::Install(install);
  }
  return run_verb->parsed() ? strata::device::Run(run) : strata::device::ShowStatus(status);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // libcurl would write session keys there.
  ::unsetenv("SSLKEYLOGFILE");
  try {
    return Parse(argc, argv);
  } catch (const std::exception& error) {
    return strata::device::Complain(error.what());
  }
}
