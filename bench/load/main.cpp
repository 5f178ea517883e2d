// SPDX-License-Identifier: Apache-2.0
// bench_load: the same load for our server and for the peer that it is measured against.
#include <fstream>

#include <CLI/CLI.hpp>

#include "load.hpp"

int main(int argc, char** argv) {
  CLI::App program("Loads for benchmarks; credentials from STRATA_ACCOUNT_SID, STRATA_AUTH_TOKEN.");
  program.require_subcommand(1);
  std::string url;
  std::string paths;
  strata::bench::GetOptions get;
  strata::bench::FleetOptions fleet;
  CLI::App* const get_verb = program.add_subcommand("get", "Ask for paths over and over");
  get_verb->add_option("--identity", get.identity, "Client certificate and key, one PEM file");
  get_verb->add_option("--paths", paths, "File with a path on each line")->required();
  get_verb->add_option("--connections", get.connections)->capture_default_str();
  get_verb->add_option("--seconds", get.seconds)->capture_default_str();
  CLI::App* const make_verb = program.add_subcommand("provision", "Make devices");
  CLI::App* const poll_verb = program.add_subcommand("polls", "Let devices wait");
  for (CLI::App* const verb : {get_verb, make_verb, poll_verb}) {
    verb->add_option("--url", url, "SCHEME://ADDRESS:PORT")->required();
  }
  for (CLI::App* const verb : {make_verb, poll_verb}) {
    verb->add_option("--identities", fleet.directory, "Directory of PEM files")->required();
    verb->add_option("--count", fleet.count)->required();
  }
  CLI11_PARSE(program, argc, argv);
  get.url = fleet.url = strata::bench::ParseUrl(url);
  if (program.got_subcommand(make_verb)) {
    strata::bench::RunProvision(fleet);
  } else if (program.got_subcommand(poll_verb)) {
    strata::bench::RunPolls(fleet);
  } else {
    std::ifstream file(paths);
    for (std::string line; std::getline(file, line);) {
      get.paths.push_back(line);
    }
    if (get.paths.empty()) {
      strata::bench::Die(paths + " names no path");
    }
    strata::bench::RunGet(get);
  }
  return 0;
}
