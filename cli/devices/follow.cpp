// SPDX-License-Identifier: Apache-2.0
#include "devices/follow.hpp"

#include <algorithm>
#include <chrono>

#include "support/progress.hpp"
#include "support/text.hpp"

namespace strata::cli {
namespace {

constexpr std::chrono::milliseconds kPollInterval{300};

enum class Standing { kPending, kDone, kFailed, kReplaced };

Standing Judge(const JsonObject& app, const std::string& deployment_id) {
  if (TextField(app, "deployment_id") != deployment_id) {
    return Standing::kReplaced;
  }
  const std::string status = TextField(app, "update_status");
  if (status == "up-to-date") {
    return Standing::kDone;
  }
  return status == "error" ? Standing::kFailed : Standing::kPending;
}

Problem UpdateProblem(const JsonObject& app) {
  const std::uint64_t code = NumberField(app, "update_error_code");
  const std::string words = TextField(app, "update_error");
  if (code == 0 || code > 999) {
    return Local(Code::kInternal,
                 "the update failed: " + (words.empty() ? "no reason given" : words));
  }
  Problem problem = Local(static_cast<Code>(code), "the update failed");
  if (problem.code != static_cast<int>(code)) {
    problem.name = "Unknown";
  }
  if (words.empty()) {
    problem.message += ": " + std::string(TextOf(static_cast<Code>(code)).what);
  } else {
    // The cloud's words carry the next step already.
    problem.message += ": " + words;
    problem.next_step.clear();
  }
  return problem;
}

/// What a person sees while waiting.
class Display {
 public:
  explicit Display(const Session& session)
      : session_(session), bar_(session), began_(session.context.now()) {}

  void Show(const JsonObject& app) {
    const std::string state = TextField(app, "update_state");
    const std::string words = state.empty() ? "waiting for the device" : WordsOfState(state);
    if (bar_.visible()) {
      const std::uint64_t total = state == "fetching-layers" ? NumberField(app, "bytes_total") : 0;
      const auto waited =
          std::chrono::floor<std::chrono::seconds>(session_.context.now() - began_).count();
      const std::string alive = waited == 0 ? "" : ", " + std::to_string(waited) + " s";
      bar_.Show(words + (total == 0 ? alive : ""), NumberField(app, "bytes_staged"), total);
      return;
    }
    if (words != shown_) {
      session_.Info(words);
      shown_ = words;
    }
  }

  void Finish() { bar_.Clear(); }

 private:
  const Session& session_;
  ProgressBar bar_;
  std::chrono::steady_clock::time_point began_;
  std::string shown_;
};

Expected<JsonObject> Conclude(Standing verdict, JsonObject device, const JsonObject& app) {
  if (verdict == Standing::kDone) {
    return device;
  }
  if (verdict == Standing::kFailed) {
    return UpdateProblem(app);
  }
  return Local(Code::kInvalidArgument,
               "another deployment took the place of this one",
               "follow the newer one, or target the app again");
}

}  // namespace

std::string WordsOfState(const std::string& state) {
  std::string words = state;
  std::replace(words.begin(), words.end(), '-', ' ');
  return words;
}

Expected<JsonObject> FollowUpdate(const Session& session,
                                  Api& api,
                                  const std::string& sid,
                                  const std::string& deployment_id,
                                  std::uint32_t timeout_sec) {
  const auto end = session.context.now() + std::chrono::seconds(timeout_sec);
  Display display(session);
  std::string last_state = "pending";
  for (;;) {
    Expected<JsonObject> device = api.Get("/v1/Devices/" + PercentEncode(sid));
    std::chrono::milliseconds pause = kPollInterval;
    if (!device.ok()) {
      if (!MayPass(device.error())) {
        return device.error();
      }
      pause = PauseBefore(device.error(), kPollInterval);
    }
    if (device.ok()) {
      const JsonObject app = ObjectField(device.value(), "app");
      const Standing verdict = Judge(app, deployment_id);
      if (verdict != Standing::kPending) {
        display.Finish();
        return Conclude(verdict, std::move(device).value(), app);
      }
      display.Show(app);
      const std::string state = TextField(app, "update_state");
      last_state = state.empty() ? last_state : WordsOfState(state);
    }
    if (session.context.now() >= end) {
      return Local(Code::kTimeout,
                   "the device has not confirmed the app within " + std::to_string(timeout_sec) +
                       " s (last: " + last_state + "); the update goes on",
                   "check that the device runs, or wait longer with --timeout");
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - session.context.now());
    session.context.sleep(std::min(pause, std::max(left, kPollInterval)));
  }
}

Expected<JsonObject> FollowDeployment(const JsonObject& device,
                                      std::uint32_t timeout_sec,
                                      Api& api,
                                      const Session& session) {
  const std::string sid = TextField(device, "sid");
  const std::string deployment = TextField(ObjectField(device, "app"), "deployment_id");
  if (sid.empty() || deployment.empty()) {
    return Local(Code::kCloudProtocol, "the answer names no deployment that could be followed");
  }
  STRATA_TRY_ASSIGN(JsonObject followed, FollowUpdate(session, api, sid, deployment, timeout_sec));
  session.Info("Confirmed: " + sid + " runs " +
               TextField(ObjectField(followed, "app"), "reported_sid"));
  return followed;
}

}  // namespace strata::cli
