// SPDX-License-Identifier: Apache-2.0
/// Loop: one thread that accepts connections of both listeners and runs their sessions.
#pragma once

#include <list>
#include <optional>
#include <set>
#include <thread>

#include "async.hpp"
#include "external_url.hpp"
#include "session.hpp"
#include "tls_context.hpp"

namespace strata::cloud::http {

/// A bound listener; outlives the loops.
struct Listener {
  ListenerContext context;
  TlsContext tls;
  std::optional<Cidr> trusted_proxy;
};

class Loop {
 public:
  Loop();

  ~Loop() { ending_ = true; }

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Accepts from `listening_fd`, which every loop shares, from Start() on; takes the descriptor
  /// over. false: the descriptor can't be used.
  bool Add(int listening_fd, bool v6, const Listener& listener);

  void Start();

  /// From any thread: accepts no more; ends idle connections, and all of them after
  /// HttpLimits::patience.
  void Stop();
  void Join();

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

  struct Door {
    Acceptor acceptor;
    const Listener& listener;
  };

  class Presence;

  static constexpr std::chrono::milliseconds kLastBreath{500};

  Task<> Accept(Door& door);
  Task<> Serve(Socket socket, const Listener& listener);
  void StopHere();
  void CutHere();

  // Sessions that were cut off end with context_, which therefore goes before these.
  std::set<Session*> sessions_;
  bool stopping_ = false;
  bool ending_ = false;

  asio::io_context context_{1};
  std::list<Door> doors_;
  Timer patience_;
  std::thread thread_;
};

}  // namespace strata::cloud::http
