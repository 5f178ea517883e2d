// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

#include <sys/epoll.h>
#include <unistd.h>

#include "load.hpp"

namespace strata::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kWarmUp{500};

struct Client {
  explicit Client(std::unique_ptr<Connection> to) : connection(std::move(to)) {}

  std::unique_ptr<Connection> connection;
  Answer answer;
  Clock::time_point asked;
};

class Load {
 public:
  explicit Load(const GetOptions& options)
      : requests_(RequestsOf(options)),
        context_(MakeContext(options.identity)),
        poll_(epoll_create1(EPOLL_CLOEXEC)),
        begin_(Clock::now()) {
    for (unsigned i = 0; i < options.connections; ++i) {
      auto& client = *clients_.emplace_back(
          std::make_unique<Client>(std::make_unique<Connection>(options.url, context_.get())));
      client.connection->MakeNonBlocking();
      epoll_event event{.events = EPOLLIN, .data = {.ptr = &client}};
      epoll_ctl(poll_, EPOLL_CTL_ADD, client.connection->fd(), &event);
    }
    begin_ = Clock::now() + kWarmUp;
    end_ = begin_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(options.seconds));
  }

  ~Load() { close(poll_); }

  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void Run() {
    for (const auto& client : clients_) {
      Ask(*client);
    }
    std::array<epoll_event, 64> events{};
    while (Clock::now() < end_) {
      const int count = epoll_wait(poll_, events.data(), events.size(), 100);
      for (int i = 0; i < count; ++i) {
        Take(*static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr));
      }
    }
  }

  void Print() {
    if (waits_us_.empty()) {
      Die("no answer came");
    }
    std::sort(waits_us_.begin(), waits_us_.end());
    const auto at = [this](double part) {
      const auto index = static_cast<std::size_t>(part * static_cast<double>(waits_us_.size() - 1));
      return waits_us_[index] / 1000.0;
    };
    std::printf(
        R"({"requests": %zu, "bytes": %llu, "seconds": %.3f, "p50_ms": %.3f, "p99_ms": %.3f})"
        "\n",
        waits_us_.size(),
        static_cast<unsigned long long>(bytes_),
        std::chrono::duration<double>(end_ - begin_).count(),
        at(0.5),
        at(0.99));
  }

 private:
  static std::vector<std::string> RequestsOf(const GetOptions& options) {
    std::vector<std::string> requests;
    for (const std::string& path : options.paths) {
      requests.push_back("GET " + path + " HTTP/1.1\r\nHost: " + options.url.host + ":" +
                         std::to_string(options.url.port) + "\r\n" + AuthorizationHeader() +
                         "\r\n");
    }
    return requests;
  }

  void Ask(Client& client) {
    client.answer = Answer();
    client.asked = Clock::now();
    client.connection->Send(requests_[next_++ % requests_.size()]);
  }

  /// Reads what there is; when the answer is whole, asks again.
  void Take(Client& client) {
    while (const std::size_t got = client.connection->Read(piece_.data(), piece_.size())) {
      if (!client.answer.Put({piece_.data(), got})) {
        continue;
      }
      if (client.answer.status() != 200) {
        Die("an answer has status " + std::to_string(client.answer.status()));
      }
      const auto now = Clock::now();
      if (now >= begin_ && now < end_) {
        bytes_ += client.answer.body_bytes();
        waits_us_.push_back(std::chrono::duration<double, std::micro>(now - client.asked).count());
      }
      Ask(client);
    }
  }

  std::vector<std::string> requests_;
  Context context_;
  int poll_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::array<char, 64 * 1024> piece_{};
  Clock::time_point begin_;
  Clock::time_point end_;
  std::size_t next_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<double> waits_us_;
};

}  // namespace

void RunGet(const GetOptions& options) {
  Load load(options);
  load.Run();
  load.Print();
}

}  // namespace strata::bench
