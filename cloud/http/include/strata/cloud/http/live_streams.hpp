// SPDX-License-Identifier: Apache-2.0
/// LiveStreams: who follows what live, in this process. Role: counts and wakes; knows neither
/// sockets nor what is followed. A topic is the text of a SID. Context: thread-safe; callbacks run
/// under its lock and must only post elsewhere. Reference: docs/spec/rest.md "Live streams".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "strata/core/sid.hpp"

namespace strata::cloud {

class LiveStreams {
 public:
  /// `give_up`: the stream is to end now; else: look again.
  using Wake = std::function<void(bool give_up)>;

  /// Of a new stream; nullopt: the account has `limit` of them already (0: no limit). `wake` may be
  /// called any number of times until Close() returns; never after it.
  [[nodiscard]] std::optional<std::uint64_t> Open(const AccountSid& account,
                                                  std::string topic,
                                                  std::size_t limit,
                                                  Wake wake);
  void Close(std::uint64_t ticket);

  void WakeTopic(std::string_view topic);
  void WakeAccount(const AccountSid& account);
  /// Every stream, and every later one, gives up.
  void Stop();

  [[nodiscard]] std::size_t size() const;

 private:
  struct Stream {
    AccountSid account;
    std::string topic;
    Wake wake;
  };

  mutable std::mutex mutex_;
  std::map<std::uint64_t, Stream> streams_;
  std::map<std::string, std::set<std::uint64_t>, std::less<>> topics_;
  std::map<AccountSid, std::set<std::uint64_t>> accounts_;
  std::uint64_t last_ticket_ = 0;
  bool stopped_ = false;
};

}  // namespace strata::cloud
