// SPDX-License-Identifier: Apache-2.0
/// Records: the rows of the cloud's metadata as Store takes and gives them, and what lists of them
/// are narrowed and paged by. Plain values; docs/spec/storage.md has the tables behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "strata/cloud/domain/resources.hpp"
#include "strata/cloud/domain/sealer.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/sid.hpp"

namespace strata::cloud {

struct AccountRecord {
  Account account;
  Digest token_hash{};                           ///< SHA-256 of the auth token's text
  std::optional<SealedValue> development_key{};  ///< scalar of the key that signs for development
};

struct ApiKeyRecord {
  ApiKey key;
  Digest secret_hash{};  ///< SHA-256 of the secret's text
};

/// Someone who is signed in to the console (docs/spec/console.md).
struct SessionRecord {
  Digest token_hash{};  ///< SHA-256 of the cookie's text
  AccountSid account_sid;
  std::optional<ApiKeySid> api_key{};  ///< nullopt: the auth token
  Digest secret_hash{};                ///< of what was signed in with, as it was then
  UnixSeconds date_created = 0;
  UnixSeconds date_expires = 0;
};

struct StoredLayer {
  Digest digest{};
  std::uint64_t size_bytes = 0;
};

struct DeviceRecord {
  Device device;
  PublicKey public_key{};
  Digest fingerprint{};               ///< SHA-256 of the key's SubjectPublicKeyInfo
  std::uint64_t receipt_counter = 0;  ///< of the last receipt that counted
  /// The app of the update that the device last reported on and has not ended by a receipt; it may
  /// differ from the target app when that changed meanwhile.
  std::optional<AppSid> updating_sid{};
};

/// A message of an account's chain of key changes.
struct KeyMessage {
  AccountSid account_sid;
  std::uint32_t sequence = 0;
  Digest body_hash{};
  KeyId signer = KeyId::kNone;
  std::vector<std::uint8_t> bytes{};  ///< whole, as it came
  UnixSeconds date_created = 0;
};

/// What a list of devices is narrowed to; absent parts narrow nothing.
struct DeviceFilter {
  std::optional<UpdateStatus> status{};
  std::optional<AppSid> target{};
  std::string name_prefix{};
  std::optional<std::string> name_end{};  ///< the first text behind all that begin so
  std::optional<std::string> tag{};
  std::optional<UnixSeconds> silent_since{};  ///< last heard before it, or never
};

struct DeviceCount {
  std::optional<AppSid> target{};
  UpdateStatus status = UpdateStatus::kUpToDate;
  std::uint64_t devices = 0;
};

struct RunningCount {
  AppSid app;
  std::uint64_t devices = 0;
};

struct HourCount {
  UnixSeconds hour = 0;
  DeviceCount count{};
};

struct HourQuery {
  UnixSeconds since = 0;
  UnixSeconds until = 0;  ///< exclusive
  std::optional<AppSid> target{};
  std::uint32_t limit = 0;
};

/// Which store of configs or secrets.
struct SettingScope {
  AccountSid account;
  SettingKind kind = SettingKind::kConfig;
  std::optional<DeviceSid> device{};  ///< nullopt: the account's
};

struct SettingRecord {
  Setting setting;
  std::uint64_t version = 1;  ///< counts a secret's updates
  SealedValue sealed{};       ///< a secret's; a config has its value in `setting`
};

/// The newest entry of an account's audit log.
struct AuditHead {
  std::uint64_t sequence = 0;
  Digest hash{};
};

struct AuditRecord {
  AccountSid account_sid;
  std::uint64_t sequence = 0;
  UnixSeconds date_created = 0;
  std::string actor{};
  std::string action{};
  std::string resource{};
  std::string text{};  ///< what `hash` covers
  Digest hash{};
};

struct AuditCheckpointRecord {
  AccountSid account_sid;
  std::uint64_t sequence = 0;  ///< of the entry it names
  UnixSeconds date_created = 0;
  std::string json{};
};

/// What the audit log is narrowed to; absent parts narrow nothing.
struct AuditFilter {
  std::optional<std::string> actor{};
  std::optional<std::string> action{};
  std::optional<std::string> resource{};
  std::optional<UnixSeconds> since{};
  std::optional<UnixSeconds> until{};  ///< exclusive
};

/// A row's place in a list: newest first, `sequence` (rising per account) where dates are equal.
struct ListPosition {
  UnixSeconds date = 0;
  std::int64_t sequence = 0;

  friend auto operator<=>(const ListPosition&, const ListPosition&) = default;
};

struct ListQuery {
  std::optional<ListPosition> position{};  ///< nullopt: from the end that `newer` names
  bool newer = false;  ///< false: rows older than `position`, falling; true: rows newer, rising
  std::uint32_t limit = 0;
};

template <typename T>
struct Listed {
  T item;
  ListPosition position;
};

template <typename T>
using ListedRows = std::vector<Listed<T>>;

/// What a log line takes besides its text.
inline constexpr std::int64_t kLogLineBytes = 32;
inline constexpr std::int64_t kMaxLogTextBytes = 1024;

/// A device that keeps an app from being deleted.
struct AppUser {
  DeviceSid sid;
  std::optional<std::string> unique_name{};
  bool targets = false;  ///< false: it still runs the app or is still updating to it
};

struct AppUsers {
  std::vector<AppUser> first{};  ///< at most as many as were asked for
  std::uint64_t count = 0;       ///< of all
};

}  // namespace strata::cloud
