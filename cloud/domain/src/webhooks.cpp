// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/domain/webhooks.hpp"

#include <algorithm>

#include "strata/core/secure.hpp"

#include "audit.hpp"
#include "audit_views.hpp"
#include "hmac.hpp"
#include "names.hpp"
#include "pages.hpp"
#include "secrets.hpp"
#include "service_impl.hpp"
#include "webhook_secrets.hpp"

namespace strata::cloud {
namespace {

constexpr std::string_view kWebhookCollection = "/v1/Webhooks";
constexpr std::size_t kMaxUrlChars = 2048;

ApiError BadUrl(const std::string& why) {
  return BadParameter("Url: " + why);
}

ApiOutcome CheckUrl(std::string_view url, bool private_webhooks) {
  const bool https = url.starts_with("https://");
  const bool http = private_webhooks && url.starts_with("http://");
  if (!https && !http) {
    return BadUrl("it must begin with https://");
  }
  const bool plain =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7F'; });
  const std::string_view rest = url.substr(url.find("://") + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (!plain || url.size() > kMaxUrlChars || authority.empty() ||
      url.find('#') != std::string_view::npos || url.find('\\') != std::string_view::npos) {
    return BadUrl("it must be at most 2048 printable ASCII characters, with a host, no fragment");
  }
  if (authority.find('@') != std::string_view::npos) {
    return BadUrl("it must not carry a user name or password; check Strata-Signature instead");
  }
  return Empty{};
}

ApiResult<WebhookRecord> ResolveWebhook(StoreView& view,
                                        const AccountSid& account,
                                        std::string_view sid) {
  const std::optional<WebhookSid> parsed = WebhookSid::Parse(sid);
  std::optional<WebhookRecord> record;
  if (parsed) {
    STRATA_CLOUD_TRY_ASSIGN(record, view.FindWebhook(account, *parsed));
  }
  if (!record) {
    return NotFound(kWebhookCollection, sid);
  }
  return std::move(*record);
}

}  // namespace

std::vector<std::uint8_t> WebhookContext(const Webhook& webhook) {
  constexpr std::string_view kPrefix("strata-webhook-v1\0", 18);
  std::string text(kPrefix);
  text.append(webhook.account_sid.text()).append(webhook.sid.text());
  return {text.begin(), text.end()};
}

ApiOutcome ResealWebhook(Sealer& sealer, WebhookRecord& record) {
  const std::vector<std::uint8_t> context = WebhookContext(record.webhook);
  auto plain = sealer.Open(context, record.secret.bytes);
  if (!plain.ok()) {
    return ServerFailed("webhook " + std::string(record.webhook.sid.text()), plain.error());
  }
  auto sealed = sealer.Seal(context, *plain);
  SecureZero(*plain);
  if (!sealed.ok()) {
    return ServerFailed("sealing", sealed.error());
  }
  record.secret = std::move(sealed).value();
  return Empty{};
}

std::string SignWebhook(std::string_view secret, UnixSeconds time, std::string_view body) {
  const std::string seconds = std::to_string(time);
  const std::string message = seconds + "." + std::string(body);
  const auto hex = HmacSha256(AsBytes(secret), AsBytes(message)).ToHexText();
  return "t=" + seconds + ",v1=" + std::string(hex.data(), hex.size());
}

ApiResult<std::pair<Webhook, std::string>> Service::CreateWebhook(const Account& account,
                                                                  std::string_view url,
                                                                  std::string_view friendly_name) {
  STRATA_CLOUD_TRY(CheckUrl(url, impl_->limits.private_webhooks));
  STRATA_CLOUD_TRY(CheckFriendlyName(friendly_name));
  STRATA_CLOUD_TRY_ASSIGN(std::string secret, NewSecret(*impl_->ports.random));
  STRATA_CLOUD_TRY_ASSIGN(const auto sid_bytes, impl_->RandomId());
  WebhookRecord record{.webhook = {.sid = WebhookSid::FromBytes(sid_bytes),
                                   .account_sid = account.sid,
                                   .url = std::string(url),
                                   .friendly_name = std::string(friendly_name),
                                   .date_created = impl_->ports.clock->Now()}};
  auto sealed = impl_->ports.sealer->Seal(WebhookContext(record.webhook), AsBytes(secret));
  if (!sealed.ok()) {
    return ServerFailed("sealing", sealed.error());
  }
  record.secret = std::move(sealed).value();
  const std::uint32_t limit = impl_->limits.webhooks;
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const std::uint64_t count, transaction.CountWebhooks(account.sid));
    if (limit != 0 && count >= limit) {
      return TooManyWebhooks(limit);
    }
    STRATA_CLOUD_TRY(transaction.InsertWebhook(record));
    return Note(transaction,
                account.sid,
                {.action = "webhook.create",
                 .resource = std::string(record.webhook.sid.text()),
                 .after = AuditView(record.webhook)});
  }));
  return std::pair(record.webhook, std::move(secret));
}

ApiResult<PageOf<Webhook>> Service::ListWebhooks(const Account& account,
                                                 const PageRequest& request) {
  const PageTokens tokens(impl_->page_key, ListKind::kWebhooks, account.sid);
  return impl_->Read([&](StoreView& view) {
    return MakePage<Webhook>(tokens, request, [&](const ListQuery& query) {
      return view.ListWebhooks(account.sid, query);
    });
  });
}

ApiResult<Webhook> Service::FetchWebhook(const Account& account, std::string_view sid) {
  return impl_->Read([&](StoreView& view) -> ApiResult<Webhook> {
    STRATA_CLOUD_TRY_ASSIGN(const WebhookRecord record, ResolveWebhook(view, account.sid, sid));
    return record.webhook;
  });
}

ApiOutcome Service::DeleteWebhook(const Account& account, std::string_view sid) {
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const WebhookRecord record,
                            ResolveWebhook(transaction, account.sid, sid));
    STRATA_CLOUD_TRY(transaction.DeleteWebhook(account.sid, record.webhook.sid));
    return Note(transaction,
                account.sid,
                {.action = "webhook.delete",
                 .resource = std::string(record.webhook.sid.text()),
                 .before = AuditView(record.webhook)});
  });
}

ApiOutcome Service::TestWebhook(const Account& account, std::string_view sid) {
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY_ASSIGN(const WebhookRecord record,
                            ResolveWebhook(transaction, account.sid, sid));
    Event event{.type = EventType::kWebhookTest,
                .time = impl_->ports.clock->NowMicros(),
                .account_sid = account.sid};
    STRATA_CLOUD_TRY_ASSIGN(const std::int64_t sequence, transaction.InsertEvent(event));
    STRATA_CLOUD_TRY(transaction.QueueDeliveries(
        account.sid, sequence, impl_->ports.clock->Now(), record.webhook.sid));
    return Note(transaction,
                account.sid,
                {.action = "webhook.test", .resource = std::string(record.webhook.sid.text())});
  }));
  impl_->ports.signals->EventsArrived(account.sid);
  return Empty{};
}

ApiResult<PageOf<DeadLetter>> Service::ListDeadLetters(const Account& account,
                                                       std::string_view sid,
                                                       const PageRequest& request) {
  return impl_->Read([&](StoreView& view) -> ApiResult<PageOf<DeadLetter>> {
    STRATA_CLOUD_TRY_ASSIGN(const WebhookRecord record, ResolveWebhook(view, account.sid, sid));
    const WebhookSid& webhook = record.webhook.sid;
    const PageTokens tokens(
        impl_->page_key, ListKind::kDeadLetters, account.sid, std::string(webhook.text()));
    STRATA_CLOUD_TRY_ASSIGN(PageOf<Delivery> dead,
                            MakePage<Delivery>(tokens, request, [&](const ListQuery& query) {
                              return view.ListDeadLetters(account.sid, webhook, query);
                            }));
    PageOf<DeadLetter> page{.next_token = std::move(dead.next_token),
                            .previous_token = std::move(dead.previous_token)};
    for (Delivery& delivery : dead.items) {
      STRATA_CLOUD_TRY_ASSIGN(std::optional<Event> event,
                              view.FindEvent(account.sid, delivery.event));
      if (event) {
        page.items.push_back({std::move(delivery), std::move(*event)});
      }
    }
    return page;
  });
}

ApiResult<std::uint64_t> Service::ResendDeadLetters(const Account& account,
                                                    std::string_view sid,
                                                    std::optional<std::int64_t> event) {
  const UnixSeconds now = impl_->ports.clock->Now();
  auto resent = impl_->Write([&](StoreTransaction& transaction) -> ApiResult<std::uint64_t> {
    STRATA_CLOUD_TRY_ASSIGN(const WebhookRecord record,
                            ResolveWebhook(transaction, account.sid, sid));
    STRATA_CLOUD_TRY_ASSIGN(
        const std::uint64_t count,
        transaction.ReviveDeliveries(account.sid, record.webhook.sid, event, now));
    if (count == 0 && event) {
      return NotFound(kWebhookCollection, sid, "/DeadLetters/" + std::to_string(*event));
    }
    if (count > 0) {
      STRATA_CLOUD_TRY(Note(transaction,
                            account.sid,
                            {.action = "webhook.resend",
                             .resource = std::string(record.webhook.sid.text()),
                             .after = JsonObjectText().AddNumber("dead_letters", count).Text()}));
    }
    return count;
  });
  if (resent.ok()) {
    impl_->ports.signals->EventsArrived(account.sid);  // wakes who delivers
  }
  return resent;
}

}  // namespace strata::cloud
