// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/jobs/webhook_sender.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <list>
#include <thread>
#include <utility>

#include <curl/curl.h>
#include <sys/socket.h>

#include "strata/core/secure.hpp"

namespace strata::cloud {
namespace {

constexpr std::uint32_t kAtOnce = 32;
constexpr std::chrono::milliseconds kLongestPoll{1'000};
// Events come in crowds: between two looks at what is due.
constexpr std::chrono::milliseconds kSpacing{10};

/// One request under way.
struct Attempt {
  DueDelivery due;
  std::string body;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  bool allow_private = false;
  bool refused_address = false;
  std::array<char, CURL_ERROR_SIZE> words{};

  explicit Attempt(DueDelivery taken) : due(std::move(taken)) {}

  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  ~Attempt() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    SecureZero({reinterpret_cast<std::uint8_t*>(due.secret.data()), due.secret.size()});
  }

  void AddHeader(const std::string& line) {
    if (curl_slist* longer = curl_slist_append(headers, line.c_str())) {
      headers = longer;
    }
  }
};

curl_socket_t OpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& attempt = *static_cast<Attempt*>(user);
  if (!attempt.allow_private && !IsPublicAddress(address->addr)) {
    attempt.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t DropBody(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

DeliveryResult ResultOf(const Attempt& attempt, CURLcode code) {
  long status = 0;
  curl_easy_getinfo(attempt.easy, CURLINFO_RESPONSE_CODE, &status);
  DeliveryResult result{.delivered = code == CURLE_OK && status >= 200 && status < 300,
                        .status = static_cast<std::uint32_t>(status)};
  if (result.delivered) {
    return result;
  }
  if (attempt.refused_address) {
    result.error = "its name leads to an address that is not public";
  } else if (code != CURLE_OK) {
    result.error = attempt.words[0] != '\0' ? attempt.words.data() : curl_easy_strerror(code);
  } else {
    result.error = "it answered " + std::to_string(status);
  }
  return result;
}

}  // namespace

class WebhookSender::Impl {
 public:
  Impl(Service& service, Clock& clock, Render render, Options options)
      : service_(service),
        clock_(clock),
        render_(std::move(render)),
        options_(std::move(options)),
        multi_(curl_multi_init()),
        thread_([this] { Run(); }) {}

  ~Impl() {
    ending_ = true;
    curl_multi_wakeup(multi_);
    thread_.join();
    for (const auto& attempt : attempts_) {
      curl_multi_remove_handle(multi_, attempt->easy);
    }
    attempts_.clear();
    curl_multi_cleanup(multi_);
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Wake() {
    woken_ = true;
    curl_multi_wakeup(multi_);
  }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  void Run() {
    SteadyTime last_look{};
    while (!ending_) {
      const auto since = std::chrono::steady_clock::now() - last_look;
      if (since >= options_.idle || (woken_ && since >= kSpacing)) {
        woken_ = false;
        TakeMore();
        last_look = std::chrono::steady_clock::now();
      }
      int running = 0;
      curl_multi_perform(multi_, &running);
      if (Finish()) {
        woken_ = true;  // there is room for more
        continue;
      }
      const auto wait = woken_ ? kSpacing : std::min(options_.idle, kLongestPoll);
      curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait.count()), nullptr);
    }
  }

  void TakeMore() {
    const auto room = static_cast<std::uint32_t>(kAtOnce - attempts_.size());
    if (room == 0) {
      return;
    }
    DeliveriesUnderWay under_way;
    for (const auto& attempt : attempts_) {
      under_way.Add(attempt->due.delivery);
    }
    auto due = service_.TakeDeliveries(room, under_way);
    if (!due.ok()) {
      return;  // the database is busy or broken: health says so, the next look tries again
    }
    for (DueDelivery& each : *due) {
      Begin(std::move(each));
    }
  }

  void Begin(DueDelivery due) {
    auto attempt = std::make_unique<Attempt>(std::move(due));
    attempt->allow_private = options_.allow_private;
    attempt->body = render_(attempt->due.event);
    attempt->easy = curl_easy_init();
    Prepare(*attempt);
    if (curl_multi_add_handle(multi_, attempt->easy) == CURLM_OK) {
      attempts_.push_back(std::move(attempt));
    }
  }

  void Prepare(Attempt& attempt) const {
    CURL* const easy = attempt.easy;
    const Delivery& delivery = attempt.due.delivery;
    attempt.AddHeader("Content-Type: application/json");
    attempt.AddHeader("Strata-Webhook: " + std::string(delivery.webhook_sid.text()));
    attempt.AddHeader("Strata-Event: " + std::to_string(delivery.event));
    attempt.AddHeader("Strata-Signature: " +
                      SignWebhook(attempt.due.secret, clock_.Now(), attempt.body));
    attempt.AddHeader("Expect:");
    curl_easy_setopt(easy, CURLOPT_URL, attempt.due.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, options_.allow_private ? "http,https" : "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "strata-cloud");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, attempt.headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(attempt.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, attempt.body.c_str());
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, 1024L * 1024L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &DropBody);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, attempt.words.data());
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OpenSocket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &attempt);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &attempt);
  }

  /// Whether one ended.
  bool Finish() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) {
        continue;
      }
      // The message dies with the handle's removal.
      CURL* const easy = message->easy_handle;
      const CURLcode code = message->data.result;
      char* user = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
      curl_multi_remove_handle(multi_, easy);
      const auto* const ended = reinterpret_cast<const Attempt*>(user);
      // Not noted: the lease ends and it is tried again. At least once is what is promised.
      static_cast<void>(service_.ConcludeDelivery(ended->due.delivery, ResultOf(*ended, code)));
      attempts_.remove_if([ended](const auto& each) { return each.get() == ended; });
      any = true;
    }
    return any;
  }

  Service& service_;
  Clock& clock_;
  Render render_;
  Options options_;
  std::atomic<bool> ending_{false};
  std::atomic<bool> woken_{false};
  CURLM* multi_;
  std::list<std::unique_ptr<Attempt>> attempts_;  ///< the thread's own
  std::thread thread_;
};

WebhookSender::WebhookSender(Service& service, Clock& clock, Render render, Options options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(started);
  impl_ = std::make_unique<Impl>(service, clock, std::move(render), std::move(options));
}

WebhookSender::~WebhookSender() = default;

void WebhookSender::Wake() {
  impl_->Wake();
}

}  // namespace strata::cloud
