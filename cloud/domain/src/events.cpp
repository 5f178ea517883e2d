// SPDX-License-Identifier: Apache-2.0
// What happened, for people who look and for those who follow. Reference: docs/spec/rest.md
// "Events", "Updates of a device".
#include <algorithm>

#include "names.hpp"
#include "pages.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr std::uint32_t kKeptUpdates = 100;
constexpr UnixMicros kEventsKeptTime = UnixMicros{30} * 24 * 60 * 60 * 1'000'000;

ApiResult<EventFilter> FilterOf(StoreView& view, const Account& account, const EventQuery& query) {
  EventFilter filter{.type = query.type};
  if (!query.device) {
    return filter;
  }
  // A removed device still has events: a SID need not be there any more.
  filter.device = DeviceSid::Parse(*query.device);
  if (!filter.device) {
    STRATA_CLOUD_TRY_ASSIGN(const auto record, ResolveDevice(view, account.sid, *query.device));
    if (!record) {
      return BadParameter("Device: this account has no device of that SID or unique name");
    }
    filter.device = record->device.sid;
  }
  return filter;
}

std::string TextOf(const EventFilter& filter) {
  std::string text = filter.device ? std::string(filter.device->text()) : std::string();
  return filter.type ? text + ':' + std::to_string(static_cast<unsigned>(*filter.type)) : text;
}

UpdateError ErrorOf(const DeviceApp& app) {
  return {app.update_error_code, app.update_error_op, app.update_error_detail};
}

UpdateProgress ProgressOf(const DeviceApp& app) {
  return {app.update_state, app.bytes_staged, app.bytes_total};
}

EventType TypeOf(UpdateOutcome outcome) {
  switch (outcome) {
    case UpdateOutcome::kPending:
      return EventType::kDeploymentPending;
    case UpdateOutcome::kConfirmed:
      return EventType::kDeploymentConfirmed;
    case UpdateOutcome::kFailed:
      return EventType::kDeploymentFailed;
    case UpdateOutcome::kReverted:
      return EventType::kDeploymentReverted;
    case UpdateOutcome::kSilent:
      return EventType::kDeploymentSilent;
    case UpdateOutcome::kReplaced:
      return EventType::kDeploymentReplaced;
  }
  return EventType::kDeploymentFailed;
}

}  // namespace

Event EventOf(EventType type, const App& app) {
  return {
      .type = type, .account_sid = app.account_sid, .app_sid = app.sid, .name = app.unique_name};
}

Event EventOf(EventType type, const Device& device) {
  Event event{.type = type,
              .account_sid = device.account_sid,
              .device_sid = device.sid,
              .name = device.unique_name};
  if (IsTransition(type) || type == EventType::kDeploymentProgress) {
    event.app_sid = device.app.target_sid;
    event.deployment_id = device.app.deployment_id;
    event.error = ErrorOf(device.app);
    event.progress = ProgressOf(device.app);
  }
  return event;
}

ApiOutcome Service::Impl::Record(StoreTransaction& transaction, Event event) {
  event.time = ports.clock->NowMicros();
  STRATA_CLOUD_TRY_ASSIGN(const std::int64_t sequence, transaction.InsertEvent(event));
  if (IsTransition(event.type)) {
    STRATA_CLOUD_TRY(
        transaction.QueueDeliveries(event.account_sid, sequence, ports.clock->Now(), std::nullopt));
  }
  return Empty{};
}

ApiOutcome Service::Impl::BeginUpdate(StoreTransaction& transaction,
                                      const Device& device,
                                      const App& app) {
  const UpdateRecord update{.account_sid = device.account_sid,
                            .device_sid = device.sid,
                            .deployment_id = *device.app.deployment_id,
                            .app_sid = app.sid,
                            .app_name = app.unique_name,
                            .manifest_hash = app.manifest_hash,
                            .date_targeted = *device.app.date_targeted};
  STRATA_CLOUD_TRY(transaction.InsertUpdate(update, kKeptUpdates));
  return Record(transaction, EventOf(EventType::kDeploymentPending, device));
}

ApiOutcome Service::Impl::NoteProgress(StoreTransaction& transaction,
                                       const Device& device,
                                       bool first) {
  if (first) {
    STRATA_CLOUD_TRY_ASSIGN(
        std::optional<UpdateRecord> update,
        transaction.FindUpdate(device.account_sid, device.sid, *device.app.deployment_id));
    if (update && !update->date_started) {
      update->date_started = ports.clock->Now();
      update->progress = ProgressOf(device.app);
      STRATA_CLOUD_TRY(transaction.ChangeUpdate(*update));
    }
  }
  return Record(transaction, EventOf(EventType::kDeploymentProgress, device));
}

ApiOutcome Service::Impl::EndUpdate(StoreTransaction& transaction,
                                    const Device& device,
                                    UpdateOutcome outcome) {
  if (!device.app.deployment_id) {
    return Empty{};
  }
  STRATA_CLOUD_TRY_ASSIGN(
      std::optional<UpdateRecord> update,
      transaction.FindUpdate(device.account_sid, device.sid, *device.app.deployment_id));
  // One that began before this cloud kept a history has none.
  if (update) {
    update->outcome = outcome;
    update->error = ErrorOf(device.app);
    update->progress = ProgressOf(device.app);
    update->date_ended = ports.clock->Now();
    STRATA_CLOUD_TRY(transaction.ChangeUpdate(*update));
  }
  return Record(transaction, EventOf(TypeOf(outcome), device));
}

ApiResult<PageOf<Event>> Service::ListEvents(const Account& account,
                                             const PageRequest& request,
                                             const EventQuery& query) {
  return impl_->Read([&](StoreView& view) -> ApiResult<PageOf<Event>> {
    STRATA_CLOUD_TRY_ASSIGN(const EventFilter filter, FilterOf(view, account, query));
    const PageTokens tokens(impl_->page_key, ListKind::kEvents, account.sid, TextOf(filter));
    return MakePage<Event>(tokens, request, [&](const ListQuery& list) {
      return view.ListEvents(account.sid, list, filter);
    });
  });
}

ApiResult<EventPlace> Service::FindEvents(const Account& account,
                                          const EventQuery& query,
                                          std::optional<std::int64_t> after) {
  return impl_->Read([&](StoreView& view) -> ApiResult<EventPlace> {
    EventPlace place;
    STRATA_CLOUD_TRY_ASSIGN(place.filter, FilterOf(view, account, query));
    STRATA_CLOUD_TRY_ASSIGN(const std::int64_t newest, view.NewestSequence(account.sid));
    place.sequence = std::min(after.value_or(newest), newest);
    return place;
  });
}

ApiResult<std::vector<Event>> Service::EventsBehind(const Account& account,
                                                    const EventPlace& place,
                                                    std::uint32_t limit) {
  return impl_->Read([&](StoreView& view) -> ApiResult<std::vector<Event>> {
    STRATA_CLOUD_TRY_ASSIGN(
        ListedRows<Event> rows,
        view.ListEvents(
            account.sid,
            {.position = ListPosition{0, place.sequence}, .newer = true, .limit = limit},
            place.filter));
    std::vector<Event> events;
    events.reserve(rows.size());
    for (Listed<Event>& row : rows) {
      events.push_back(std::move(row.item));
    }
    return events;
  });
}

ApiResult<PageOf<UpdateRecord>> Service::ListUpdates(const Account& account,
                                                     std::string_view name,
                                                     const PageRequest& request) {
  return impl_->Read([&](StoreView& view) -> ApiResult<PageOf<UpdateRecord>> {
    STRATA_CLOUD_TRY_ASSIGN(const auto record, ResolveDevice(view, account.sid, name));
    if (!record) {
      return NotFound(kDevicesCollection, name, "/Updates");
    }
    const DeviceSid& device = record->device.sid;
    const PageTokens tokens(
        impl_->page_key, ListKind::kUpdates, account.sid, std::string(device.text()));
    return MakePage<UpdateRecord>(tokens, request, [&](const ListQuery& list) {
      return view.ListUpdates(account.sid, device, list);
    });
  });
}

ApiOutcome Service::ForgetEvents() {
  const UnixMicros before = impl_->ports.clock->NowMicros() - kEventsKeptTime;
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.ForgetEvents(before));
    STRATA_CLOUD_TRY(transaction.ForgetDeliveries(before / 1'000'000));
    return Empty{};
  });
}

}  // namespace strata::cloud
