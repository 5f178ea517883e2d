// SPDX-License-Identifier: Apache-2.0
#include "jobs.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "strata/cloud/http/log_line.hpp"
#include "strata/cloud/jobs/clock_watch.hpp"
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
constexpr UnixSeconds kBuryEverySec = 10;
constexpr UnixSeconds kCertificateEverySec = 10;

std::string ProblemOf(const ApiOutcome& outcome) {
  return outcome.ok() ? std::string() : outcome.error().message;
}

LogLine LineOf(const char* job) {
  LogLine line;
  line.Add("job", job);
  return line;
}

/// Adds jobs whose failures are told when they begin: one that fails again says nothing new.
class Adder {
 public:
  Adder(Scheduler& scheduler, const LogSink& log) : scheduler_(scheduler), log_(log) {}

  void operator()(const char* name, UnixSeconds every_sec, Job job) const {
    auto last = std::make_shared<std::string>();
    scheduler_.Add(name,
                   every_sec,
                   [name, last, log = log_, job = std::move(job)](const std::stop_token& stop) {
                     std::string problem = job(stop);
                     if (problem != *last && !problem.empty()) {
                       LineOf(name).Add("failure", problem).Write(log);
                     }
                     *last = problem;
                     return problem;
                   });
  }

 private:
  Scheduler& scheduler_;
  LogSink log_;
};

std::string Collect(Service& service,
                    const std::stop_token& stop,
                    UnixSeconds wait_sec,
                    const std::string& dir,
                    const LogSink& log) {
  const GarbageLock lock(dir, GarbageLock::Kind::kMayRemove);
  if (!lock.held()) {
    return {};  // a backup copies layers: next time
  }
  const auto found = service.CollectGarbage(wait_sec, [&stop] { return !stop.stop_requested(); });
  if (!found.ok()) {
    return found.error().message;
  }
  if (found->removed > 0) {
    LineOf("garbage")
        .AddNumber("removed", static_cast<std::int64_t>(found->removed))
        .AddNumber("bytes", static_cast<std::int64_t>(found->removed_bytes))
        .Write(log);
  }
  return {};
}

std::string Bury(Service& service, const LogSink& log) {
  const auto buried = service.BuryDeliveries();
  if (!buried.ok()) {
    return buried.error().message;
  }
  if (*buried > 0) {
    LineOf("deliveries").AddNumber("given_up", static_cast<std::int64_t>(*buried)).Write(log);
  }
  return {};
}

/// What was pruned under a clock that is ahead does not come back.
std::string PruneAudit(Service& service, std::uint32_t days, ClockWatch& watch) {
  const UnixSeconds now = SystemClock().Now();
  const auto steady = std::chrono::steady_clock::now().time_since_epoch();
  if (!watch.Look(now, std::chrono::duration_cast<std::chrono::seconds>(steady))) {
    return {};
  }
  return ProblemOf(service.PruneAudit(now - days * kDaySec));
}

std::string ShowCertificate(Server& server,
                            const std::string& pki_dir,
                            std::string& shown,
                            const LogSink& log) {
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
  LineOf("certificate").AddNumber("expires", *expires).Write(log);
  return {};
}

std::string Tell(const char* job, const ApiResult<ScrubFound>& found, const LogSink& log) {
  if (!found.ok()) {
    return found.error().message;
  }
  for (const Digest& digest : found->damaged) {
    const auto hex = digest.ToHexText();
    LineOf(job).Add("damaged", std::string_view(hex.data(), hex.size())).Write(log);
  }
  for (const Digest& digest : found->missing) {
    const auto hex = digest.ToHexText();
    LineOf(job).Add("missing", std::string_view(hex.data(), hex.size())).Write(log);
  }
  return {};
}

}  // namespace

void AddCertificateJob(Scheduler& scheduler,
                       Server& server,
                       const std::string& dir,
                       std::string shown,
                       const LogSink& log) {
  const Adder add(scheduler, log);
  add("certificate",
      kCertificateEverySec,
      [&server, dir = dir + "/pki", shown = std::make_shared<std::string>(std::move(shown)), log](
          const std::stop_token&) { return ShowCertificate(server, dir, *shown, log); });
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
             const std::string& dir,
             const LogSink& log) {
  const Adder add(scheduler, log);
  add("hours", kMinuteSec, [&service](const std::stop_token&) {
    return ProblemOf(service.RecordHour());
  });
  if (options.audit_days > 0) {
    add("audit",
        kHourSec,
        [&service, days = options.audit_days, watch = ClockWatch()](
            const std::stop_token&) mutable { return PruneAudit(service, days, watch); });
  }
  add("deliveries", kBuryEverySec, [&service, log](const std::stop_token&) {
    return Bury(service, log);
  });
  add("silence", kMinuteSec, [&service](const std::stop_token&) {
    const auto ended = service.ExpireSilent();
    return ended.ok() ? std::string() : ended.error().message;
  });
  add("logs", kForgetEverySec, [&service](const std::stop_token&) {
    return ProblemOf(service.ForgetLogs());
  });
  add("events", kForgetEverySec, [&service](const std::stop_token&) {
    return ProblemOf(service.ForgetEvents());
  });
  if (options.integrity_every_sec > 0) {
    add("integrity", options.integrity_every_sec, [&service](const std::stop_token& stop) {
      return ProblemOf(service.CheckDatabase([&stop] { return !stop.stop_requested(); }));
    });
  }
  add("suspects", kSuspectsEverySec, [&service, log](const std::stop_token& stop) {
    return Tell("suspects", service.CheckSuspects([&stop] { return !stop.stop_requested(); }), log);
  });
  add("garbage",
      options.garbage_every_sec,
      [&service, wait = options.garbage_wait_sec, dir, log](const std::stop_token& stop) {
        return Collect(service, stop, wait, dir, log);
      });
  add("scrub",
      kMinuteSec,
      [&service, bytes = options.scrub_bytes, log](const std::stop_token& stop) {
        return Tell("scrub", service.Scrub(bytes, [&stop] { return !stop.stop_requested(); }), log);
      });
}

}  // namespace strata::cloud
