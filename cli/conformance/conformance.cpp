// SPDX-License-Identifier: Apache-2.0
#include "conformance/conformance.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "strata/conformance/conformance.hpp"

#include "support/files.hpp"
#include "support/hardware.hpp"
#include "support/output.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;
using conformance::CaseInfo;
using conformance::CaseResult;
using conformance::Verdict;

JsonObject RecordOf(const CaseInfo& info) {
  return {{"name", info.name}, {"attack", info.attack}, {"expectation", info.expectation}};
}

std::string SecondsOf(const CaseResult& result) {
  const auto tenths = (result.took.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

JsonObject RecordOf(const CaseResult& result) {
  JsonObject record = RecordOf(result.info);
  record["verdict"] = conformance::NameOf(result.verdict);
  record["reason"] = result.reason.empty() ? Json(nullptr) : Json(result.reason);
  record["milliseconds"] = result.took.count();
  return record;
}

Outcome ListCases(const Session& session) {
  std::vector<JsonObject> records;
  for (const CaseInfo& info : conformance::Cases()) {
    records.push_back(RecordOf(info));
  }
  WriteRecords(session, records, "name,attack,expectation");
  return Done{};
}

/// The directory for the cases, and whether it is ours to remove when nothing is left in it.
struct WorkDirectory {
  fs::path path;
  bool temporary = false;
};

Expected<WorkDirectory> MakeWorkDirectory(const ConformanceOptions& options) {
  if (!options.work.empty()) {
    std::error_code error;
    if (fs::exists(options.work, error) && !fs::is_empty(options.work, error)) {
      return Local(Code::kAlreadyExists, options.work + ": is there and not empty");
    }
    STRATA_TRY(MakePrivateDirectory(options.work));
    return WorkDirectory{fs::absolute(options.work), false};
  }
  std::string name = (fs::temp_directory_path() / "strata-conformance-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    return FileProblem(errno, name, "can't be made");
  }
  return WorkDirectory{name, true};
}

void Tell(const Session& session, const CaseResult& result) {
  session.Info(std::string(conformance::NameOf(result.verdict)) + "  " +
               std::string(result.info.name) + "  " + SecondsOf(result) + " s");
}

Outcome Judge(const std::vector<CaseResult>& results, const Session& session) {
  const auto count = [&results](Verdict verdict) {
    return std::count_if(results.begin(), results.end(), [verdict](const CaseResult& result) {
      return result.verdict == verdict;
    });
  };
  const std::string sum = std::to_string(count(Verdict::kPass)) + " passed, " +
                          std::to_string(count(Verdict::kFail)) + " failed, " +
                          std::to_string(count(Verdict::kSkip)) + " skipped";
  if (count(Verdict::kFail) == 0) {
    session.Info(sum);
    return Done{};
  }
  Problem problem = Local(Code::kConformanceFailed, sum);
  problem.told = true;
  return problem;
}

}  // namespace

Outcome RunConformance(const ConformanceOptions& options, Session& session) {
  if (options.list) {
    return ListCases(session);
  }
  if (options.device.empty()) {
    return Usage("name the device's command with --device, or see --list");
  }
  STRATA_TRY_ASSIGN(const HardwareProfile* profile, HardwareOf(options.hardware));
  STRATA_TRY_ASSIGN(const WorkDirectory work, MakeWorkDirectory(options));
  const conformance::Options run{.device_command = options.device,
                                 .work_dir = work.path,
                                 .profile = profile,
                                 .timeout = std::chrono::seconds(options.timeout_sec),
                                 .jobs = options.jobs,
                                 .only = options.only};
  const auto results = Lift(
      conformance::RunCases(run, [&session](const CaseResult& result) { Tell(session, result); }));
  std::error_code error;
  if (work.temporary && fs::is_empty(work.path, error)) {
    fs::remove(work.path, error);
  }
  if (!results.ok()) {
    return results.error();
  }
  std::vector<JsonObject> records;
  for (const CaseResult& result : results.value()) {
    records.push_back(RecordOf(result));
  }
  WriteRecords(session, records, "name,attack,verdict,reason");
  return Judge(results.value(), session);
}

void AddConformance(CLI::App& root, Session& session) {
  CLI::App& verb = AddVerb(
      root,
      session,
      "conformance",
      "Drive a device engine through a hostile cloud; a verdict for each attack",
      "strata conformance --device 'strata-device run --dir {dir}'\n"
      "  strata conformance --device './my-device {dir}' --only rollback-attack -o json\n"
      "{dir} is a device directory made for the case (docs/spec/device-directory.md); {url} "
      "is the\ncloud's address, {case} the case's name. Exit code 0 only if no case failed.");
  auto options = std::make_shared<ConformanceOptions>();
  verb.add_option("--device", options->device, "The device's command; {dir} stands in it");
  verb.add_flag("--list", options->list, "Name the cases and what each expects");
  verb.add_option("--only", options->only, "Run only this case; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_option("--hardware", options->hardware, "Hardware profile of the device")
      ->capture_default_str();
  verb.add_option("--timeout", options->timeout_sec, "Seconds that one case may take")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  verb.add_option("--jobs", options->jobs, "Cases at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  verb.add_option("--work", options->work, "New or empty directory for the cases' files");
  Bind(verb, session, options, RunConformance);
}

}  // namespace strata::cli
