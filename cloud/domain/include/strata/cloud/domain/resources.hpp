// SPDX-License-Identifier: Apache-2.0
/// The cloud's resources as values. Field names are the REST names (docs/spec/rest.md); times are
/// seconds since 1970 UTC.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "strata/cloud/domain/scopes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/sid.hpp"

namespace strata::cloud {

using UnixSeconds = std::int64_t;
using UnixMicros = std::int64_t;

struct Account {
  AccountSid sid;
  std::string friendly_name{};
  UnixSeconds date_created = 0;
  bool development_signing = false;  ///< unsigned uploads are signed with the key below
  /// Of a key that the cloud holds; nullopt: it was never asked for.
  std::optional<PublicKey> development_signer{};
};

/// What an account's apps take.
struct AccountUsage {
  std::uint64_t apps = 0;
  std::uint64_t app_bytes = 0;  ///< distinct layers as stored
};

/// Credentials of an account for scripts and machines.
struct ApiKey {
  ApiKeySid sid;
  AccountSid account_sid;
  std::string friendly_name{};
  Scopes scopes{};
  UnixSeconds date_created = 0;
  std::optional<UnixSeconds> date_last_used{};  ///< to the hour
};

/// Who sent a request: an account, by its auth token or by one of its API keys.
struct Caller {
  Account account;
  Scopes scopes{};
  std::optional<ApiKeySid> api_key{};  ///< nullopt: the auth token
};

/// Who changes something, as the audit log tells it (docs/spec/audit.md).
struct Origin {
  std::string actor = "cloud";  ///< "AC…": the auth token; "SK…"; "local:UID"; the cloud itself
  std::string address{};        ///< numeric; empty: none
  std::string request{};        ///< "RQ…"; empty: none
};

/// One change of an account, as it was written down.
struct AuditEntry {
  std::uint64_t sequence = 0;
  std::string json{};  ///< the whole entry with its hash; these very bytes are what it covers
};

/// Where the audit log stood when the cloud signed it.
struct AuditCheckpoint {
  std::uint64_t sequence = 0;
  std::string json{};  ///< whole, with its signature
};

/// A person who is signed in to the console.
struct ConsoleSession {
  Caller caller;
  UnixSeconds date_expires = 0;
};

struct App {
  AppSid sid;
  AccountSid account_sid;
  Digest manifest_hash{};
  std::optional<std::string> unique_name{};
  UnixSeconds date_created = 0;
  UnixSeconds date_updated = 0;
  std::string app_version{};
  std::string hardware_type{};  ///< empty: the bundle did not say
  KeyId signer = KeyId::kNone;
  bool encrypted = false;
  std::uint32_t layer_count = 0;
  std::uint64_t size_bytes = 0;  ///< distinct layers as stored
};

struct AppManifest {
  App app;
  std::vector<std::uint8_t> bytes{};  ///< stored, signed
};

/// A public key that the account registered: of a manifest signer or of a rotation key.
struct SigningKey {
  KeyId key_id = KeyId::kNone;
  AccountSid account_sid;
  std::string friendly_name{};
  PublicKey public_key{};
  UnixSeconds date_created = 0;
  KeyType type = KeyType::kManifestSigner;  ///< or kRotation
  bool revoked = false;                     ///< a key change took it from the fleet
  std::uint32_t added_by = 0;  ///< the key change that gave it to the fleet last; 0: none did
};

/// How far the account's devices came with a key change, by their reports.
struct KeyChangeDevices {
  std::uint64_t total = 0;
  std::uint64_t current = 0;  ///< stand at it or behind a later one
  std::uint64_t refused = 0;  ///< stand before it and reported an error
};

/// One message of the fleet's chain (docs/spec/new-keys.md), as people see it.
struct KeyChange {
  AccountSid account_sid;
  std::uint32_t sequence = 0;
  Digest hash{};  ///< of the message's body: what the next message names
  KeyId signer = KeyId::kNone;
  std::vector<KeyId> added_signers{};
  std::vector<KeyId> revoked_signers{};
  std::vector<KeyId> deleted_layer_keys{};
  std::uint32_t added_layer_keys = 0;
  std::uint32_t cloud_cas = 0;
  KeyChangeDevices devices{};
  UnixSeconds date_created = 0;
  std::vector<std::uint8_t> message{};
};

enum class UpdateStatus : std::uint8_t { kUpToDate, kPending, kError };

/// The `app` object of a Device.
struct DeviceApp {
  std::optional<AppSid> target_sid{};
  std::optional<Digest> target_hash{};
  std::optional<UnixSeconds> date_targeted{};
  UpdateStatus update_status = UpdateStatus::kUpToDate;
  std::uint32_t update_error_code = 0;
  std::uint32_t update_error_op = 0;
  std::uint32_t update_error_detail = 0;
  std::optional<AppSid> reported_sid{};  ///< last app proven by a receipt
  std::optional<UnixSeconds> date_reported{};
  std::optional<std::array<std::uint8_t, 16>> deployment_id{};
  std::uint32_t update_state =
      0;  ///< wire::UpdateState of the last report of this deployment; 0: none
  std::uint32_t bytes_staged = 0;
  std::uint32_t bytes_total = 0;
};

struct Device {
  DeviceSid sid;
  AccountSid account_sid;
  std::optional<std::string> unique_name{};
  std::string hardware_type{};
  bool development = false;
  std::vector<std::string> tags{};  ///< sorted, none twice
  DeviceApp app{};
  bool logging_enabled = false;  ///< as of now: Service shows none that has expired
  std::optional<UnixSeconds> logging_expires{};
  std::uint32_t restart_counter = 0;
  std::uint32_t keys_sequence = 0;    ///< the key change it reported to stand at; 0: none
  std::uint32_t keys_error_code = 0;  ///< why it is not at the next one; 0: it did not say
  UnixSeconds date_created = 0;
  UnixSeconds date_updated = 0;
  std::optional<UnixSeconds> date_last_seen{};
};

/// A device that authenticated itself by its certificate.
struct DeviceIdentity {
  DeviceSid sid;
  AccountSid account_sid;
  PublicKey public_key{};
};

enum class LogType : std::uint8_t { kApp = 1, kUpdate = 2, kConnection = 3, kDropped = 4 };

/// A line of a device's log.
struct DeviceLogLine {
  std::int64_t sequence = 0;  ///< rises with each line of the device
  UnixMicros time = 0;        ///< by this cloud's clock
  LogType type = LogType::kApp;
  std::string text{};  ///< UTF-8 without control characters
};

/// Configs and secrets are alike but for their values: docs/spec/rest.md "Configs and Secrets".
enum class SettingKind : std::uint8_t { kConfig = 1, kSecret = 2 };

/// A Config or Secret of an account or of one of its devices.
struct Setting {
  SettingKind kind = SettingKind::kConfig;
  AccountSid account_sid;
  std::optional<DeviceSid> device_sid{};  ///< nullopt: the account's
  std::string key{};
  std::string value{};  ///< a config's; a secret's is in no resource
  UnixSeconds date_created = 0;
  UnixSeconds date_updated = 0;  ///< of a secret: date_rotated
};

/// How many devices are in which state.
struct DeviceTally {
  std::uint64_t up_to_date = 0;
  std::uint64_t pending = 0;
  std::uint64_t error = 0;

  [[nodiscard]] std::uint64_t total() const { return up_to_date + pending + error; }

  friend bool operator==(const DeviceTally&, const DeviceTally&) = default;
};

struct AppTally {
  std::optional<AppSid> app{};  ///< nullopt: never targeted
  std::optional<std::string> unique_name{};
  DeviceTally devices{};      ///< whose target app it is
  std::uint64_t running = 0;  ///< whose last proven app it is
};

struct DeviceCounts {
  AccountSid account_sid;
  UnixSeconds date = 0;
  DeviceTally devices{};
  std::vector<AppTally> apps{};  ///< most devices first, at most 1000
};

/// Of all accounts, for who runs the cloud.
struct CloudTotals {
  std::uint64_t accounts = 0;
  std::uint64_t apps = 0;
  DeviceTally devices{};
};

/// The devices of one target app at the begin of an hour.
struct HourTally {
  UnixSeconds hour = 0;
  std::optional<AppSid> app{};
  DeviceTally devices{};
};

struct DesiredStateBody {
  std::vector<std::uint8_t> bytes{};  ///< encoded wire::DesiredState
  std::string etag{};                 ///< with its quotes
};

}  // namespace strata::cloud
