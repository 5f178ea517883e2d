// SPDX-License-Identifier: Apache-2.0
#include "play.hpp"

#include <algorithm>

#include "command_line.hpp"

namespace strata::conformance {
namespace {

constexpr std::chrono::seconds kStopPatience{10};

std::string_view WordOf(wire::Verdict verdict) {
  switch (verdict) {
    case wire::Verdict::kConfirmed:
      return "confirmed";
    case wire::Verdict::kReverted:
      return "reverted";
    case wire::Verdict::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string WordsOf(Code code) {
  return code == Code::kOk ? "no error"
                           : "error " + std::to_string(static_cast<int>(code)) + " " +
                                 std::string(TextOf(code).name);
}

std::string ListOf(std::initializer_list<Code> codes) {
  std::string text;
  for (const Code code : codes) {
    text += (text.empty() ? "" : " or ") + WordsOf(code);
  }
  return text;
}

}  // namespace

bundle::Expected<std::unique_ptr<Play>> Play::Set(const Options& options,
                                                  const std::vector<std::string>& command,
                                                  std::string_view case_name) {
  auto trust = Trust::Make();
  if (!trust) {
    return trust.failure();
  }
  std::unique_ptr<Play> play(new Play(options, command, std::move(trust).value()));
  auto cloud = HostileCloud::Start(play->trust_);
  if (!cloud.ok()) {
    return bundle::MakeFailure(cloud.error().code, cloud.error().op, "the hostile cloud");
  }
  play->cloud_ = std::move(cloud).value();
  const std::string url = play->cloud_->url();
  play->dir_ = options.work_dir / case_name;
  std::error_code error;
  std::filesystem::create_directory(play->dir_, error);
  const std::filesystem::path home = play->dir_ / "device";
  if (auto written = WriteDeviceHome(home, play->trust_, url, options.profile->name); !written) {
    return written.failure();
  }
  play->command_ = Fill(command, {home.string(), url, std::string(case_name)});
  return play;
}

Play::Play(const Options& options, std::vector<std::string> command, Trust trust)
    : options_(options),
      command_(std::move(command)),
      trust_(std::move(trust)),
      maker_(trust_.keys, *options.profile),
      deadline_(std::chrono::steady_clock::now() + options.timeout) {}

bool Play::Blame(const std::string& why) {
  if (failure_.empty()) {
    failure_ = why;
  }
  return false;
}

bool Play::Check(bool condition, const std::string& why) {
  return condition || Blame(why);
}

App Play::Make(const Wish& wish) {
  auto app = maker_.Make(wish);
  if (!app) {
    Blame("the kit could not make an app: " + app.failure().message);
    return App{.sid = AppSid::FromBytes(RandomId()),
               .manifest = {},
               .manifest_hash = {},
               .body_hash = {},
               .layers = {},
               .measurements = {}};
  }
  return std::move(app).value();
}

bool Play::Start() {
  return Check(device_.Start(command_, dir_ / "device.log").ok(), "the device can't be started");
}

bool Play::Kill() {
  const bool was_there = device_.running();
  static_cast<void>(device_.Kill());
  return Check(was_there, "the device ended by itself");
}

bool Play::Until(const std::string& what, const std::function<bool(const Seen&)>& wanted) {
  if (!failure_.empty()) {
    return false;
  }
  bool ended = false;
  const bool seen = cloud_->Wait(wanted, [this, &ended] {
    ended = !device_.running();
    return ended || Late();
  });
  return Check(seen,
               (ended ? "the device ended while waiting until " : "time was up before ") + what);
}

bool Play::Asks(Route route, std::size_t count, const std::string& what) {
  const std::size_t before = cloud_->seen().Count(route);
  return Until(what, [route, wanted = before + count](const Seen& seen) {
    return seen.Count(route) >= wanted;
  });
}

bool Play::Installs(const App& app) {
  return Confirms(cloud_->Offer(app, May::kConfirm));
}

bool Play::Confirms(const Offered& offer) {
  return Ends(offer, wire::Verdict::kConfirmed, {Code::kOk});
}

bool Play::Ends(const Offered& offer, wire::Verdict verdict, std::initializer_list<Code> codes) {
  const std::string wish = "a receipt that says '" + std::string(WordOf(verdict)) + "'" +
                           (verdict == wire::Verdict::kConfirmed ? "" : " with " + ListOf(codes));
  const bool came =
      Until(wish + " came", [&offer](const Seen& seen) { return seen.Receipts(offer.id) > 0; });
  if (!came) {
    return false;
  }
  const Seen seen = cloud_->seen();
  const auto receipt = std::find_if(
      seen.receipts.begin(), seen.receipts.end(), [&offer](const wire::ReceiptBody& one) {
        return one.deployment_id == offer.id;
      });
  const bool right = receipt->verdict == verdict &&
                     std::find(codes.begin(), codes.end(), receipt->error.code) != codes.end();
  return Check(right,
               "instead of " + wish + " the receipt says '" +
                   std::string(WordOf(receipt->verdict)) + "' with " +
                   WordsOf(receipt->error.code));
}

Play::End Play::Finish(bool passed) {
  if (device_.running()) {
    const std::string end = device_.Stop(kStopPatience);
    Check(end.empty(), "on SIGTERM the device " + end);
  } else {
    const std::string end = device_.Kill();
    Check(false, "the device " + (end.empty() ? std::string("ended by itself") : end));
  }
  cloud_->server().Stop();
  for (const std::string& violation : cloud_->seen().violations) {
    Check(false, violation);
  }
  Check(passed, "a step did not hold");
  if (!failure_.empty()) {
    return {Verdict::kFail, failure_};
  }
  const bool met = std::all_of(
      evil_left_.begin(), evil_left_.end(), [](const auto& left) { return *left == 0; });
  return met ? End{Verdict::kPass, {}}
             : End{Verdict::kSkip, "the device asked for nothing that the attack could answer"};
}

HostileCloud::Hook Play::First(int times, const HostileCloud::Hook& hook) {
  return InTurn(std::vector<HostileCloud::Hook>(static_cast<std::size_t>(times), hook));
}

HostileCloud::Hook Play::InTurn(std::vector<HostileCloud::Hook> hooks) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(hooks.size());
  evil_left_.push_back(left);
  return [left, hooks = std::move(hooks)](const Request& request, Connection& connection) {
    // Taken before it is carried out: a request made meanwhile meets the next one.
    std::size_t now = *left;
    while (now > 0 && !left->compare_exchange_weak(now, now - 1)) {
    }
    if (now == 0) {
      return false;
    }
    const bool answered = hooks[hooks.size() - now](request, connection);
    *left += answered ? 0 : 1;
    return answered;
  };
}

HostileCloud::Hook Says(std::string bytes, bool cut) {
  return [bytes = std::move(bytes), cut](const Request&, Connection& connection) {
    connection.Write(bytes);
    if (cut) {
      connection.Cut();
    }
    return true;
  };
}

HostileCloud::Hook Endless(std::string head,
                           std::string piece,
                           std::uint64_t most_bytes,
                           std::shared_ptr<std::atomic<bool>> taken) {
  return [head = std::move(head), piece = std::move(piece), most_bytes, taken](
             const Request&, Connection& connection) {
    bool there = connection.Write(head);
    for (std::uint64_t sent = 0; there && sent < most_bytes; sent += piece.size()) {
      there = connection.Write(piece);
    }
    if (there) {
      *taken = true;
    }
    connection.Cut();
    return true;
  };
}

}  // namespace strata::conformance
