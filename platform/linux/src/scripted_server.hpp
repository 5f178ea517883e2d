// SPDX-License-Identifier: Apache-2.0
/// ScriptedServer: answers HTTP requests on 127.0.0.1 as a test says, byte for byte, also wrongly.
/// Tests only.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace strata::device {

struct Reply {
  std::string bytes;   ///< status line, headers and body as they go out
  bool close = false;  ///< hang up after them
  bool stall = false;  ///< say nothing more until the server ends
};

class ScriptedServer {
 public:
  using Handler = std::function<Reply(const std::string& request)>;

  explicit ScriptedServer(Handler handler);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// Whole requests so far, in order of arrival.
  [[nodiscard]] std::vector<std::string> requests();

  [[nodiscard]] int connections() const { return connections_; }

 private:
  void Accept();
  void Serve(int fd);
  [[nodiscard]] bool WaitReadable(int fd) const;

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_{false};
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// "HTTP/1.1 STATUS …" with `headers` (each ended by \r\n), Content-Length and `body`.
[[nodiscard]] Reply Answer(int status, const std::string& headers, const std::string& body);

}  // namespace strata::device
