// SPDX-License-Identifier: Apache-2.0
#include "loop.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <unistd.h>

namespace strata::cloud::http {
namespace {

/// With no descriptor left, accept fails at once and again: without a pause it would spin.
constexpr std::chrono::milliseconds kAcceptPause{50};

Cidr::Address AddressOf(const Socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) {
    return {};
  }
  const auto address = endpoint.address();
  if (address.is_v6()) {
    return address.to_v6().to_bytes();
  }
  return asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
}

}  // namespace

/// A session is in the loop's list as long as this lives.
class Loop::Presence {
 public:
  Presence(Loop& loop, Session& session) : loop_(loop), session_(session) {
    loop_.sessions_.insert(&session_);
  }

  ~Presence() {
    loop_.sessions_.erase(&session_);
    if (loop_.stopping_ && !loop_.ending_ && loop_.sessions_.empty()) {
      loop_.patience_.cancel();
    }
  }

  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

 private:
  Loop& loop_;
  Session& session_;
};

Loop::Loop() : patience_(context_.get_executor()) {}

bool Loop::Add(int listening_fd, bool v6, const Listener& listener) {
  Acceptor acceptor(context_.get_executor());
  boost::system::error_code error;
  acceptor.assign(v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), listening_fd, error);
  if (error) {
    close(listening_fd);
    return false;
  }
  doors_.push_back({std::move(acceptor), listener});
  return true;
}

void Loop::Start() {
  for (Door& door : doors_) {
    asio::co_spawn(context_.get_executor(), Accept(door), asio::detached);
  }
  thread_ = std::thread([this] { context_.run(); });
}

Task<> Loop::Accept(Door& door) {
  while (!stopping_) {
    auto [error, socket] = co_await door.acceptor.async_accept(kAwaitTuple);
    if (stopping_) {
      break;
    }
    if (error) {
      Timer pause(context_.get_executor(), kAcceptPause);
      co_await pause.async_wait(kAwaitTuple);
      continue;
    }
    asio::co_spawn(
        context_.get_executor(), Serve(std::move(socket), door.listener), asio::detached);
  }
}

Task<> Loop::Serve(Socket socket, const Listener& listener) {
  const Cidr::Address peer = AddressOf(socket);
  const bool trusted = listener.trusted_proxy && listener.trusted_proxy->Contains(peer);
  Session session(
      std::move(socket), listener.context, {.address = peer, .proxy = trusted}, stopping_);
  const Presence presence(*this, session);
  co_await session.Run();
}

void Loop::Stop() {
  asio::post(context_, [this] { StopHere(); });
}

void Loop::StopHere() {
  if (std::exchange(stopping_, true)) {
    return;
  }
  for (Door& door : doors_) {
    boost::system::error_code ignored;  // nothing is accepted either way
    door.acceptor.close(ignored);
  }
  for (Session* const session : sessions_) {
    session->OnStop();
  }
  if (sessions_.empty()) {
    return;
  }
  patience_.expires_after(doors_.front().listener.context.limits->patience);
  patience_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      CutHere();
    }
  });
}

void Loop::CutHere() {
  for (Session* const session : sessions_) {
    session->Interrupt();
  }
  patience_.expires_after(kLastBreath);
  patience_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      context_.stop();
    }
  });
}

void Loop::Join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

}  // namespace strata::cloud::http
