// SPDX-License-Identifier: Apache-2.0
#include "stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>
#include <vector>

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include "tls_context.hpp"

namespace strata::cloud::http {
namespace {

int Length(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

Stream::Stream(Socket socket, SSL_CTX* tls)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      tls_(tls != nullptr ? SSL_new(tls) : nullptr),
      broken_(tls != nullptr && !tls_),
      self_(std::make_shared<Stream*>(this)) {
  boost::system::error_code ignored;  // a socket that fails here fails at its first use
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (tls_ && SSL_set_fd(tls_.get(), socket_.native_handle()) != 1) {
    broken_ = true;
  }
}

Stream::~Stream() = default;

void Stream::SetDeadline(std::chrono::milliseconds time) {
  expired_ = interrupted_;
  deadline_.expires_after(time);
  deadline_armed_ = false;
}

void Stream::Interrupt() {
  interrupted_ = true;
  expired_ = true;
  socket_.cancel();
}

void Stream::ArmDeadline() {
  if (deadline_armed_) {
    return;
  }
  deadline_armed_ = true;
  deadline_.async_wait(
      [weak = std::weak_ptr<Stream*>(self_)](const boost::system::error_code& error) {
        const auto self = weak.lock();
        // A deadline that was moved after this handler was queued has not passed.
        if (error || !self || (*self)->deadline_.expiry() > SteadyClock::now()) {
          return;
        }
        (*self)->expired_ = true;
        (*self)->socket_.cancel();
      });
}

Task<bool> Stream::Wait(Socket::wait_type type) {
  if (expired_ || broken_) {
    co_return false;
  }
  ArmDeadline();
  const auto [error] = co_await socket_.async_wait(type, kAwaitTuple);
  co_return !error && !expired_;
}

Task<Stream::Step> Stream::AfterTls(int result) {
  if (result > 0) {
    co_return Step::kDone;
  }
  const int reason = SSL_get_error(tls_.get(), result);
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
    const bool ready =
        co_await Wait(reason == SSL_ERROR_WANT_READ ? Socket::wait_read : Socket::wait_write);
    co_return ready ? Step::kRetry : Step::kFailed;
  }
  broken_ = broken_ || reason != SSL_ERROR_ZERO_RETURN;
  co_return Step::kFailed;
}

Task<bool> Stream::Handshake() {
  if (broken_) {
    co_return false;
  }
  if (!tls_) {
    co_return true;
  }
  while (true) {
    ERR_clear_error();
    const Step step = co_await AfterTls(SSL_accept(tls_.get()));
    if (step == Step::kFailed) {
      broken_ = true;
      co_return false;
    }
    if (step == Step::kDone) {
      client_ = ClientOf(tls_.get(), client_key_);
      ForgetClient(tls_.get());
      co_return true;
    }
  }
}

Task<std::size_t> Stream::Read(char* data, std::size_t size) {
  while (!expired_ && !broken_) {
    if (tls_) {
      ERR_clear_error();
      const int result = SSL_read(tls_.get(), data, Length(size));
      const Step step = co_await AfterTls(result);
      if (step == Step::kRetry) {
        continue;
      }
      co_return step == Step::kDone ? static_cast<std::size_t>(result) : 0;
    }
    const ssize_t result = recv(socket_.native_handle(), data, size, 0);
    if (result >= 0) {
      co_return static_cast<std::size_t>(result);
    }
    if (errno == EINTR) {
      continue;
    }
    const bool ready = errno == EAGAIN && co_await Wait(Socket::wait_read);
    if (!ready) {
      break;
    }
  }
  co_return 0;
}

std::optional<std::size_t> Stream::TryWrite(std::string_view data) {
  if (expired_ || broken_) {
    return std::nullopt;
  }
  if (tls_) {
    ERR_clear_error();
    const int result = SSL_write(tls_.get(), data.data(), Length(data.size()));
    if (result > 0) {
      return static_cast<std::size_t>(result);
    }
    const int reason = SSL_get_error(tls_.get(), result);
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
      write_waits_for_ = reason == SSL_ERROR_WANT_READ ? Socket::wait_read : Socket::wait_write;
      return 0;
    }
    broken_ = broken_ || reason != SSL_ERROR_ZERO_RETURN;
    return std::nullopt;
  }
  while (true) {
    const ssize_t result = send(socket_.native_handle(), data.data(), data.size(), MSG_NOSIGNAL);
    if (result >= 0) {
      return static_cast<std::size_t>(result);
    }
    if (errno == EAGAIN) {
      return 0;
    }
    if (errno != EINTR) {
      return std::nullopt;
    }
  }
}

Task<bool> Stream::Write(std::string_view data) {
  while (!data.empty()) {
    const std::optional<std::size_t> taken = TryWrite(data);
    if (!taken || (*taken == 0 && !co_await WaitWritable())) {
      co_return false;
    }
    data.remove_prefix(*taken);
  }
  co_return true;
}

void Stream::Gather(bool on) {
  const int value = on ? 1 : 0;  // where it cannot be set, more and smaller segments are sent
  setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
}

Task<bool> Stream::WaitReadable() {
  if (tls_ && SSL_has_pending(tls_.get()) == 1) {
    co_return true;
  }
  co_return co_await Wait(Socket::wait_read);
}

Stream::Peer Stream::LookAtPeer() {
  char byte = 0;
  if (tls_) {
    ERR_clear_error();
    const int result = SSL_peek(tls_.get(), &byte, 1);
    if (result > 0) {
      return Peer::kTalks;
    }
    const int reason = SSL_get_error(tls_.get(), result);
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
      return Peer::kQuiet;
    }
    broken_ = broken_ || reason != SSL_ERROR_ZERO_RETURN;
    return Peer::kGone;
  }
  const ssize_t result = recv(socket_.native_handle(), &byte, 1, MSG_PEEK);
  if (result < 0 && (errno == EAGAIN || errno == EINTR)) {
    return Peer::kQuiet;
  }
  return result > 0 ? Peer::kTalks : Peer::kGone;
}

void Stream::WatchForClose(std::shared_ptr<Timer> timer) {
  socket_.async_wait(Socket::wait_read,
                     [weak = std::weak_ptr<Stream*>(self_),
                      timer = std::move(timer)](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (error || !self) {
                         return;
                       }
                       const Peer peer = (*self)->LookAtPeer();
                       if (peer == Peer::kGone) {
                         (*self)->gone_ = true;
                         timer->cancel();
                       } else if (peer == Peer::kQuiet) {
                         (*self)->WatchForClose(timer);
                       }
                     });
}

Task<bool> Stream::WaitFor(std::shared_ptr<Timer> timer) {
  // The deadline of the request's head must not end the watch.
  deadline_.cancel();
  deadline_armed_ = false;
  WatchForClose(timer);
  co_await timer->async_wait(kAwaitTuple);
  socket_.cancel();
  co_return !gone_ && !interrupted_;
}

Task<> Stream::Close(std::chrono::milliseconds drain) {
  SetDeadline(drain);
  if (tls_ && !broken_) {
    ERR_clear_error();
    SSL_shutdown(tls_.get());
  }
  boost::system::error_code ignored;  // the other side may have closed already
  socket_.shutdown(Socket::shutdown_send, ignored);
  std::vector<char> waste(drain.count() > 0 ? 64 * 1024 : 0);
  std::uint64_t taken = 0;
  while (!waste.empty() && !gone_ && !expired_ && taken < kDrainBytes) {
    const ssize_t result = recv(socket_.native_handle(), waste.data(), waste.size(), 0);
    if (result == 0) {
      break;
    }
    if (result > 0) {
      taken += static_cast<std::uint64_t>(result);
      continue;
    }
    const auto again = errno == EAGAIN;
    ArmDeadline();
    const auto [error] = co_await socket_.async_wait(Socket::wait_read, kAwaitTuple);
    if (!again || error) {
      break;
    }
  }
  socket_.close(ignored);
}

}  // namespace strata::cloud::http
