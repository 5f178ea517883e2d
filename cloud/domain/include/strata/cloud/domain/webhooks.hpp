// SPDX-License-Identifier: Apache-2.0
/// Webhooks: where an account wants to be told what becomes of its deployments. Each transition is
/// queued for each webhook in the transaction that makes it, and delivered at least once, in no
/// promised order. Reference: docs/spec/rest.md "Webhooks".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "strata/cloud/domain/events.hpp"
#include "strata/cloud/domain/sealer.hpp"

namespace strata::cloud {

struct Webhook {
  WebhookSid sid;
  AccountSid account_sid;
  std::string url{};
  std::string friendly_name{};
  UnixSeconds date_created = 0;
};

struct WebhookRecord {
  Webhook webhook;
  SealedValue secret{};
};

/// One event on its way to one webhook.
struct Delivery {
  AccountSid account_sid;
  WebhookSid webhook_sid;
  std::int64_t event = 0;  ///< Event::sequence
  UnixSeconds date_created = 0;
  UnixSeconds next_attempt = 0;
  std::uint32_t attempts = 0;
  std::uint32_t last_status = 0;  ///< HTTP status of the last answer; 0: none came
  std::string last_error{};       ///< words for a person, no secret
  bool dead = false;              ///< given up
};

/// A delivery with all that is needed to make it.
struct DueDelivery {
  Delivery delivery;
  std::string url{};
  std::string secret{};  ///< secret
  Event event;
};

/// Deliveries under way: counted anew by who makes them before each look at what is due, so that
/// neither a webhook nor an account takes the room of others.
class DeliveriesUnderWay {
 public:
  void Add(const Delivery& delivery);
  /// Whether its webhook has fewer than four under way, and its account fewer than eight.
  [[nodiscard]] bool HasRoom(const Delivery& delivery) const;
  [[nodiscard]] std::uint32_t Of(const WebhookSid& webhook) const;
  [[nodiscard]] std::uint32_t Of(const AccountSid& account) const;

 private:
  std::map<WebhookSid, std::uint32_t> of_webhook_;
  std::map<AccountSid, std::uint32_t> of_account_;
};

/// What became of an attempt.
struct DeliveryResult {
  bool delivered = false;
  std::uint32_t status = 0;
  std::string error{};
};

/// A delivery that was given up, with its event.
struct DeadLetter {
  Delivery delivery;
  Event event;
};

/// The value of `Strata-Signature`: "t=<seconds>,v1=<hex of HMAC-SHA256 under the secret's text
/// over <seconds>.<body>>".
std::string SignWebhook(std::string_view secret, UnixSeconds time, std::string_view body);

}  // namespace strata::cloud
