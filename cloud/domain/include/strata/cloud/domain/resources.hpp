// SPDX-License-Identifier: Apache-2.0
/// The cloud's resources as values. Field names are the REST names (docs/spec/rest.md); times are
/// seconds since 1970 UTC.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "strata/core/digest.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/sid.hpp"

namespace strata::cloud {

using UnixSeconds = std::int64_t;

struct Account {
  AccountSid sid;
  std::string friendly_name{};
  UnixSeconds date_created = 0;
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

struct SigningKey {
  KeyId key_id = KeyId::kNone;
  AccountSid account_sid;
  std::string friendly_name{};
  PublicKey public_key{};
  UnixSeconds date_created = 0;
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
  DeviceApp app{};
  bool logging_enabled = false;
  std::optional<UnixSeconds> logging_expires{};
  std::uint32_t restart_counter = 0;
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

struct DesiredStateBody {
  std::vector<std::uint8_t> bytes{};  ///< encoded wire::DesiredState
  std::string etag{};                 ///< with its quotes
};

}  // namespace strata::cloud
