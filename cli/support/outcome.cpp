// SPDX-License-Identifier: Apache-2.0
#include "support/outcome.hpp"

#include "support/text.hpp"

namespace strata::cli {

Problem FromFailure(const bundle::Failure& failure) {
  return Local(failure.error.code, failure.message);
}

Problem Local(Code code, std::string message, std::string next_step) {
  const ErrorText& text = TextOf(code);
  Problem problem;
  problem.code = static_cast<int>(code);
  problem.name = std::string(text.name);
  problem.message = std::move(message);
  problem.next_step = next_step.empty() ? std::string(text.next_step) : std::move(next_step);
  return problem;
}

Problem Usage(std::string message) {
  Problem problem = Local(Code::kInvalidArgument, {});
  problem.source = Problem::Source::kUsage;
  problem.message = std::move(message);
  return problem;
}

int ExitCodeOf(const Problem& problem) {
  if (problem.source == Problem::Source::kUsage || problem.code <= 0) {
    return 1;
  }
  int code = problem.code;
  while (code >= 100) {
    code /= 10;
  }
  return code;
}

std::string LineOf(const Problem& problem) {
  if (problem.source == Problem::Source::kUsage) {
    return Printable("error: " + problem.message);
  }
  if (problem.source == Problem::Source::kCloud) {
    const std::string code = problem.code > 0 ? std::to_string(problem.code) : "N/A";
    std::string line = "Error code " + code + " from Strata: " + problem.message + ".";
    if (!problem.more_info.empty()) {
      line += " See " + problem.more_info + " for more info.";
    }
    return Printable(line);
  }
  std::string line =
      "error " + std::to_string(problem.code) + " " + problem.name + ": " + problem.message;
  if (!problem.next_step.empty()) {
    line += ". Next step: " + problem.next_step;
  }
  return Printable(line);
}

}  // namespace strata::cli
