// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "support/run.hpp"

int main(int argc, char** argv) {
  strata::cli::Context context = strata::cli::ProcessContext();
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return strata::cli::Run(argc > 0 ? argv[0] : "strata", arguments, context);
}
