// SPDX-License-Identifier: Apache-2.0
/// Expected<T> of the CLI: a value, or a Problem that becomes one line on stderr and an exit code.
/// Role: carries failures of files, bundles and the cloud alike; prints nothing (output.hpp does).
/// Works with STRATA_TRY and STRATA_TRY_ASSIGN.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "strata/format/bundle/expected.hpp"

namespace strata::cli {

/// What went wrong, for a person and for a script.
struct Problem {
  enum class Source {
    kHere,   ///< this program: code and name are those of docs/spec/errors.md
    kCloud,  ///< a REST answer: code and words are the cloud's
    kUsage   ///< the command line
  };

  Source source = Source::kHere;
  int code = 0;
  std::string name;
  std::string message;    ///< one line, no full stop at the end, no secret
  std::string next_step;  ///< may be empty
  std::string more_info;  ///< cloud only
  std::string body;       ///< cloud only: the answer as it came
  std::optional<std::chrono::seconds> retry_after{};  ///< cloud only: how long it wants us to wait
  bool told = false;  ///< the records on stdout say it already: no object with -o json
};

/// From a failure of format/bundle; the next step comes from the table of errors.
Problem FromFailure(const bundle::Failure& failure);

/// A failure of this program. An empty `next_step` means the table's own.
Problem Local(Code code, std::string message, std::string next_step = {});

/// The command line asks for something that makes no sense.
Problem Usage(std::string message);

/// The first two digits of the code, else 1; never 0. 20404 → 20, 811 → 81.
int ExitCodeOf(const Problem& problem);

/// Whether the same request may succeed a little later: the cloud is away, busy or stopping.
bool MayPass(const Problem& problem);

/// How long to wait before it: `usual`, or as long as the cloud wants, but at most a minute.
std::chrono::milliseconds PauseBefore(const Problem& problem, std::chrono::milliseconds usual);

/// The line for stderr, without colour and without a line feed; control characters are replaced.
std::string LineOf(const Problem& problem);

template <typename T>
class [[nodiscard]] Expected {
 public:
  Expected(T value)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<0>, std::move(value)) {}

  Expected(Problem problem)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, std::move(problem)) {}

  Expected(const bundle::Failure& failure)  // NOLINT(google-explicit-constructor)
      : Expected(FromFailure(failure)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }

  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }

  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }

  [[nodiscard]] const Problem& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Problem> state_;
};

using bundle::Done;
using Outcome = Expected<Done>;

/// The CLI's form of a result of format/bundle; `about` (a file, an option) goes before the
/// message.
template <typename T>
Expected<T> Lift(bundle::Expected<T> result, const std::string& about = {}) {
  if (result.ok()) {
    return std::move(result).value();
  }
  bundle::Failure failure = std::move(result).failure();
  if (!about.empty() && failure.message.find(about) == std::string::npos) {
    failure = std::move(failure).WithContext(about);
  }
  return FromFailure(failure);
}

}  // namespace strata::cli
