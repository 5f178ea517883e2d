// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/http/server.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "console_files.hpp"
#include "form.hpp"
#include "health.hpp"
#include "loop.hpp"
#include "range.hpp"

namespace strata::cloud {
namespace {

using http::asio::ip::tcp;

constexpr int kBacklog = 4096;

/// Enough that those which wait for the disk do not hold up the others; more only cost the caches.
std::size_t WorkerCount() {
  return std::clamp<std::size_t>(2 * std::size_t{std::thread::hardware_concurrency()}, 4, 32);
}

ApiError CannotStart(std::string message) {
  return {503, 20503, std::move(message)};
}

ApiResult<tcp::endpoint> ParseEndpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : http::ParseNumber(std::string_view(text).substr(colon + 1));
  std::string host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  boost::system::error_code error;
  const auto address = http::asio::ip::make_address(host, error);
  if (!port || *port > 65535 || error || address.is_v6() != bracketed) {
    return http::BadParameter("'" + text + "' is not ADDRESS:PORT (numeric; IPv6 in brackets)");
  }
  return tcp::endpoint(address, static_cast<std::uint16_t>(*port));
}

std::string UrlOf(const ServerConfig& config, const tcp::endpoint& bound, bool tls) {
  std::string host = bound.address().to_string();
  if (bound.address().is_unspecified()) {
    host = config.host_name.empty() ? "localhost" : config.host_name;
  } else if (bound.address().is_v6()) {
    host = "[" + host + "]";
  }
  return (tls ? "https://" : "http://") + host + ":" + std::to_string(bound.port());
}

std::string WithoutSlash(std::string url) {
  while (url.ends_with('/')) {
    url.pop_back();
  }
  return url;
}

}  // namespace

struct Server::Impl {
  ServerConfig config;
  Ports ports;
  http::ServerCertificate certificate;
  http::ServerCertificate people_certificate;  ///< only with config.people_tls
  std::atomic<std::int64_t> own_expires{0};
  std::atomic<std::int64_t> people_expires{0};
  std::atomic<std::int64_t> certificate_expires{0};  ///< the first of the two
  http::Listener people;
  http::Listener devices;
  http::Listener metrics_listener;
  http::HttpMetrics metrics;
  http::UnsentBodies unsent;
  std::unique_ptr<http::HealthCache> health;
  std::atomic<bool> stopping{false};
  std::optional<http::ConsoleFiles> console;
  std::unique_ptr<http::Site> people_site;
  std::unique_ptr<http::Site> device_site;
  std::unique_ptr<http::Site> metrics_site;
  std::vector<std::unique_ptr<http::Loop>> loops;
  http::asio::thread_pool workers{WorkerCount()};
  std::string url;
  std::string device_url;
  std::uint16_t port = 0;
  std::uint16_t device_port = 0;
  std::uint16_t metrics_port = 0;

  ApiResult<tcp::endpoint> Bind(const std::string& text, const http::Listener& listener);
  ApiOutcome Prepare();
  ApiOutcome PrepareTls();
  ApiOutcome PrepareMetrics(const http::Api& api);
  void NoteExpiry();
  void Connect(http::Listener& listener,
               const http::Site* site,
               http::ListenerMetrics& counted,
               const std::string& own_url);
};

/// All loops accept from one socket. (With SO_REUSEPORT a second server on the same port would
/// silently take half of the connections.)
ApiResult<tcp::endpoint> Server::Impl::Bind(const std::string& text,
                                            const http::Listener& listener) {
  STRATA_API_ASSIGN(const tcp::endpoint wanted, ParseEndpoint(text));
  http::asio::io_context unused;
  tcp::acceptor acceptor(unused);
  boost::system::error_code error;
  acceptor.open(wanted.protocol(), error);
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) {
    acceptor.bind(wanted, error);
  }
  if (!error) {
    acceptor.listen(kBacklog, error);
  }
  const tcp::endpoint bound = error ? wanted : acceptor.local_endpoint(error);
  if (error) {
    return CannotStart("can't listen on " + text + ": " + error.message());
  }
  for (const auto& loop : loops) {
    const int fd = fcntl(acceptor.native_handle(), F_DUPFD_CLOEXEC, 0);
    if (fd < 0 || !loop->Add(fd, wanted.protocol() == tcp::v6(), listener)) {
      return CannotStart("can't listen on " + text + ": no descriptor");
    }
  }
  return bound;
}

ApiOutcome Server::Impl::PrepareTls() {
  if (config.people_tls && config.plain_http) {
    return http::BadParameter("people's listener has a certificate and is to be plain HTTP");
  }
  if (config.people_tls && !people_certificate.Set(*config.people_tls)) {
    return http::BadParameter(
        "the certificate for people can't be used: its file is a chain in PEM, the server's own "
        "certificate first, and the key's file its private key in PEM without a passphrase");
  }
  const bool usable = certificate.Set(config.tls);
  devices.tls = http::MakeTlsContext(certificate, config.device_ca_pem);
  if (!config.plain_http) {
    people.tls = http::MakeTlsContext(config.people_tls ? people_certificate : certificate, "");
  }
  if (!usable || !devices.tls || config.device_ca_pem.empty() ||
      (!config.plain_http && !people.tls)) {
    return CannotStart("the server's certificate, its key or the device CA can't be used");
  }
  own_expires = config.certificate_expires;
  people_expires = config.people_certificate_expires;
  NoteExpiry();
  return Empty{};
}

void Server::Impl::NoteExpiry() {
  const std::int64_t own = own_expires;
  const std::int64_t shown = people_expires;
  certificate_expires = own == 0 || shown == 0 ? std::max(own, shown) : std::min(own, shown);
}

ApiOutcome Server::Impl::PrepareMetrics(const http::Api& api) {
  if (config.metrics_listen.empty()) {
    return Empty{};
  }
  STRATA_API_ASSIGN(const tcp::endpoint wanted, ParseEndpoint(config.metrics_listen));
  if (!wanted.address().is_loopback()) {
    return http::BadParameter("metrics are served on loopback addresses only, not on " +
                              config.metrics_listen + "; put a proxy before them");
  }
  STRATA_API_ASSIGN(const tcp::endpoint bound, Bind(config.metrics_listen, metrics_listener));
  metrics_port = bound.port();
  metrics_site = std::make_unique<http::MetricsSite>(api, metrics, config.more_metrics);
  Connect(metrics_listener, metrics_site.get(), metrics.metrics, UrlOf(config, bound, false));
  return Empty{};
}

void Server::Impl::Connect(http::Listener& listener,
                           const http::Site* site,
                           http::ListenerMetrics& counted,
                           const std::string& own_url) {
  listener.context = {.site = site,
                      .tls = listener.tls.get(),
                      .polls = ports.polls,
                      .workers = &workers,
                      .limits = &config.limits,
                      .temp_dir = config.temp_dir,
                      .url = own_url,
                      .log = config.log,
                      .metrics = &counted,
                      .unsent = &unsent};
}

ApiOutcome Server::Impl::Prepare() {
  STRATA_API_ASSIGN(const tcp::endpoint people_address, ParseEndpoint(config.listen));
  if (config.plain_http && !people_address.address().is_loopback()) {
    return http::BadParameter("plain HTTP is served on loopback addresses only, not on " +
                              config.listen);
  }
  if (!config.trusted_proxy.empty()) {
    people.trusted_proxy = http::Cidr::Parse(config.trusted_proxy);
    if (!people.trusted_proxy) {
      return http::BadParameter("'" + config.trusted_proxy + "' is not a CIDR such as 10.0.0.0/8");
    }
  }
  if (!config.console_dir.empty()) {
    STRATA_API_ASSIGN(console, http::ConsoleFiles::Load(config.console_dir));
  }
  if (const ApiOutcome tls = PrepareTls(); !tls.ok()) {
    return tls.error();
  }
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < (config.loops > 0 ? config.loops : cores); ++i) {
    loops.push_back(std::make_unique<http::Loop>());
  }
  STRATA_API_ASSIGN(const tcp::endpoint bound, Bind(config.listen, people));
  STRATA_API_ASSIGN(const tcp::endpoint device_bound, Bind(config.device_listen, devices));
  port = bound.port();
  device_port = device_bound.port();
  url = config.public_url.empty() ? UrlOf(config, bound, !config.plain_http)
                                  : WithoutSlash(config.public_url);
  device_url = config.device_public_url.empty() ? UrlOf(config, device_bound, true)
                                                : WithoutSlash(config.device_public_url);
  health = std::make_unique<http::HealthCache>(config.limits.health);
  const http::Api api{.service = ports.service,
                      .certificates = ports.certificates,
                      .device_url = device_url,
                      .server_ca_pem = config.server_ca_pem,
                      .certificate_expires = &certificate_expires,
                      .stopping = &stopping,
                      .console = console ? &*console : nullptr,
                      .health = health.get()};
  people_site = std::make_unique<http::PeopleSite>(api);
  device_site = std::make_unique<http::DeviceSite>(api);
  Connect(people, people_site.get(), metrics.people, url);
  Connect(devices, device_site.get(), metrics.devices, device_url);
  return PrepareMetrics(api);
}

ApiResult<std::unique_ptr<Server>> Server::Start(ServerConfig config, Ports ports) {
  auto impl = std::make_unique<Impl>();
  impl->config = std::move(config);
  impl->ports = ports;
  std::signal(SIGPIPE, SIG_IGN);
  if (const ApiOutcome prepared = impl->Prepare(); !prepared.ok()) {
    return prepared.error();
  }
  http::PurgeUploads(impl->config.temp_dir);
  for (const auto& loop : impl->loops) {
    loop->Start();
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  Stop();
}

void Server::Stop() {
  impl_->stopping = true;
  for (const auto& loop : impl_->loops) {
    loop->Stop();
  }
  // After the loops know, so that the answers say that the connection ends.
  impl_->ports.polls->Stop();
  for (const auto& loop : impl_->loops) {
    loop->Join();
  }
  // Jobs that a cut connection left behind still end on the pool; their loops must outlive them.
  impl_->workers.join();
}

bool Server::UseCertificate(const TlsFiles& tls, std::int64_t expires) {
  if (!impl_->certificate.Set(tls)) {
    return false;
  }
  impl_->own_expires = expires;
  impl_->NoteExpiry();
  return true;
}

bool Server::UsePeopleCertificate(const TlsFiles& tls, std::int64_t expires) {
  if (!impl_->people_certificate.Set(tls)) {
    return false;
  }
  impl_->people_expires = expires;
  impl_->NoteExpiry();
  return true;
}

const std::string& Server::url() const {
  return impl_->url;
}

const std::string& Server::device_url() const {
  return impl_->device_url;
}

std::uint16_t Server::port() const {
  return impl_->port;
}

std::uint16_t Server::metrics_port() const {
  return impl_->metrics_port;
}

std::uint16_t Server::device_port() const {
  return impl_->device_port;
}

}  // namespace strata::cloud
