// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

boost::json::object WebhookObject(const Webhook& webhook, std::string_view base_url) {
  boost::json::object object;
  object["sid"] = Text(webhook.sid.text());
  object["account_sid"] = Text(webhook.account_sid.text());
  object["webhook_url"] = Text(webhook.url);
  object["friendly_name"] = Text(webhook.friendly_name);
  object["date_created"] = Text(DateText(webhook.date_created));
  object["url"] = Text(std::string(base_url) + "/v1/Webhooks/" + std::string(webhook.sid.text()));
  return object;
}

}  // namespace

std::string WebhookJson(const Webhook& webhook, std::string_view base_url) {
  return boost::json::serialize(WebhookObject(webhook, base_url));
}

std::string CreatedWebhookJson(const Webhook& webhook,
                               std::string_view secret,
                               std::string_view base_url) {
  boost::json::object object = WebhookObject(webhook, base_url);
  object["secret"] = Text(secret);
  return boost::json::serialize(object);
}

std::string DeadLetterJson(const DeadLetter& letter, std::string_view) {
  boost::json::object object;
  object["webhook_sid"] = Text(letter.delivery.webhook_sid.text());
  object["date_created"] = Text(DateText(letter.delivery.date_created));
  object["date_given_up"] = Text(DateText(letter.delivery.next_attempt));
  object["attempts"] = letter.delivery.attempts;
  object["last_status"] = letter.delivery.last_status;
  object["last_error"] = Text(letter.delivery.last_error);
  object["event"] = boost::json::parse(EventJson(letter.event, {}));
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
