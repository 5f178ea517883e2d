// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include <boost/json.hpp>

#include "logs/logs.hpp"
#include "support/output.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{1'000};
constexpr milliseconds kLongestPause{30'000};
constexpr std::size_t kTypeWidth = 13;

std::string LogsPath(const std::string& device) {
  return "/v1/Devices/" + PercentEncode(device) + "/Logs";
}

std::string LineText(const JsonObject& line) {
  std::string type = "[" + Printable(TextField(line, "type")) + "]";
  type.resize(std::max(type.size(), kTypeWidth), ' ');
  return Printable(TextField(line, "timestamp")) + " " + type + " " +
         Printable(TextField(line, "text"));
}

void WriteLine(const Session& session, const JsonObject& line) {
  std::ostream& out = session.context.out;
  switch (session.common.OutputFormat()) {
    case Format::kNone:
      return;
    case Format::kJson:
      out << boost::json::serialize(line) << "\n";
      break;
    case Format::kTsv:
      out << TsvCell(TextField(line, "timestamp")) << "\t" << TsvCell(TextField(line, "type"))
          << "\t" << TsvCell(TextField(line, "text")) << "\n";
      break;
    case Format::kColumns:
      out << LineText(line) << "\n";
      break;
  }
  out.flush();
}

}  // namespace

Outcome FollowLog(const std::string& device,
                  const LogFollowing& following,
                  Api& api,
                  const Session& session) {
  const std::string path = LogsPath(device) + "/Stream" + (following.follow ? "" : "?Follow=false");
  std::string last_id = following.last_id;
  std::uint32_t shown = 0;
  bool enough = false;
  milliseconds pause = kFirstPause;
  const auto take = [&](const JsonObject& line) {
    WriteLine(session, line);
    pause = kFirstPause;
    ++shown;
    enough = (following.lines != 0 && shown >= following.lines) || !session.context.out;
    return !enough;
  };
  while (true) {
    const Outcome ended = api.Follow(path, last_id, take);
    if (enough || (ended.ok() && !following.follow)) {
      return Done{};
    }
    if (!ended.ok()) {
      if (!following.follow || !MayPass(ended.error())) {
        return ended.error();
      }
      session.Warn("The log is interrupted: " + LineOf(ended.error()));
    }
    session.context.sleep(ended.ok() ? pause : PauseBefore(ended.error(), pause));
    pause = std::min(2 * pause, kLongestPause);
  }
}

Expected<std::string> NewestLogId(const std::string& device, Api& api) {
  ListRequest newest;
  newest.limit = 1;
  STRATA_TRY_ASSIGN(const std::vector<JsonObject> lines,
                    api.List(LogsPath(device), "logs", newest));
  return std::to_string(lines.empty() ? 0 : NumberField(lines.front(), "id"));
}

Outcome RunStreamLogs(const StreamLogsOptions& options, Session& session) {
  STRATA_TRY(RequireSid(options.device, "device"));
  STRATA_TRY_ASSIGN(Api api, session.Connect());
  LogFollowing following{.lines = options.lines};
  if (options.past) {
    return FollowLog(options.device, {.last_id = "0", .follow = false}, api, session);
  }
  if (options.enable) {
    STRATA_TRY_ASSIGN(following.last_id, NewestLogId(options.device, api));
    const auto changed =
        api.Post("/v1/Devices/" + PercentEncode(options.device), {{"LoggingEnabled", "true"}});
    if (!changed.ok()) {
      if (changed.error().code != 20006) {
        return changed.error();
      }
      session.Warn("These credentials may look but not turn logging on: " +
                   LineOf(changed.error()));
    }
  }
  session.Info("Logging from " + options.device + "...");
  return FollowLog(options.device, following, api, session);
}

void AddLogs(CLI::App& noun, Session& session) {
  CLI::App& verb = AddVerb(noun,
                           session,
                           "stream",
                           "Show a device's log as it comes; turns its logging on for 24 hours",
                           "strata logs stream board-1");
  auto options = std::make_shared<StreamLogsOptions>();
  AddSidOption(verb, options->device, "--device-sid");
  auto* lines =
      verb.add_option("--lines", options->lines, "End after so many lines (0: don't end)");
  verb.add_flag("--past", options->past, "Show what the cloud keeps, oldest first, and end")
      ->excludes(lines);
  verb.add_flag(
      "!--no-enable", options->enable, "Leave the device's logging as it is, also when it is off");
  Bind(verb, session, options, RunStreamLogs);
}

}  // namespace strata::cli
