// SPDX-License-Identifier: Apache-2.0
/// What a verb may touch outside itself: streams, environment, the cloud, time. Composed in main;
/// tests pass their own. Ownership: streams outlive the Context.
#pragma once

#include <chrono>
#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "support/http.hpp"
#include "support/outcome.hpp"
#include "support/program.hpp"

namespace strata::cli {

/// Environment variables, read once at the start.
class Environment {
 public:
  explicit Environment(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  static Environment OfProcess();

  /// nullopt when it is not set or empty.
  [[nodiscard]] std::optional<std::string> Get(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

struct Context {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_tty = false;
  bool err_is_tty = false;
  std::size_t err_columns = 80;  ///< width of the terminal behind `err`
  Environment env;
  /// A client for one cloud. * any Problem of MakeCurlClient.
  std::function<Expected<std::unique_ptr<HttpClient>>(const Connection&)> make_client;
  std::function<void(std::chrono::milliseconds)> sleep;
  std::function<std::chrono::steady_clock::time_point()> now;
  /// The time of day, to compare with the cloud's dates.
  std::function<std::chrono::system_clock::time_point()> wall_now = std::chrono::system_clock::now;
  /// RunProgram of program.hpp.
  std::function<Expected<int>(const std::vector<std::string>& words, bool quiet)> run_program =
      RunProgram;
};

/// The process's own streams, environment and time, and clients over libcurl.
Context ProcessContext();

/// Asks on the terminal, without echo when `secret`; from a pipe just reads a line.
/// * kInvalidArgument: end of input or an empty line; names `what`.
Expected<std::string> Ask(Context& context, const std::string& what, bool secret);

}  // namespace strata::cli
