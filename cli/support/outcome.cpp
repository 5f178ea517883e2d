// SPDX-License-Identifier: Apache-2.0
#include "support/outcome.hpp"

#include <algorithm>

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

bool MayPass(const Problem& problem) {
  constexpr int kUnavailable = 20503;
  constexpr int kTooMany = 20429;
  if (problem.source == Problem::Source::kCloud) {
    return problem.code == kUnavailable || problem.code == kTooMany;
  }
  return problem.code == static_cast<int>(Code::kCloudUnreachable) ||
         problem.code == static_cast<int>(Code::kTimeout);
}

std::chrono::milliseconds PauseBefore(const Problem& problem, std::chrono::milliseconds usual) {
  constexpr std::chrono::seconds kLongest{60};
  return std::max<std::chrono::milliseconds>(
      usual, std::min(problem.retry_after.value_or(std::chrono::seconds(0)), kLongest));
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
