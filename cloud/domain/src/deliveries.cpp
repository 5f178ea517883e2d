// SPDX-License-Identifier: Apache-2.0
// Deliveries to webhooks: which is next, what became of it, and how many may wait.
#include <array>

#include "strata/core/secure.hpp"

#include "names.hpp"
#include "secrets.hpp"
#include "service_impl.hpp"
#include "webhook_secrets.hpp"

namespace strata::cloud {
namespace {

constexpr std::uint32_t kAtOncePerWebhook = 4;
constexpr std::uint32_t kAtOncePerAccount = 8;
constexpr std::uint32_t kMostWaiting = 10'000;
/// More than there are webhooks that are slow at a time, so that these hide no others.
constexpr std::uint32_t kLookedAt = 1'000;
/// Far more than are slow at a time: who is forgotten is served sooner, once.
constexpr std::size_t kMostTurns = 100'000;
constexpr UnixSeconds kLeaseSec = 120;
/// Longer than anything is put off by a clock that is right.
constexpr UnixSeconds kDaySec = 24 * 60 * 60;
constexpr std::size_t kMaxErrorChars = 200;
constexpr std::string_view kNoSecret =
    "the cloud can't open the webhook's secret: its master key is not there, or it is damaged";
/// Behind the first failure, the second …: about a day in all.
constexpr std::array<UnixSeconds, 9> kPauses = {
    10, 30, 120, 600, 1'800, 3'600, 7'200, 14'400, 43'200};

/// What becomes of a delivery whose attempt failed at `now`.
void NoteFailure(Delivery& delivery, const DeliveryResult& result, UnixSeconds now) {
  delivery.last_status = result.status;
  delivery.last_error = PlainText(std::string_view(result.error).substr(0, kMaxErrorChars));
  delivery.dead = delivery.attempts >= kPauses.size();
  delivery.next_attempt = delivery.dead ? now : now + kPauses[delivery.attempts];
  delivery.attempts += 1;
}

/// A delivery as it was read, before it is taken.
struct FoundDelivery {
  Delivery delivery;
  std::optional<DueDelivery> due{};  ///< all that it takes; nullopt: its secret can't be opened
  bool gone = false;                 ///< its webhook or its event is not there any more
  bool taken = false;
};

ApiResult<FoundDelivery> Complete(StoreView& view, Sealer& sealer, const Delivery& delivery) {
  FoundDelivery found{.delivery = delivery};
  STRATA_CLOUD_TRY_ASSIGN(const auto record,
                          view.FindWebhook(delivery.account_sid, delivery.webhook_sid));
  STRATA_CLOUD_TRY_ASSIGN(std::optional<Event> event,
                          view.FindEvent(delivery.account_sid, delivery.event));
  found.gone = !record || !event;
  if (found.gone) {
    return found;
  }
  auto secret = sealer.Open(WebhookContext(record->webhook), record->secret.bytes);
  if (secret.ok()) {
    found.due = DueDelivery{.delivery = delivery,
                            .url = record->webhook.url,
                            .secret = std::string(AsText(*secret)),
                            .event = std::move(*event)};
    SecureZero(*secret);
  }
  return found;
}

/// The next of `due`, which the store gave in fair order already, but without knowing what is under
/// way: of the account with the fewest, of those of the one whose turn was longest ago, and there
/// of the webhook with the fewest. due.end(): nothing may be added.
std::vector<Delivery>::iterator Next(std::vector<Delivery>& due,
                                     const DeliveriesUnderWay& under_way,
                                     const DeliveryTurns& turns) {
  using Rank = std::array<std::uint64_t, 3>;
  auto best = due.end();
  Rank best_rank{};
  for (auto each = due.begin(); each != due.end(); ++each) {
    if (!under_way.HasRoom(*each)) {
      continue;
    }
    const auto turn = turns.of.find(each->account_sid);
    const Rank rank = {under_way.Of(each->account_sid),
                       turn == turns.of.end() ? 0 : turn->second,
                       under_way.Of(each->webhook_sid)};
    if (best == due.end() || rank < best_rank) {
      best = each;
      best_rank = rank;
    }
  }
  return best;
}

ApiResult<std::vector<FoundDelivery>> Choose(StoreView& view,
                                             Sealer& sealer,
                                             std::vector<Delivery> due,
                                             std::uint32_t limit,
                                             DeliveriesUnderWay under_way,
                                             const DeliveryTurns& turns) {
  std::vector<FoundDelivery> chosen;
  while (chosen.size() < limit) {
    const auto next = Next(due, under_way, turns);
    if (next == due.end()) {
      break;
    }
    under_way.Add(*next);
    STRATA_CLOUD_TRY_ASSIGN(FoundDelivery found, Complete(view, sealer, *next));
    chosen.push_back(std::move(found));
    due.erase(next);
  }
  return chosen;
}

/// Whether it is ours to deliver, and nobody else's until the lease is over.
ApiResult<bool> Lease(StoreTransaction& transaction, const FoundDelivery& found, UnixSeconds now) {
  const Delivery& seen = found.delivery;
  STRATA_CLOUD_TRY_ASSIGN(std::optional<Delivery> current,
                          transaction.FindDelivery(seen.account_sid, seen.webhook_sid, seen.event));
  if (!current || current->dead || current->next_attempt != seen.next_attempt) {
    return false;
  }
  if (found.gone) {
    STRATA_CLOUD_TRY(transaction.DeleteDelivery(seen));
    return false;
  }
  if (!found.due) {
    NoteFailure(*current, {.error = std::string(kNoSecret)}, now);
  } else {
    current->next_attempt = now + kLeaseSec;
  }
  STRATA_CLOUD_TRY(transaction.UpdateDelivery(*current));
  return found.due.has_value();
}

/// Those that were taken, and none of the others' secrets.
std::vector<DueDelivery> Taken(std::vector<FoundDelivery> found,
                               UnixSeconds now,
                               DeliveryTurns& turns) {
  std::vector<DueDelivery> taken;
  for (FoundDelivery& each : found) {
    if (each.taken) {
      each.due->delivery.next_attempt = now + kLeaseSec;
      taken.push_back(std::move(*each.due));
    } else if (each.due) {
      std::string& secret = each.due->secret;
      SecureZero({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
    }
  }
  if (turns.of.size() >= kMostTurns) {
    turns.of.clear();
  }
  for (const DueDelivery& each : taken) {
    turns.of[each.delivery.account_sid] = ++turns.last;
  }
  return taken;
}

}  // namespace

bool DeliveriesUnderWay::HasRoom(const Delivery& delivery) const {
  return Of(delivery.webhook_sid) < kAtOncePerWebhook &&
         Of(delivery.account_sid) < kAtOncePerAccount;
}

void DeliveriesUnderWay::Add(const Delivery& delivery) {
  ++of_webhook_[delivery.webhook_sid];
  ++of_account_[delivery.account_sid];
}

std::uint32_t DeliveriesUnderWay::Of(const WebhookSid& webhook) const {
  const auto found = of_webhook_.find(webhook);
  return found == of_webhook_.end() ? 0 : found->second;
}

std::uint32_t DeliveriesUnderWay::Of(const AccountSid& account) const {
  const auto found = of_account_.find(account);
  return found == of_account_.end() ? 0 : found->second;
}

ApiResult<bool> Service::Impl::IsAnyDue(UnixSeconds now) {
  using Times = std::optional<std::pair<UnixSeconds, UnixSeconds>>;
  STRATA_CLOUD_TRY_ASSIGN(const Times times, Read([](StoreView& view) -> ApiResult<Times> {
                            STRATA_CLOUD_TRY_ASSIGN(const Times found, view.DeliveryTimes());
                            return found;
                          }));
  if (!times || times->second <= now + kDaySec) {
    return times && times->first <= now;
  }
  STRATA_CLOUD_TRY(Write([now](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.PullDeliveriesBack(now));
    return Empty{};
  }));
  return true;
}

ApiResult<std::vector<DueDelivery>> Service::TakeDeliveries(std::uint32_t limit,
                                                            const DeliveriesUnderWay& under_way) {
  const UnixSeconds now = impl_->ports.clock->Now();
  STRATA_CLOUD_TRY_ASSIGN(const bool due, impl_->IsAnyDue(now));
  if (!due) {
    return std::vector<DueDelivery>();
  }
  STRATA_CLOUD_TRY_ASSIGN(
      std::vector<FoundDelivery> found,
      impl_->Read([&](StoreView& view) -> ApiResult<std::vector<FoundDelivery>> {
        STRATA_CLOUD_TRY_ASSIGN(std::vector<Delivery> all,
                                view.DueDeliveries(now, kAtOncePerWebhook, kLookedAt));
        return Choose(
            view, *impl_->ports.sealer, std::move(all), limit, under_way, impl_->delivery_turns);
      }));
  if (found.empty()) {
    return std::vector<DueDelivery>();
  }
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    for (FoundDelivery& each : found) {
      STRATA_CLOUD_TRY_ASSIGN(each.taken, Lease(transaction, each, now));
    }
    return Empty{};
  }));
  return Taken(std::move(found), now, impl_->delivery_turns);
}

ApiResult<std::uint64_t> Service::BuryDeliveries() {
  const UnixSeconds now = impl_->ports.clock->Now();
  using Crowded = std::vector<std::pair<AccountSid, WebhookSid>>;
  STRATA_CLOUD_TRY_ASSIGN(const Crowded crowded,
                          impl_->Read([](StoreView& view) -> ApiResult<Crowded> {
                            STRATA_CLOUD_TRY_ASSIGN(auto all, view.CrowdedWebhooks(kMostWaiting));
                            return all;
                          }));
  const std::string why = "more than " + std::to_string(kMostWaiting) +
                          " deliveries to this webhook waited, and this was one of the oldest";
  std::uint64_t buried = 0;
  for (const auto& [account, webhook] : crowded) {
    STRATA_CLOUD_TRY_ASSIGN(
        const std::uint64_t count,
        impl_->Write([&, &of = account, &sid = webhook](
                         StoreTransaction& transaction) -> ApiResult<std::uint64_t> {
          STRATA_CLOUD_TRY_ASSIGN(const std::uint64_t given_up,
                                  transaction.BuryDeliveries(of, sid, kMostWaiting, why, now));
          return given_up;
        }));
    buried += count;
  }
  return buried;
}

ApiOutcome Service::ConcludeDelivery(const Delivery& delivery, const DeliveryResult& result) {
  const UnixSeconds now = impl_->ports.clock->Now();
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    if (result.delivered) {
      STRATA_CLOUD_TRY(transaction.DeleteDelivery(delivery));
      return Empty{};
    }
    STRATA_CLOUD_TRY_ASSIGN(
        std::optional<Delivery> current,
        transaction.FindDelivery(delivery.account_sid, delivery.webhook_sid, delivery.event));
    if (!current || current->dead) {
      return Empty{};
    }
    NoteFailure(*current, result, now);
    STRATA_CLOUD_TRY(transaction.UpdateDelivery(*current));
    return Empty{};
  });
}

}  // namespace strata::cloud
