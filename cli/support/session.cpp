// SPDX-License-Identifier: Apache-2.0
#include "support/session.hpp"

#include "support/profiles.hpp"
#include "support/text.hpp"
#include "support/trace.hpp"

namespace strata::cli {

Format CommonOptions::OutputFormat() const {
  if (silent) {
    return Format::kNone;
  }
  if (format == "json") {
    return Format::kJson;
  }
  if (format == "tsv") {
    return Format::kTsv;
  }
  return format == "none" ? Format::kNone : Format::kColumns;
}

LogLevel CommonOptions::Level() const {
  if (silent || log_level == "none") {
    return LogLevel::kNone;
  }
  if (log_level == "debug") {
    return LogLevel::kDebug;
  }
  if (log_level == "warn") {
    return LogLevel::kWarn;
  }
  return log_level == "error" ? LogLevel::kError : LogLevel::kInfo;
}

Expected<Api> Session::Connect() const {
  STRATA_TRY_ASSIGN(const Connection connection, ChooseConnection(context.env, common.profile));
  STRATA_TRY_ASSIGN(std::unique_ptr<HttpClient> client, context.make_client(connection));
  if (Shows(LogLevel::kDebug)) {
    Debug("Using profile: " + connection.profile);
    Debug(connection.url + " as " + connection.user);
    client = Traced(std::move(client), [this](std::string_view line) { Debug(line); });
  }
  return Api(std::move(client));
}

void Session::Info(std::string_view line) const {
  if (Shows(LogLevel::kInfo)) {
    context.err << Printable(line) << '\n';
  }
}

void Session::Debug(std::string_view line) const {
  if (Shows(LogLevel::kDebug)) {
    context.err << "[DEBUG] " << Printable(line) << '\n';
  }
}

void Session::Warn(std::string_view line) const {
  if (Shows(LogLevel::kWarn)) {
    context.err << "warning: " << Printable(line) << '\n';
  }
}

}  // namespace strata::cli
