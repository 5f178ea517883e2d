// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <utility>

#include <pthread.h>

#include "strata/cloud/blobs/file_blobs.hpp"
#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/http/event_json.hpp"
#include "strata/cloud/http/server.hpp"
#include "strata/cloud/jobs/job_thread.hpp"
#include "strata/cloud/jobs/webhook_sender.hpp"
#include "strata/cloud/pki/certificates.hpp"
#include "strata/cloud/pki/pki_dir.hpp"
#include "strata/cloud/store/sqlite_store.hpp"
#include "strata/core/error_text.hpp"

#include "account_env.hpp"
#include "audit_key.hpp"
#include "certificates.hpp"
#include "commands.hpp"
#include "complain.hpp"
#include "data_dir.hpp"
#include "jobs.hpp"
#include "master_key_file.hpp"
#include "people_tls.hpp"
#include "system.hpp"

namespace strata::cloud {
namespace {

/// Blocked before any thread starts, so that only WaitForEnd() receives them.
sigset_t BlockSignals(const ServeOptions& options) {
  sigset_t signals;
  sigemptyset(&signals);
  if (!options.tls_cert.empty()) {
    sigaddset(&signals, SIGHUP);
  }
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// The first name that was given to init, for URLs of a listener on all addresses.
std::string FirstHostName(const std::string& dir) {
  std::string names;
  return ReadWhole(dir + "/pki/server.names", names) ? names.substr(0, names.find('\n')) : "";
}

/// Where the build and the package put the console; empty: it is not there.
std::string InstalledConsole() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto dir = program.parent_path().parent_path() / "share/strata/console";
  return !error && std::filesystem::exists(dir / "index.html", error) ? dir.string() : "";
}

ServerConfig ConfigOf(const ServeOptions& options, const std::string& dir, const pki::PkiDir& pki) {
  ServerConfig config;
  config.listen = options.listen;
  config.device_listen = options.device_listen;
  config.plain_http = options.plain_http;
  config.tls = {pki.server().certificate_pem, pki.server().key_pem};
  config.server_ca_pem = pki.server_ca_pem();
  config.device_ca_pem = pki.device_ca().certificate_pem;
  config.trusted_proxy = options.trusted_proxy;
  config.public_url = options.public_url;
  config.device_public_url = options.device_public_url;
  config.host_name = FirstHostName(dir);
  config.temp_dir = dir + "/tmp";
  config.console_dir = options.console_dir.empty() ? InstalledConsole() : options.console_dir;
  config.limits = options.http_limits;
  config.limits.patience = std::chrono::seconds(options.drain_sec);
  config.metrics_listen = options.metrics_listen;
  config.log.format = options.log_format;
  if (const auto end = pki::NotAfter(pki.server().certificate_pem); end.ok()) {
    config.certificate_expires = *end;
  }
  return config;
}

/// Returns when the server is to stop; calls `reload` for each SIGHUP before.
void WaitForEnd(const sigset_t& signals, const std::function<void()>& reload) {
  for (int received = SIGHUP; received == SIGHUP;) {
    if (sigwait(&signals, &received) != 0) {
      received = SIGHUP;
    } else if (received == SIGHUP) {
      reload();
    }
  }
}

int RunServer(ServerConfig config,
              Server::Ports ports,
              const ServeOptions& options,
              const std::string& dir,
              const sigset_t& signals) {
  SystemClock clock;
  Scheduler scheduler(clock);
  const LogSink log = config.log;
  AddJobs(scheduler, *ports.service, options, dir, log);
  std::string certificate = config.tls.certificate_pem;
  config.more_metrics = [&scheduler] { return JobMetrics(scheduler); };
  auto server = Server::Start(std::move(config), ports);
  if (!server.ok()) {
    return Complain(server.error(), server.error().status == 400 ? 2 : 1);
  }
  AddCertificateJob(scheduler, **server, dir, std::move(certificate), log);
  const std::string url = (*server)->url();
  const std::string device_url = (*server)->device_url();
  if (!UpdateAccountEnvs(dir, url, device_url)) {
    return Complain(Code::kIo, "can't bring " + dir + "/*.env up to date");
  }
  std::printf("ready %s %s\n", url.c_str(), device_url.c_str());
  std::fflush(stdout);
  {
    const JobThread jobs(scheduler);
    WaitForEnd(signals, [&] { ReloadPeopleTls(**server, options, log); });
  }
  (*server)->Stop();
  return 0;
}

}  // namespace

int Serve(const ServeOptions& options) {
  const sigset_t signals = BlockSignals(options);
  const std::string dir = AbsolutePath(options.data);
  std::string page_key;
  if (dir.empty() || !ReadWhole(dir + "/page.key", page_key) || page_key.size() != 32) {
    return ComplainNoCloud(options.data);
  }
  DirLock lock;
  if (!lock.Take(dir)) {
    return Complain(Code::kAlreadyExists, dir + " is in use by another strata-cloud");
  }
  SystemClock clock;
  SystemRandom random;
  const auto pki = pki::PkiDir::Open(dir + "/pki", clock.Now());
  if (!pki.ok()) {
    return Complain(pki.error().code,
                    "can't use " + dir + "/pki: " + std::string(TextOf(pki.error().code).what));
  }
  auto store = OpenSqliteStore({.path = dir + "/strata.db"});
  if (!store.ok()) {
    return Complain(store.error());
  }
  auto blobs = OpenFileBlobs(dir);
  if (!blobs.ok()) {
    return Complain(blobs.error());
  }
  auto keys = OpenMasterKeys(MasterKeyPath(dir, options.master_key), **store);
  if (!keys.ok()) {
    return Complain(keys.error());
  }
  auto audit_key = OpenAuditKey(dir);
  if (!audit_key.ok()) {
    return Complain(audit_key.error());
  }
  WaitingPolls polls;
  PkiCertificates certificates(*pki, clock);
  Service service({.store = store->get(),
                   .blobs = blobs->get(),
                   .signals = &polls,
                   .clock = &clock,
                   .random = &random,
                   .sealer = keys->get(),
                   .audit_key = &*audit_key},
                  std::vector<std::uint8_t>(page_key.begin(), page_key.end()),
                  options.account_limits);
  if (ApiOutcome adopted = service.AdoptMasterKey(); !adopted.ok()) {
    return Complain(adopted.error());
  }
  // libcurl's threads inherit the blocked signals.
  WebhookSender webhooks(service,
                         clock,
                         [](const Event& event) { return http::EventJson(event, {}); },
                         {.allow_private = options.account_limits.private_webhooks});
  // Called by requests and jobs alone, which end before the sender does.
  polls.SetOnEvents([&webhooks] { webhooks.Wake(); });
  ServerConfig config = ConfigOf(options, dir, *pki);
  if (!options.tls_cert.empty()) {
    auto tls = ReadPeopleTls(options);
    if (!tls.ok()) {
      return Complain(tls.error(), 2);
    }
    config.people_tls = std::move(tls->files);
    config.people_certificate_expires = tls->expires;
  }
  return RunServer(std::move(config),
                   {.service = &service, .polls = &polls, .certificates = &certificates},
                   options,
                   dir,
                   signals);
}

}  // namespace strata::cloud
