// SPDX-License-Identifier: Apache-2.0
/// WebhookSender: delivers what is queued for webhooks, over HTTPS with libcurl, up to 32 at a time
/// on one thread of its own. Role: makes requests and says what became of them; what is due, and
/// when again, is the Service's. Security: URLs are tenants' choice, so a connection is made to
/// public addresses only (checked when the socket is opened, whatever the name resolved to),
/// redirects are not followed, proxies and other settings of the environment are ignored, TLS
/// certificates are verified, and of an answer nothing but its status is kept.
/// Reference: docs/spec/rest.md "Webhooks".
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "strata/cloud/domain/clock.hpp"
#include "strata/cloud/domain/service.hpp"

struct sockaddr;

namespace strata::cloud {

/// Whether an address is neither of this machine nor of a private, link-local, shared, multicast,
/// documentation or otherwise special network, also when it is embedded in IPv6.
bool IsPublicAddress(const sockaddr& address);

class WebhookSender {
 public:
  struct Options {
    bool allow_private = false;  ///< also http and addresses that are not public
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds idle{1'000};  ///< between two looks when nobody calls Wake()
    std::string ca_file{};                  ///< instead of the system's; for tests
  };

  /// The body of an event.
  using Render = std::function<std::string(const Event& event)>;

  /// Starts. `service` and `clock` outlive it.
  WebhookSender(Service& service, Clock& clock, Render render, Options options);
  /// Ends at once; deliveries in progress are due again later.
  ~WebhookSender();
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  /// There may be something to deliver. From any thread; does not block.
  void Wake();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace strata::cloud
