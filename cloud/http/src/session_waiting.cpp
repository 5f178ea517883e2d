// SPDX-License-Identifier: Apache-2.0
// Answers that wait for something: a device's long poll and live streams.
#include <atomic>
#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

#include "access_log.hpp"
#include "json.hpp"
#include "range.hpp"
#include "session.hpp"

namespace strata::cloud::http {
namespace {

/// What a waiting request and its wakers share.
struct Waiting {
  explicit Waiting(const Executor& loop) : timer(std::make_shared<Timer>(loop)) {}

  std::shared_ptr<Timer> timer;
  bool changed = false;
  bool give_up = false;
};

class Registration {
 public:
  Registration(WaitingPolls& polls, const DeviceIdentity& device, WaitingPolls::Wake wake)
      : polls_(polls),
        device_(device.sid),
        ticket_(polls.Register(device.account_sid, device.sid, std::move(wake))) {}

  ~Registration() { polls_.Unregister(device_, ticket_); }

  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  WaitingPolls& polls_;
  DeviceSid device_;
  std::uint64_t ticket_;
};

/// What a stream and its wakers share. Wakers come from any thread and often: at most one of them
/// is on its way to the loop at a time.
struct Woken {
  explicit Woken(const Executor& loop) : timer(std::make_shared<Timer>(loop)) {}

  std::shared_ptr<Timer> timer;
  std::atomic<bool> posted{false};
  std::atomic<bool> give_up{false};
  bool changed = false;  ///< the loop's own
};

/// An event without data: nobody is told, and whoever comes back goes on behind it.
std::string Hello(const EventStream& stream) {
  return "retry: 2000\nid: " + std::to_string(stream.begin) + "\n\n";
}

constexpr std::string_view kHeartbeat = ":\n\n";

}  // namespace

/// A stream that is counted until this goes.
struct Session::Following {
  Following(LiveStreams& all, const Route& its_route, std::shared_ptr<Woken> shared)
      : streams(all), route(its_route), woken(std::move(shared)) {}

  ~Following() {
    if (ticket) {
      streams.Close(*ticket);
    }
  }

  Following(const Following&) = delete;
  Following& operator=(const Following&) = delete;

  LiveStreams& streams;
  const Route& route;
  std::shared_ptr<Woken> woken;
  std::optional<std::uint64_t> ticket{};
};

Task<std::optional<Response>> Session::Poll(Request& request, const Route& route) {
  const std::string* const prefer = request.Find("Prefer");
  const std::uint32_t wait_sec = prefer != nullptr ? ParseWait(*prefer).value_or(0) : 0;
  const Executor loop = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<Waiting>(loop);
  if (buffer_.empty()) {
    std::string().swap(buffer_);  // thousands wait at once
  }
  // Registered before the first look: a change in between is seen, not lost.
  const Registration registration(
      *context_.polls, *request.device, [waiting, loop](WaitingPolls::Reason reason) {
        asio::post(loop, [waiting, reason] {
          waiting->changed = true;
          waiting->give_up = waiting->give_up || reason == WaitingPolls::Reason::kGiveUp;
          waiting->timer->cancel();
        });
      });
  const auto until = SteadyClock::now() + std::chrono::seconds(wait_sec);
  while (true) {
    waiting->changed = false;
    Response response = co_await RunHandler(request, route);
    const bool over = waiting->give_up || stopping_ || SteadyClock::now() >= until;
    if (response.status != 304 || over) {
      co_return std::optional<Response>(std::move(response));
    }
    if (!waiting->changed) {
      waiting->timer->expires_at(until);
      waited_ = true;
      context_.metrics->WaitBegan();
      const bool there = co_await stream_.WaitFor(waiting->timer);
      context_.metrics->WaitEnded();
      if (!there) {
        co_return std::nullopt;
      }
    }
    // The device may have been revoked meanwhile.
    Admission again = co_await Admit(request);
    if (again.refusal) {
      co_return std::move(again.refusal);
    }
  }
}

Task<Response> Session::OpenStream(const Request& request, const Route& route, Response response) {
  const Executor loop = co_await asio::this_coro::executor;
  const auto woken = std::make_shared<Woken>(loop);
  following_ = std::make_shared<Following>(context_.polls->streams(), route, woken);
  following_->ticket = context_.polls->streams().Open(request.account->sid,
                                                      response.stream->topic,
                                                      context_.limits->streams,
                                                      [woken, loop](bool give_up) {
                                                        woken->give_up = woken->give_up || give_up;
                                                        if (woken->posted.exchange(true)) {
                                                          return;
                                                        }
                                                        asio::post(loop, [woken] {
                                                          woken->posted = false;
                                                          woken->changed = true;
                                                          woken->timer->cancel();
                                                        });
                                                      });
  if (following_->ticket) {
    co_return response;
  }
  co_return Refusal(request,
                    {.status = 429,
                     .code = 20429,
                     .message = "the account follows " + std::to_string(context_.limits->streams) +
                                " live streams already; end one of them",
                     .retry_after_sec = 10});
}

Task<ApiResult<std::string>> Session::NextEvents(const Request& request, EventStream& stream) {
  ApiResult<std::string> text = std::string();
  co_await OnWorkers(*context_.workers, [&] {
    try {
      // The key may have been revoked, the device removed.
      if (context_.site->MayGoOn(request, following_->route)) {
        text = stream.next();
      } else {
        text = ApiError{.status = 401, .code = 20003, .message = "revoked"};
      }
    } catch (const std::exception& failure) {
      LogFailure(context_.log, request, failure.what());
      text = ApiError{.status = 500, .code = 20500, .message = "the server failed"};
    }
  });
  co_return text;
}

Task<bool> Session::Follow(const Request& request, EventStream& stream) {
  Woken& woken = *following_->woken;
  waited_ = true;
  std::string text = Hello(stream);
  while (true) {
    stream_.SetDeadline(context_.limits->stream_write);
    // Who does not take a batch in time is dropped: it comes back and catches up.
    if (!text.empty() && !co_await stream_.Write(text)) {
      co_return false;
    }
    sent_bytes_ += text.size();
    woken.changed = false;
    ApiResult<std::string> next = co_await NextEvents(request, stream);
    if (!next.ok()) {
      co_return false;
    }
    const bool idle = next->empty();
    if (idle && (!stream.follow || woken.give_up || stopping_)) {
      co_return true;
    }
    text = idle ? std::string() : std::move(next).value();
    if (!idle) {
      continue;
    }
    if (!woken.changed) {
      woken.timer->expires_after(context_.limits->stream_heartbeat);
      if (!co_await stream_.WaitFor(woken.timer)) {
        co_return false;
      }
    }
    if (!woken.changed && !woken.give_up) {
      text = kHeartbeat;
      continue;
    }
    // News come in crowds: take them together.
    const auto pause = std::make_shared<Timer>(woken.timer->get_executor());
    pause->expires_after(woken.give_up ? std::chrono::milliseconds(0)
                                       : context_.limits->stream_pause);
    if (!co_await stream_.WaitFor(pause)) {
      co_return false;
    }
  }
}

}  // namespace strata::cloud::http
