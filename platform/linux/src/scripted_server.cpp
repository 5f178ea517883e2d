// SPDX-License-Identifier: Apache-2.0
#include "scripted_server.hpp"

#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strata::device {

ScriptedServer::ScriptedServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof(address);
  if (::bind(listener_, generic, length) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, generic, &length) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  ending_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  ::close(listener_);
}

std::vector<std::string> ScriptedServer::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool ScriptedServer::WaitReadable(int fd) const {
  while (!ending_) {
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, 10) == 1) {
      return true;
    }
  }
  return false;
}

void ScriptedServer::Accept() {
  while (WaitReadable(listener_)) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      ++connections_;
      threads_.emplace_back([this, fd] { Serve(fd); });
    }
  }
}

void ScriptedServer::Serve(int fd) {
  std::string text;
  while (WaitReadable(fd)) {
    char piece[4096];
    const ssize_t got = ::recv(fd, piece, sizeof(piece), 0);
    if (got <= 0) {
      break;
    }
    text.append(piece, static_cast<std::size_t>(got));
    const std::size_t head = text.find("\r\n\r\n");
    const std::size_t announced = text.find("Content-Length: ");
    const std::size_t body =
        announced == std::string::npos ? 0 : std::stoul(text.substr(announced + 16));
    if (head == std::string::npos || text.size() < head + 4 + body) {
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(text);
    }
    const Reply reply = handler_(text);
    text.clear();
    ::send(fd, reply.bytes.data(), reply.bytes.size(), MSG_NOSIGNAL);
    while (reply.stall && !ending_) {
      ::usleep(5'000);
    }
    if (reply.close) {
      break;
    }
  }
  ::close(fd);
}

Reply Answer(int status, const std::string& headers, const std::string& body) {
  return {"HTTP/1.1 " + std::to_string(status) + " Words\r\n" + headers +
          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
}

}  // namespace strata::device
