// SPDX-License-Identifier: Apache-2.0
// What devices say of themselves and what people read of it. Reference: docs/spec/wire.md "Logs",
// docs/spec/rest.md "Logs".
#include <algorithm>

#include "strata/format/wire/wire.hpp"

#include "names.hpp"
#include "pages.hpp"
#include "service_impl.hpp"

namespace strata::cloud {
namespace {

constexpr std::int64_t kKeptBytes = 1024 * 1024;
constexpr UnixMicros kSecond = 1'000'000;
constexpr UnixMicros kLogsKeptTime = 7 * 24 * 60 * 60 * kSecond;

LogType TypeOf(wire::LogKind kind) {
  switch (kind) {
    case wire::LogKind::kApp:
      return LogType::kApp;
    case wire::LogKind::kUpdate:
      return LogType::kUpdate;
    case wire::LogKind::kConnection:
      return LogType::kConnection;
  }
  return LogType::kApp;
}

std::vector<DeviceLogLine> LinesOf(const wire::LogBatch& batch, UnixMicros now) {
  std::vector<DeviceLogLine> lines;
  lines.reserve(batch.count + 1);
  for (std::uint32_t i = 0; i < batch.count; ++i) {
    const wire::LogLine& line = batch.lines[i];
    lines.push_back({.time = now - UnixMicros{line.age_ms} * 1'000,
                     .type = TypeOf(line.kind),
                     .text = PlainText(AsText(line.text))});
  }
  if (batch.dropped != 0) {
    lines.insert(lines.begin(),
                 {.time = lines.empty() ? now : lines.front().time,
                  .type = LogType::kDropped,
                  .text = std::to_string(batch.dropped) + " lines were lost on the device"});
  }
  return lines;
}

ApiResult<DeviceSid> Resolve(StoreView& view, const Account& account, std::string_view name) {
  STRATA_CLOUD_TRY_ASSIGN(const std::optional<DeviceRecord> record,
                          ResolveDevice(view, account.sid, name));
  if (!record) {
    return NotFound(kDevicesCollection, name, "/Logs");
  }
  return record->device.sid;
}

}  // namespace

ApiOutcome Service::TakeLogs(const DeviceIdentity& device, ByteSpan body) {
  const UnixSeconds now = impl_->ports.clock->Now();
  if (const int wait_sec = impl_->log_batches.Take(device.sid, now); wait_sec > 0) {
    return TooMany("the device posts its log too often; lines that are in the way may be dropped",
                   wait_sec);
  }
  const Result<wire::LogBatch> batch = wire::DecodeLogBatch(body);
  if (!batch.ok()) {
    return MalformedBody("LogBatch");
  }
  STRATA_CLOUD_TRY_ASSIGN(const DeviceRecord record,
                          impl_->Read([&](StoreView& view) { return RecordOf(view, device); }));
  impl_->Touch(record);
  if (!IsLoggingAt(record.device, now)) {
    return Empty{};
  }
  const std::vector<DeviceLogLine> lines = LinesOf(*batch, impl_->ports.clock->NowMicros());
  STRATA_CLOUD_TRY(impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(RecordOf(transaction, device));
    STRATA_CLOUD_TRY(transaction.AppendLogs(device.account_sid, device.sid, lines, kKeptBytes));
    return Empty{};
  }));
  impl_->ports.signals->LogsArrived(device.sid);
  return Empty{};
}

ApiResult<PageOf<DeviceLogLine>> Service::ListLogs(const Account& account,
                                                   std::string_view name,
                                                   const PageRequest& request) {
  return impl_->Read([&](StoreView& view) -> ApiResult<PageOf<DeviceLogLine>> {
    STRATA_CLOUD_TRY_ASSIGN(const DeviceSid device, Resolve(view, account, name));
    const PageTokens tokens(
        impl_->page_key, ListKind::kLogs, account.sid, std::string(device.text()));
    return MakePage<DeviceLogLine>(tokens, request, [&](const ListQuery& query) {
      return view.ListLogs(account.sid, device, query);
    });
  });
}

ApiResult<LogPlace> Service::FindLog(const Account& account,
                                     std::string_view name,
                                     std::optional<std::int64_t> after) {
  return impl_->Read([&](StoreView& view) -> ApiResult<LogPlace> {
    STRATA_CLOUD_TRY_ASSIGN(const DeviceSid device, Resolve(view, account, name));
    STRATA_CLOUD_TRY_ASSIGN(const std::int64_t newest, view.NewestLogSequence(account.sid, device));
    return LogPlace{device, std::min(after.value_or(newest), newest)};
  });
}

ApiResult<std::vector<DeviceLogLine>> Service::LogsBehind(const Account& account,
                                                          const LogPlace& place,
                                                          std::uint32_t limit) {
  return impl_->Read([&](StoreView& view) -> ApiResult<std::vector<DeviceLogLine>> {
    STRATA_CLOUD_TRY_ASSIGN(const auto record, view.FindDevice(account.sid, place.device));
    if (!record) {
      return NotFound(kDevicesCollection, place.device.text(), "/Logs");
    }
    STRATA_CLOUD_TRY_ASSIGN(
        ListedRows<DeviceLogLine> rows,
        view.ListLogs(
            account.sid,
            place.device,
            {.position = ListPosition{0, place.sequence}, .newer = true, .limit = limit}));
    std::vector<DeviceLogLine> lines;
    lines.reserve(rows.size());
    for (Listed<DeviceLogLine>& row : rows) {
      lines.push_back(std::move(row.item));
    }
    return lines;
  });
}

ApiOutcome Service::ForgetLogs() {
  const UnixMicros before = impl_->ports.clock->NowMicros() - kLogsKeptTime;
  return impl_->Write([&](StoreTransaction& transaction) -> ApiOutcome {
    STRATA_CLOUD_TRY(transaction.ForgetLogs(before));
    return Empty{};
  });
}

}  // namespace strata::cloud
