// SPDX-License-Identifier: Apache-2.0
// What shows many devices at once: filtered lists, counts, hourly counts.
#include <algorithm>
#include <map>

#include "names.hpp"
#include "pages.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr UnixSeconds kHourSec = 60 * 60;
constexpr UnixSeconds kDaySec = 24 * kHourSec;
constexpr UnixSeconds kKeptSec = 31 * kDaySec;
constexpr std::size_t kMaxAppTallies = 1000;
constexpr std::uint32_t kMaxHourRows = 30'000;  ///< three states each

UnixSeconds StartOfHour(UnixSeconds time) {
  return time - time % kHourSec;
}

ApiResult<AppSid> FilterApp(StoreView& view, const Account& account, const std::string& name) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> app, ResolveApp(view, account.sid, name));
  if (!app) {
    return BadParameter("App: this account has no app of that SID or unique name");
  }
  return app->sid;
}

ApiResult<DeviceFilter> FilterOf(StoreView& view,
                                 const Account& account,
                                 const DeviceQuery& query) {
  DeviceFilter filter{.status = query.status,
                      .name_prefix = query.name_prefix,
                      .name_end = TextBehind(query.name_prefix),
                      .tag = query.tag,
                      .silent_since = query.silent_since};
  if (query.app) {
    STRATA_CLOUD_TRY_ASSIGN(filter.target, FilterApp(view, account, *query.app));
  }
  return filter;
}

/// Every filter by a name and its length: two different ones never read the same.
std::string TextOf(const DeviceFilter& filter) {
  std::string text;
  const auto add = [&text](char name, const std::string& value) {
    text += name + std::to_string(value.size()) + ':' + value;
  };
  if (filter.status) {
    add('s', std::to_string(static_cast<unsigned>(*filter.status)));
  }
  if (filter.target) {
    add('a', std::string(filter.target->text()));
  }
  if (!filter.name_prefix.empty()) {
    add('n', filter.name_prefix);
  }
  if (filter.tag) {
    add('t', *filter.tag);
  }
  if (filter.silent_since) {
    add('q', std::to_string(*filter.silent_since));
  }
  return text;
}

void Add(DeviceTally& tally, UpdateStatus status, std::uint64_t devices) {
  switch (status) {
    case UpdateStatus::kUpToDate:
      tally.up_to_date += devices;
      return;
    case UpdateStatus::kPending:
      tally.pending += devices;
      return;
    case UpdateStatus::kError:
      tally.error += devices;
      return;
  }
}

using Tallies = std::map<std::optional<AppSid>, AppTally>;

AppTally& TallyOf(Tallies& tallies, const std::optional<AppSid>& app) {
  AppTally& tally = tallies[app];
  tally.app = app;
  return tally;
}

ApiOutcome NameApps(StoreView& view, const Account& account, std::vector<AppTally>& tallies) {
  for (AppTally& tally : tallies) {
    if (tally.app) {
      STRATA_CLOUD_TRY_ASSIGN(const std::optional<App> app, view.FindApp(account.sid, *tally.app));
      tally.unique_name = app ? app->unique_name : std::nullopt;
    }
  }
  return Empty{};
}

}  // namespace

ApiResult<PageOf<Device>> Service::ListDevices(const Account& account,
                                               const PageRequest& request,
                                               const DeviceQuery& query) {
  if (query.tag) {
    STRATA_CLOUD_TRY(CheckTag(*query.tag, "Tag"));
  }
  if (!query.name_prefix.empty() && !CountPlainScalars(query.name_prefix)) {
    return BadParameter("Name: it must be UTF-8 without control characters");
  }
  const UnixSeconds now = impl_->ports.clock->Now();
  return impl_->Read([&](StoreView& view) -> ApiResult<PageOf<Device>> {
    STRATA_CLOUD_TRY_ASSIGN(const DeviceFilter filter, FilterOf(view, account, query));
    const PageTokens tokens(impl_->page_key, ListKind::kDevices, account.sid, TextOf(filter));
    STRATA_CLOUD_TRY_ASSIGN(PageOf<Device> page,
                            MakePage<Device>(tokens, request, [&](const ListQuery& list) {
                              return view.ListDevices(account.sid, list, filter);
                            }));
    for (Device& device : page.items) {
      device = ShownAt(std::move(device), now);
    }
    return page;
  });
}

ApiResult<DeviceCounts> Service::CountDevices(const Account& account) {
  DeviceCounts counts{.account_sid = account.sid, .date = impl_->ports.clock->Now()};
  return impl_->Read([&](StoreView& view) -> ApiResult<DeviceCounts> {
    Tallies tallies;
    counts.devices = {};
    STRATA_CLOUD_TRY_ASSIGN(const auto targeted, view.CountDevices(account.sid));
    for (const DeviceCount& count : targeted) {
      Add(counts.devices, count.status, count.devices);
      Add(TallyOf(tallies, count.target).devices, count.status, count.devices);
    }
    STRATA_CLOUD_TRY_ASSIGN(const auto running, view.CountRunning(account.sid));
    for (const RunningCount& count : running) {
      TallyOf(tallies, count.app).running = count.devices;
    }
    counts.apps.clear();
    for (auto& [app, tally] : tallies) {
      counts.apps.push_back(std::move(tally));
    }
    std::ranges::stable_sort(counts.apps, std::ranges::greater{}, [](const AppTally& tally) {
      return tally.devices.total() + tally.running;
    });
    counts.apps.resize(std::min(counts.apps.size(), kMaxAppTallies));
    STRATA_CLOUD_TRY(NameApps(view, account, counts.apps));
    return counts;
  });
}

ApiResult<std::vector<HourTally>> Service::DeviceHistory(const Account& account,
                                                         const HistoryRequest& request) {
  const UnixSeconds now = impl_->ports.clock->Now();
  HourQuery query{.since = request.since.value_or(now - kDaySec),
                  .until = request.until.value_or(now + 1),
                  .limit = kMaxHourRows + 1};
  if (query.since >= query.until || query.until - query.since > kKeptSec) {
    return BadParameter("Since must be before Until, by at most 31 days");
  }
  return impl_->Read([&](StoreView& view) -> ApiResult<std::vector<HourTally>> {
    if (request.app) {
      // A deleted app still has a history: a SID need not be there any more.
      query.target = AppSid::Parse(*request.app);
      if (!query.target) {
        STRATA_CLOUD_TRY_ASSIGN(query.target, FilterApp(view, account, *request.app));
      }
    }
    STRATA_CLOUD_TRY_ASSIGN(const auto rows, view.ListHours(account.sid, query));
    if (rows.size() > kMaxHourRows) {
      return BadParameter(
          "Since, Until: too many apps in so many hours; ask for fewer, or one App");
    }
    std::vector<HourTally> hours;
    for (const HourCount& row : rows) {
      if (hours.empty() || hours.back().hour != row.hour || hours.back().app != row.count.target) {
        hours.push_back({.hour = row.hour, .app = row.count.target, .devices = {}});
      }
      Add(hours.back().devices, row.count.status, row.count.devices);
    }
    return hours;
  });
}

ApiOutcome Service::RecordHour() {
  const UnixSeconds hour = StartOfHour(impl_->ports.clock->Now());
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.RecordHour(hour));
    STRATA_CLOUD_TRY(transaction.ForgetHours(hour - kKeptSec));
    return Empty{};
  });
}

}  // namespace strata::cloud
