// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "command_line.hpp"
#include "play.hpp"

namespace strata::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

const std::vector<Case>& AllCases() {
  static const std::vector<Case> kAll = [] {
    std::vector<Case> all;
    for (const auto group : {UpdateCases(),
                             ManifestCases(),
                             LayerCases(),
                             HttpCases(),
                             DesiredCases(),
                             KeysCases(),
                             ReceiptCases(),
                             ConnectionCases()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return kAll;
}

/// A device that is not slow gives up slow answers after this time; below it such cases can't pass.
constexpr std::chrono::seconds kSlowCaseNeeds{30};

CaseResult RunOne(const Case& one,
                  const Options& options,
                  const std::vector<std::string>& command) {
  CaseResult result{.info = one.info};
  const bool slow = one.info.attack == "slow retrieval";
  if (slow && options.timeout < kSlowCaseNeeds) {
    result.verdict = Verdict::kSkip;
    result.reason = "needs a timeout of 30 s or more";
    return result;
  }
  const auto begin = steady_clock::now();
  auto play = Play::Set(options, command, one.info.name);
  if (!play) {
    result.reason = "the stage can't be set: " + play.failure().message;
    return result;
  }
  const bool passed = one.script(**play);
  const Play::End end = (*play)->Finish(passed);
  result.verdict = end.verdict;
  result.reason = end.reason;
  result.took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  const std::filesystem::path dir = options.work_dir / one.info.name;
  if (end.verdict == Verdict::kFail) {
    result.reason += "; see " + (dir / "device.log").string();
    return result;
  }
  std::error_code error;
  std::filesystem::remove_all(dir, error);
  return result;
}

bundle::Expected<std::vector<const Case*>> Chosen(const Options& options) {
  std::vector<const Case*> chosen;
  for (const Case& one : AllCases()) {
    const bool named =
        std::find(options.only.begin(), options.only.end(), one.info.name) != options.only.end();
    if (named || options.only.empty()) {
      chosen.push_back(&one);
    }
  }
  for (const std::string& name : options.only) {
    const bool known = std::any_of(
        chosen.begin(), chosen.end(), [&name](const Case* one) { return one->info.name == name; });
    if (!known) {
      return bundle::Failure{Fail(Code::kNotFound, Op::kParse), "there is no case '" + name + "'"};
    }
  }
  return chosen;
}

bundle::Expected<std::vector<std::string>> CheckedCommand(const Options& options) {
  auto words = SplitCommand(options.device_command);
  if (words && FindProgram(words->front()).empty()) {
    return bundle::Failure{Fail(Code::kNotFound, Op::kStartApp),
                           "there is no program '" + words->front() + "'"};
  }
  if (options.profile == nullptr || options.profile->app_start != AppStart::kNone) {
    return bundle::Failure{Fail(Code::kInvalidArgument, Op::kParse),
                           "the apps of the kit are no programs; choose hardware that starts none"};
  }
  return words;
}

}  // namespace

std::string_view NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "PASS";
    case Verdict::kFail:
      return "FAIL";
    case Verdict::kSkip:
      return "SKIP";
  }
  return "";
}

std::span<const CaseInfo> Cases() {
  static const std::vector<CaseInfo> kInfos = [] {
    std::vector<CaseInfo> infos;
    for (const Case& one : AllCases()) {
      infos.push_back(one.info);
    }
    return infos;
  }();
  return kInfos;
}

bundle::Expected<std::vector<CaseResult>> RunCases(
    const Options& options, const std::function<void(const CaseResult&)>& on_end) {
  const auto command = CheckedCommand(options);
  if (!command) {
    return command.failure();
  }
  const auto chosen = Chosen(options);
  if (!chosen) {
    return chosen.failure();
  }
  // Slow ones first, so that the end does not wait for one of them.
  std::vector<std::size_t> order(chosen->size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  std::stable_partition(order.begin(), order.end(), [&chosen](std::size_t i) {
    return (*chosen)[i]->info.attack == "slow retrieval";
  });
  std::vector<CaseResult> results(chosen->size());
  std::atomic<std::size_t> next{0};
  std::mutex telling;
  const auto work = [&] {
    for (std::size_t turn = next++; turn < order.size(); turn = next++) {
      const std::size_t i = order[turn];
      results[i] = RunOne(*(*chosen)[i], options, *command);
      const std::lock_guard lock(telling);
      on_end(results[i]);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, options.jobs); ++i) {
    threads.emplace_back(work);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return results;
}

}  // namespace strata::conformance
