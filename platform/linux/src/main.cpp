// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <system_error>

#include <CLI/CLI.hpp>

#include "strata/manual/man_page.hpp"

#include "commands.hpp"

namespace {

using strata::Code;
using strata::device::Complain;
using strata::device::InstallOptions;
using strata::device::RunOptions;
using strata::device::StatusOptions;

constexpr int kUsage = 2;

void AddRun(CLI::App& program, RunOptions& options) {
  CLI::App* const verb =
      program.add_subcommand("run", "Run the device in the foreground until SIGTERM or SIGINT");
  verb->add_option(
          "--dir", options.directory, "Device directory, as `strata devices provision` made it")
      ->required();
  verb->add_option("--max-range", options.max_range_bytes, "Bytes of a layer asked for at once")
      ->check(CLI::Range(256U, 16U * 1024 * 1024))
      ->capture_default_str();
  verb->add_option(
      "--launcher", options.launcher, "Secure launcher (ELF); default: beside the program");
  verb->add_option("--qemu", options.qemu, "Emulator that runs the app")->capture_default_str();
  verb->footer("Example:\n  strata-device run --dir ./board-1");
}

void AddInstall(CLI::App& program, InstallOptions& options) {
  CLI::App* const verb = program.add_subcommand(
      "install",
      "Install the first app of a new device, as `strata devices provision --install` does");
  verb->add_option("--dir", options.directory, "Device directory that never ran")->required();
  verb->add_option("--parts", options.parts, "Folder of its manifest and layers, named by SHA-256")
      ->required();
  verb->add_option("--app", options.app, "SID of the app")->required();
  verb->add_option("--manifest", options.manifest, "SHA-256 of its manifest")->required();
  verb->add_option("--deployment", options.deployment, "Id of the deployment")->required();
  verb->footer(
      "Example:\n"
      "  strata-device install --dir ./board-1 --parts ./parts --app "
      "KA0123456789abcdef0123456789abcdef "
      "\\\n"
      "    --manifest $(sha256sum < manifest | cut -c-64) --deployment "
      "00112233445566778899aabbccddeeff");
}

void AddStatus(CLI::App& program, StatusOptions& options) {
  CLI::App* const verb =
      program.add_subcommand("status", "Say what the device runs, whether or not it is running");
  verb->add_option("--dir", options.directory, "Device directory")->required();
  verb->add_option_function<std::string>(
          "-o,--output",
          [&options](const std::string& format) { options.json = format == "json"; },
          "Output: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
  verb->footer("Example:\n  strata-device status --dir ./board-1 -o json");
}

void AddMan(CLI::App& program, std::string& directory) {
  CLI::App* const verb = program.add_subcommand("man", "Write the man pages of all verbs");
  verb->add_option("--out", directory, "Directory; made when it is missing")->required();
  verb->footer("Example:\n  strata-device man --out ~/.local/share/man/man1");
}

int WriteMan(const CLI::App& program, const std::string& directory) {
  const strata::manual::Program about{
      .name = "strata-device",
      .version = STRATA_VERSION,
      .exit_status = "0 when it happened, 1 when it did not, 2 for a wrong command line.",
      .see_also = {"strata", "strata-cloud"}};
  const auto failed = strata::manual::WritePages(directory, about, strata::manual::TreeOf(program));
  return failed
             ? Complain(Code::kIo,
                        failed->path.string() +
                            " can't be written: " + std::generic_category().message(failed->error))
             : 0;
}

/// Help, version, or what is wrong with the command line.
int EndParsing(const CLI::App& program, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    return program.exit(error);
  }
  const auto verbs = program.get_subcommands();
  return Complain(Code::kInvalidArgument,
                  strata::manual::WhatIsWrong(program, error) + "; see strata-device " +
                      (verbs.empty() ? "" : verbs.front()->get_name() + " ") + "--help",
                  kUsage);
}

int ParseAndRun(int argc, char** argv) {
  CLI::App program(
      "The Strata device on Linux: keeps the app that the cloud wants, completely or not at all.",
      "strata-device");
  program.set_version_flag("--version", "strata-device " STRATA_VERSION);
  program.require_subcommand(1);
  RunOptions run;
  InstallOptions install;
  StatusOptions status;
  std::string man_directory;
  AddRun(program, run);
  AddInstall(program, install);
  AddStatus(program, status);
  AddMan(program, man_directory);
  program.footer(
      "Examples:\n"
      "  strata devices provision --unique-name board-1 --out ./board-1\n"
      "  strata-device run --dir ./board-1");
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return EndParsing(program, error);
  }
  if (program.got_subcommand("man")) {
    return WriteMan(program, man_directory);
  }
  if (program.got_subcommand("install")) {
    return strata::device::Install(install);
  }
  return program.got_subcommand("run") ? strata::device::Run(run)
                                       : strata::device::ShowStatus(status);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // libcurl would write session keys there.
  ::unsetenv("SSLKEYLOGFILE");
  try {
    return ParseAndRun(argc, argv);
  } catch (const std::exception& error) {
    return Complain(Code::kInternal, error.what());
  }
}
