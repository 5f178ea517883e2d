// SPDX-License-Identifier: Apache-2.0
#include "jobs.hpp"

#include <cstdio>
#include <utility>

#include "strata/cloud/pki/pki_dir.hpp"
#include "strata/core/error_text.hpp"

#include "garbage_lock.hpp"
#include "system.hpp"

namespace strata::cloud {
namespace {

constexpr UnixSeconds kMinuteSec = 60;
constexpr UnixSeconds kHourSec = 60 * kMinuteSec;
constexpr UnixSeconds kDaySec = 24 * kHourSec;
constexpr UnixSeconds kForgetEverySec = 10 * kMinuteSec;
constexpr UnixSeconds kSuspectsEverySec = 5;
constexpr UnixSeconds kCertificateEverySec = 10;

std::string ProblemOf(const ApiOutcome& outcome) {
  return outcome.ok() ? std::string() : outcome.error().message;
}

/// Numbers and hexadecimal digits only: nothing in it needs escaping.
void Log(const char* job, const std::string& members) {
  std::fprintf(stderr,
               "{\"time\":%lld,\"job\":\"%s\",%s}\n",
               static_cast<long long>(SystemClock().Now()),
               job,
               members.c_str());
}

std::string Collect(Service& service,
                    const std::stop_token& stop,
                    UnixSeconds wait_sec,
                    const std::string& dir) {
  const GarbageLock lock(dir, GarbageLock::Kind::kMayRemove);
  if (!lock.held()) {
    return {};  // a backup copies layers: next time
  }
  const auto found = service.CollectGarbage(wait_sec, [&stop] { return !stop.stop_requested(); });
  if (!found.ok()) {
    return found.error().message;
  }
  if (found->removed > 0) {
    Log("garbage",
        "\"removed\":" + std::to_string(found->removed) +
            ",\"bytes\":" + std::to_string(found->removed_bytes));
  }
  return {};
}

std::string ShowCertificate(Server& server, const std::string& pki_dir, std::string& shown) {
  const auto pki = pki::PkiDir::Open(pki_dir, SystemClock().Now());
  if (!pki.ok()) {
    return "can't use " + pki_dir + ": " + std::string(TextOf(pki.error().code).what);
  }
  const pki::Credential& there = pki->server();
  if (there.certificate_pem == shown) {
    return {};
  }
  const auto expires = pki::NotAfter(there.certificate_pem);
  if (!expires.ok() || !server.UseCertificate({there.certificate_pem, there.key_pem}, *expires)) {
    return "the new server certificate can't be used";
  }
  shown = there.certificate_pem;
  Log("certificate", "\"expires\":" + std::to_string(*expires));
  return {};
}

std::string Tell(const char* job, const ApiResult<ScrubFound>& found) {
  if (!found.ok()) {
    return found.error().message;
  }
  for (const Digest& digest : found->damaged) {
    const auto hex = digest.ToHexText();
    Log(job, "\"damaged\":\"" + std::string(hex.data(), hex.size()) + "\"");
  }
  return {};
}

}  // namespace

void AddCertificateJob(Scheduler& scheduler,
                       Server& server,
                       const std::string& dir,
                       std::string shown) {
  scheduler.Add(
      "certificate",
      kCertificateEverySec,
      [&server, dir = dir + "/pki", shown = std::move(shown)](const std::stop_token&) mutable {
        return ShowCertificate(server, dir, shown);
      });
}

std::string JobMetrics(const Scheduler& scheduler) {
  std::string last =
      "# HELP strata_job_last_run_seconds When the job ended last, in seconds since 1970.\n"
      "# TYPE strata_job_last_run_seconds gauge\n";
  std::string failed =
      "# HELP strata_job_failed 1: the last run of the job failed.\n# TYPE strata_job_failed "
      "gauge\n";
  for (const JobState& state : scheduler.States()) {
    const std::string label = "{job=\"" + state.name + "\"} ";
    last += "strata_job_last_run_seconds" + label + std::to_string(state.last_run) + "\n";
    failed += "strata_job_failed" + label + (state.problem.empty() ? "0" : "1") + "\n";
  }
  return last + failed;
}

void AddJobs(Scheduler& scheduler,
             Service& service,
             const ServeOptions& options,
             const std::string& dir) {
  scheduler.Add("hours", kMinuteSec, [&service](const std::stop_token&) {
    return ProblemOf(service.RecordHour());
  });
  if (options.audit_days > 0) {
    scheduler.Add("audit", kHourSec, [&service, days = options.audit_days](const std::stop_token&) {
      return ProblemOf(service.PruneAudit(SystemClock().Now() - days * kDaySec));
    });
  }
  scheduler.Add("silence", kMinuteSec, [&service](const std::stop_token&) {
    const auto ended = service.ExpireSilent();
    return ended.ok() ? std::string() : ended.error().message;
  });
  scheduler.Add("logs", kForgetEverySec, [&service](const std::stop_token&) {
    return ProblemOf(service.ForgetLogs());
  });
  scheduler.Add("events", kForgetEverySec, [&service](const std::stop_token&) {
    return ProblemOf(service.ForgetEvents());
  });
  scheduler.Add("suspects", kSuspectsEverySec, [&service](const std::stop_token& stop) {
    return Tell("suspects", service.CheckSuspects([&stop] { return !stop.stop_requested(); }));
  });
  scheduler.Add("garbage",
                options.garbage_every_sec,
                [&service, wait = options.garbage_wait_sec, dir](const std::stop_token& stop) {
                  return Collect(service, stop, wait, dir);
                });
  scheduler.Add(
      "scrub", kMinuteSec, [&service, bytes = options.scrub_bytes](const std::stop_token& stop) {
        return Tell("scrub", service.Scrub(bytes, [&stop] { return !stop.stop_requested(); }));
      });
}

}  // namespace strata::cloud
