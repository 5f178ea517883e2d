// SPDX-License-Identifier: Apache-2.0
#include "tls_server.hpp"

#include <algorithm>
#include <csignal>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls_context.hpp"

namespace strata::conformance {
namespace {

using std::chrono::milliseconds;

constexpr Error kNoSocket = Fail(Code::kIo, Op::kBoot);
constexpr std::string_view kClearRefusal =
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// OpenSSL writes without MSG_NOSIGNAL.
void BlockSigpipe() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A socket bound to `port` (0: a free one), or -1.
int BoundSocket(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  sockaddr_in address = Loopback(port);
  if (fd < 0 || ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
      ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    if (fd >= 0) {
      ::close(fd);
    }
    return -1;
  }
  return fd;
}

}  // namespace

bool Connection::Write(std::string_view bytes) {
  if (!open()) {
    return false;
  }
  if (bytes.empty()) {
    return true;
  }
  const bool written = SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  ERR_clear_error();
  open_ = open_ && written;
  return written;
}

bool Connection::Drip(std::string_view bytes, milliseconds pause) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!Write(bytes.substr(i, 1)) || WaitGone(pause)) {
      return false;
    }
  }
  return true;
}

bool Connection::WaitGone(milliseconds most) {
  constexpr milliseconds kSlice{50};
  const auto end = std::chrono::steady_clock::now() + most;
  while (open()) {
    const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    pollfd waiting{fd_, POLLRDHUP, 0};
    const milliseconds slice = std::clamp(left, milliseconds(0), kSlice);
    if (::poll(&waiting, 1, static_cast<int>(slice.count())) == 1) {
      open_ = false;
    } else if (left <= kSlice) {
      return !open();
    }
  }
  return true;
}

Result<std::unique_ptr<TlsServer>> TlsServer::Start(const TlsTerms& terms, Handler handler) {
  std::unique_ptr<TlsServer> server(new TlsServer(std::move(handler)));
  server->context_ = MakeContext(terms);
  server->speech_ = terms.speech;
  if (server->context_ == nullptr) {
    return Fail(Code::kKeyUnreadable, Op::kBoot);
  }
  STRATA_TRY(server->Reserve());
  STRATA_TRY(server->Listen());
  return server;
}

TlsServer::~TlsServer() {
  Stop();
  if (reserved_ >= 0) {
    ::close(reserved_);
  }
}

void TlsServer::Stop() {
  ending_ = true;
  static_cast<void>(SetOnline(false).ok());
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

// A bound socket that never listens keeps the port ours while the cloud is offline.
Status TlsServer::Reserve() {
  reserved_ = BoundSocket(0);
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  if (reserved_ < 0 ||
      ::getsockname(reserved_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return kNoSocket;
  }
  port_ = ntohs(address.sin_port);
  return {};
}

Status TlsServer::Listen() {
  const int listener = BoundSocket(port_);
  if (listener < 0) {
    return kNoSocket;
  }
  if (::listen(listener, 64) != 0) {
    ::close(listener);
    return kNoSocket;
  }
  listener_ = listener;
  acceptor_ = std::thread([this, listener] { Accept(listener); });
  return {};
}

Status TlsServer::SetTerms(const TlsTerms& terms) {
  ContextPtr context = MakeContext(terms);
  if (context == nullptr) {
    return Fail(Code::kKeyUnreadable, Op::kBoot);
  }
  {
    const std::lock_guard lock(mutex_);
    context_ = std::move(context);
    speech_ = terms.speech;
  }
  CutAll();
  return {};
}

Status TlsServer::SetOnline(bool online) {
  if (online == (listener_ >= 0)) {
    return {};
  }
  if (online) {
    return Listen();
  }
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  listener_ = -1;
  CutAll();
  return {};
}

void TlsServer::CutAll() {
  const std::lock_guard lock(mutex_);
  for (const int fd : fds_) {
    ::shutdown(fd, SHUT_RDWR);
  }
}

void TlsServer::Accept(int listener) {
  while (true) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) {
        continue;
      }
      return;
    }
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    ++connections_;
    const std::lock_guard lock(mutex_);
    fds_.insert(fd);
    threads_.emplace_back(
        [this, fd, context = context_, speech = speech_] { Serve(fd, context, speech); });
  }
}

void TlsServer::Serve(int fd, const ContextPtr& context, Speech speech) {
  BlockSigpipe();
  if (speech == Speech::kPlainHttp || speech == Speech::kHangUp) {
    const std::string_view words = speech == Speech::kHangUp ? std::string_view() : kClearRefusal;
    ::send(fd, words.data(), words.size(), MSG_NOSIGNAL);
    ++failed_handshakes_;
  } else {
    const std::unique_ptr<SSL, void (*)(SSL*)> tls(SSL_new(context.get()), SSL_free);
    if (tls != nullptr && SSL_set_fd(tls.get(), fd) == 1 && SSL_accept(tls.get()) == 1) {
      Converse(tls.get(), fd);
    } else {
      ++failed_handshakes_;
    }
    ERR_clear_error();
  }
  const std::lock_guard lock(mutex_);
  fds_.erase(fd);
  ::close(fd);
}

void TlsServer::Converse(SSL* tls, int fd) {
  const std::optional<Digest> client = PeerKeyDigest(tls);
  std::string text;
  while (!ending_) {
    std::size_t end = text.find("\r\n\r\n");
    std::optional<Request> request;
    std::optional<std::size_t> length;
    if (end != std::string::npos) {
      end += 4;
      request = ParseRequestHead(std::string_view(text).substr(0, end));
      length = request ? BodyLength(*request) : std::nullopt;
    }
    const bool bad = end == std::string::npos ? text.size() > kMaxHeadBytes : !length.has_value();
    const bool whole = length && text.size() >= end + *length;
    if (!bad && !whole) {
      std::array<char, 8192> piece{};
      const int got = SSL_read(tls, piece.data(), static_cast<int>(piece.size()));
      if (got <= 0) {
        return;
      }
      text.append(piece.data(), static_cast<std::size_t>(got));
      continue;
    }
    Connection connection(tls, fd, ending_, client);
    if (bad) {
      handler_(std::nullopt, connection);
      return;
    }
    request->body = text.substr(end, *length);
    text.erase(0, end + *length);
    handler_(request, connection);
    if (!connection.open()) {
      return;
    }
  }
}

}  // namespace strata::conformance
