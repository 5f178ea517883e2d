// SPDX-License-Identifier: Apache-2.0
/// What the parts of Service share.
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "strata/cloud/domain/blobs.hpp"
#include "strata/cloud/domain/clock.hpp"
#include "strata/cloud/domain/random.hpp"
#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/domain/signals.hpp"
#include "strata/cloud/domain/store.hpp"
#include "strata/format/bundle/manifest.hpp"

#include "api_errors.hpp"
#include "rate_limiter.hpp"
#include "sign_in_backoff.hpp"

namespace strata::cloud {

/// Batches of log lines that a device may post at once, after it was silent for a while.
inline constexpr std::uint64_t kLogBurst = 20;
/// Reports at once: those of the largest download, however fast: one for every 64 KiB of 64 MiB.
inline constexpr std::uint64_t kReportBurst = 1'100;
/// Receipts at once: far more than a device has, which makes one for a deployment.
inline constexpr std::uint64_t kReceiptBurst = 60;

/// What is dated further ahead was made under a clock that was wrong, and would last too long.
inline constexpr UnixSeconds kClockSlackSec = 5 * 60;

/// What a person's update of a device changed.
struct Changed {
  bool any = false;
  bool desired = false;           ///< what the device must hear of
  bool resource = false;          ///< something besides the target app
  std::optional<App> deployed{};  ///< there is a new deployment, of this app
};

/// When accounts had a delivery taken last: a number that rises. Absent: long ago.
struct DeliveryTurns {
  std::uint64_t last = 0;
  std::map<AccountSid, std::uint64_t> of{};
};

struct Service::Impl {
  Ports ports;
  std::vector<std::uint8_t> page_key;
  AccountLimits limits;
  RateLimiter<AccountSid> requests;
  RateLimiter<AccountSid> uploads;
  RateLimiter<DeviceSid> log_batches;
  RateLimiter<DeviceSid> reports;
  RateLimiter<DeviceSid> receipts;
  RateLimiter<std::string> enrolments;
  SignInBackoff sign_ins;
  DeliveryTurns delivery_turns;  ///< TakeDeliveries()'s alone

  static constexpr std::size_t kMaxSuspects = 1024;
  std::mutex care_mutex;
  std::set<std::string> suspects;  ///< hex digests that CheckSuspects() shall read
  unsigned scrub_directory = 0;    ///< where Scrub() goes on
  std::string scrub_last;          ///< hex digest it read last there
  std::set<std::string> missing;   ///< hex digests of layers that were looked for in vain

  Impl(Ports ports_in, std::vector<std::uint8_t> page_key_in, const AccountLimits& limits_in)
      : ports(ports_in),
        page_key(std::move(page_key_in)),
        limits(limits_in),
        requests(limits.requests_per_sec, 1, 2 * std::uint64_t{limits.requests_per_sec}),
        uploads(limits.uploads_per_min, 60, limits.uploads_per_min),
        log_batches(limits.log_batches_per_min, 60, kLogBurst),
        reports(limits.reports_per_min, 60, kReportBurst),
        receipts(limits.receipts_per_min, 60, kReceiptBurst),
        enrolments(limits.enrolments_per_min, 60, limits.enrolments_per_min) {}

  /// `body` takes a StoreView and returns an ApiResult; so does this.
  template <typename Body>
  auto Read(const Body& body) -> std::invoke_result_t<Body, StoreView&> {
    std::optional<std::invoke_result_t<Body, StoreView&>> answer;
    const Status status = ports.store->Read([&](StoreView& view) -> Status {
      answer.emplace(body(view));
      return {};
    });
    if (!status.ok()) {
      return ToApiError(status.error());
    }
    return std::move(*answer);
  }

  /// The same with a StoreTransaction; a refusal undoes every change.
  template <typename Body>
  auto Write(const Body& body) -> std::invoke_result_t<Body, StoreTransaction&> {
    std::optional<std::invoke_result_t<Body, StoreTransaction&>> answer;
    const Status status = ports.store->Write([&](StoreTransaction& transaction) -> Status {
      answer.emplace(body(transaction));
      return answer->ok() ? Status{} : Fail(Code::kPermission);
    });
    if (answer && !answer->ok()) {
      return answer->error();
    }
    if (!status.ok()) {
      return ToApiError(status.error());
    }
    return std::move(*answer);
  }

  ApiResult<std::array<std::uint8_t, 16>> RandomId() {
    std::array<std::uint8_t, 16> id{};
    if (const Status filled = ports.random->Fill(id); !filled.ok()) {
      return ServerFailed("random", filled.error());
    }
    return id;
  }

  /// Signs with the development key of an account that has one. * as the function of that name.
  ApiResult<bundle::SealedManifest> SignForDevelopment(const AccountSid& account,
                                                       const std::vector<std::uint8_t>& body);

  /// Writes a new device down with its tags and its event; one of the account that has the key
  /// already is given back as it is. * 400/20001: the key is another account's. * 409/20409.
  ApiResult<ProvisionedDevice> AddDevice(StoreTransaction& transaction,
                                         const DeviceRecord& wanted,
                                         UnixSeconds now);

  /// false: it is one already, or there are too many.
  bool Suspect(const Digest& digest);
  /// The layers of the device's target app, when `code` says that one of them was wrong and the
  /// device speaks of its present deployment.
  void SuspectLayersOf(const Device& device,
                       const std::optional<std::array<std::uint8_t, 16>>& deployment_id,
                       Code code);
  /// A layer that an app names is not there. false: that is known.
  bool NoteMissing(const Digest& digest);
  /// Those of them that were not stored again since; forgets the others.
  Result<std::vector<Digest>> StillMissing();
  /// The layers of apps whose first byte is `first` and that are not there.
  ApiOutcome FindMissing(std::uint8_t first, ScrubFound& found);
  HealthCheck CheckDamaged();
  ApiOutcome CheckLayer(const Digest& digest, ScrubFound& found);

  // What happened, in the transaction of what made it happen. Whoever commits it tells the signals:
  // EventsArrived().
  ApiOutcome Record(StoreTransaction& transaction, Event event);
  ApiOutcome RecordChange(StoreTransaction& transaction,
                          const Device& before,
                          const Device& device,
                          const Changed& changed);
  /// Of a device that was given `app` just now.
  ApiOutcome BeginUpdate(StoreTransaction& transaction, const Device& device, const App& app);
  /// `first`: nothing was heard of this deployment before.
  ApiOutcome NoteProgress(StoreTransaction& transaction, const Device& device, bool first);
  /// The device's present deployment ended, for whatever stands in `device.app`.
  ApiOutcome EndUpdate(StoreTransaction& transaction, const Device& device, UpdateOutcome outcome);

  /// Whether a delivery is due; those that a clock that was ahead put off are, from now on.
  ApiResult<bool> IsAnyDue(UnixSeconds now);

  /// What a clock that was ahead left behind becomes `now`, so that the deadline counts from there.
  ApiOutcome PullBack(const Device& ahead, UnixSeconds now);
  /// Ends the update of a device that is still as silent as it was.
  ApiOutcome Expire(const Device& silent, UnixSeconds now);

  /// Notes that the device was heard, at most every 30 s to spare writes. Failing is no reason to
  /// refuse the device.
  void Touch(const DeviceRecord& record);
};

/// 64 lowercase characters.
std::string HexOf(const Digest& digest);

Event EventOf(EventType type, const App& app);
/// With its deployment when it is about that.
Event EventOf(EventType type, const Device& device);

/// Whether its application's log is wanted at `now`.
bool IsLoggingAt(const Device& device, UnixSeconds now);
/// The device as people see it at `now`: logging that has expired is off.
Device ShownAt(Device device, UnixSeconds now);

/// * 403/20006: there is no such device, or no longer.
ApiResult<DeviceRecord> RecordOf(StoreView& view, const DeviceIdentity& device);

/// A device's message that does not decode. * 400/20001.
ApiError MalformedBody(std::string_view message);

/// "UV… (kitchen)".
std::string Describe(const DeviceSid& sid, const std::optional<std::string>& unique_name);

/// The app that `name`, a SID or a unique name, means; nullopt: none.
Result<std::optional<App>> ResolveApp(StoreView& view,
                                      const AccountSid& account,
                                      std::string_view name);
Result<std::optional<DeviceRecord>> ResolveDevice(StoreView& view,
                                                  const AccountSid& account,
                                                  std::string_view name);

}  // namespace strata::cloud
