// SPDX-License-Identifier: Apache-2.0
/// One run of the program: the context, the options every verb has, and what the chosen verb shall
/// do.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "support/api.hpp"
#include "support/context.hpp"
#include "support/outcome.hpp"

namespace strata::cli {

enum class Format { kColumns, kJson, kTsv, kNone };
enum class LogLevel { kDebug, kInfo, kWarn, kError, kNone };

struct CommonOptions {
  std::string format = "columns";
  std::string log_level = "info";
  bool silent = false;
  bool no_header = false;
  std::string properties;
  std::string profile;

  [[nodiscard]] Format OutputFormat() const;
  [[nodiscard]] LogLevel Level() const;
};

struct Session {
  explicit Session(Context& surroundings) : context(surroundings) {}

  Context& context;
  CommonOptions common;
  std::function<Outcome()> action;  ///< set by the verb that was parsed
  int usage_exit_code = 1;          ///< of a wrong command line; the original's is 2

  /// A client with the chosen credentials. * as ChooseConnection and the context's make_client.
  [[nodiscard]] Expected<Api> Connect() const;

  [[nodiscard]] bool Shows(LogLevel level) const { return common.Level() <= level; }

  /// A line on stderr, unless the log level hides it.
  void Debug(std::string_view line) const;
  void Info(std::string_view line) const;
  void Warn(std::string_view line) const;
};

}  // namespace strata::cli
