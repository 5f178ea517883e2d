// SPDX-License-Identifier: Apache-2.0
/// Requests: what the functions of Service take and give besides the resources themselves. Plain
/// values, parsed but not yet judged: Service refuses what breaks a rule. docs/spec/rest.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "strata/cloud/domain/events.hpp"
#include "strata/cloud/domain/resources.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/sid.hpp"

namespace strata::cloud {

/// A bundle that lies complete in a private temporary file, not yet checked.
struct Upload {
  std::string path{};  ///< of the received File part; the caller removes it
  std::uint64_t size_bytes = 0;
  std::optional<std::string> unique_name{};
  std::optional<std::string> idempotency_key{};
};

struct CreatedApp {
  App app;
  std::vector<std::string> warnings{};
  bool replayed = false;  ///< answered from the idempotency key
};

/// What each account may have and do; 0: no limit. Defaults: docs/spec/rest.md "Limits".
struct AccountLimits {
  std::uint64_t apps = 1000;
  std::uint64_t app_bytes = 10'737'418'240;  ///< of its apps' distinct layers
  std::uint32_t uploads_per_min = 120;
  std::uint32_t requests_per_sec = 500;
  std::uint32_t log_batches_per_min = 120;  ///< of each device
  std::uint32_t reports_per_min = 600;      ///< of each device
  std::uint32_t receipts_per_min = 10;      ///< of each device
  std::uint32_t enrolments_per_min = 600;   ///< tried from one address, whatever the account
  std::uint32_t webhooks = 10;
  bool private_webhooks = false;  ///< also http, and addresses of private networks
};

/// What POST /v1/Account may change; absent fields stay.
struct AccountUpdate {
  std::optional<std::string> friendly_name{};
  std::optional<bool> development_signing{};  ///< true for the first time makes the key
};

struct DeviceRequest {
  PublicKey public_key{};  ///< from a CSR whose proof of possession was checked
  std::optional<std::string> unique_name{};
  std::string hardware_type{};
  bool development = false;
  std::string tags{};  ///< joined by commas
};

struct ProvisionedDevice {
  Device device;
  bool existed = false;
  std::optional<PublicKey> development_signer{};  ///< what a device for development trusts too
};

/// What POST /v1/Devices/{sid} may change; absent fields stay.
struct DeviceUpdate {
  std::optional<std::string> unique_name{};  ///< empty: clears it
  std::optional<std::string> target_app{};   ///< SID or unique name; empty is refused
  std::optional<bool> logging_enabled{};     ///< true: for 24 h from now
  bool restart_app = false;                  ///< once more
  std::optional<std::string> tags{};         ///< all of them, joined by commas; empty: none
};

/// What a list of devices is narrowed to; absent parts narrow nothing.
struct DeviceQuery {
  std::optional<UpdateStatus> status{};
  std::optional<std::string> app{};  ///< the target app, by SID or unique name
  std::string name_prefix{};
  std::optional<std::string> tag{};
  std::optional<UnixSeconds> silent_since{};  ///< last heard before it, or never
};

/// Which hours of the account's devices; absent: the last 24.
struct HistoryRequest {
  std::optional<UnixSeconds> since{};
  std::optional<UnixSeconds> until{};  ///< exclusive
  std::optional<std::string> app{};    ///< SID or unique name; a SID may be of a deleted app
};

/// What events are narrowed to; absent parts narrow nothing.
struct EventQuery {
  std::optional<std::string> device{};  ///< SID, also of a removed one, or unique name
  std::optional<EventType> type{};
};

/// A place in an account's events.
struct EventPlace {
  EventFilter filter{};
  std::int64_t sequence = 0;  ///< of the last event before it
};

/// A place in a device's log.
struct LogPlace {
  DeviceSid device;
  std::int64_t sequence = 0;  ///< of the last line before it
};

/// A store of configs or secrets, as named in a path.
struct SettingPlace {
  SettingKind kind = SettingKind::kConfig;
  std::optional<std::string> device{};  ///< SID or unique name; nullopt: the account's
};

/// What the audit log is narrowed to; absent parts narrow nothing.
struct AuditQuery {
  std::optional<std::string> actor{};
  std::optional<std::string> action{};
  std::optional<std::string> resource{};
  std::optional<UnixSeconds> since{};
  std::optional<UnixSeconds> until{};  ///< exclusive
};

/// One page of a list request, as parsed from the query.
struct PageRequest {
  std::uint32_t page_size = 50;
  std::uint32_t page = 0;  ///< echo
  std::optional<std::string> page_token{};
};

template <typename T>
struct PageOf {
  std::vector<T> items{};
  std::optional<std::string> next_token{};
  std::optional<std::string> previous_token{};
};

/// Where a layer or manifest that a device may read lies.
struct BlobHandle {
  std::string path{};  ///< immutable file
  std::uint64_t size_bytes = 0;
};

/// Asked between two pieces of long work: false ends it early.
using GoOn = std::function<bool()>;

struct GarbageFound {
  std::uint64_t layers = 0;  ///< looked at
  std::uint64_t removed = 0;
  std::uint64_t removed_bytes = 0;
};

struct ScrubFound {
  std::uint64_t layers = 0;       ///< read
  std::vector<Digest> damaged{};  ///< and put away
  std::vector<Digest> missing{};  ///< though an app names them; each is told once
  bool round_ended = false;       ///< the last layer was read; the next call begins anew
};

/// One of the things that health asks about.
struct HealthCheck {
  std::string name;       ///< "database"
  std::string problem{};  ///< in words; empty: all is well
  bool failed = false;    ///< nothing can be served; else something is worse than it should be
};

}  // namespace strata::cloud
