// SPDX-License-Identifier: Apache-2.0
/// What happened in an account, and what became of each update of a device.
/// Events are kept for 30 days and numbered per account in the order in which they were committed,
/// so that nothing appears behind a number that a reader has seen. Reference: docs/spec/rest.md
/// "Events", "Updates of a device".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "strata/cloud/domain/resources.hpp"

namespace strata::cloud {

using DeploymentId = std::array<std::uint8_t, 16>;

/// Numbers are stored.
enum class EventType : std::uint8_t {
  kAppCreated = 1,
  kAppDeleted = 2,
  kDeviceProvisioned = 3,
  kDeviceChanged = 4,
  kDeviceRemoved = 5,
  kDeploymentPending = 6,
  kDeploymentReplaced = 7,
  kDeploymentConfirmed = 8,
  kDeploymentFailed = 9,
  kDeploymentReverted = 10,
  kDeploymentSilent = 11,
  kDeploymentProgress = 12,  ///< advisory; of each device only the newest is kept
  kWebhookTest = 13,         ///< somebody tries a webhook
};

/// "app.created", "deployment.confirmed", …
std::string_view NameOf(EventType type);
std::optional<EventType> EventTypeNamed(std::string_view name);

/// Whether it says what became of a deployment, not only how far it came.
constexpr bool IsTransition(EventType type) {
  return type >= EventType::kDeploymentPending && type <= EventType::kDeploymentSilent;
}

/// Why an update ended as it did; code 0: well.
struct UpdateError {
  std::uint32_t code = 0;
  std::uint32_t op = 0;
  std::uint32_t detail = 0;

  friend bool operator==(const UpdateError&, const UpdateError&) = default;
};

/// How far a device says it is.
struct UpdateProgress {
  std::uint32_t state = 0;  ///< wire::UpdateState; 0: it said nothing
  std::uint32_t bytes_staged = 0;
  std::uint32_t bytes_total = 0;

  friend bool operator==(const UpdateProgress&, const UpdateProgress&) = default;
};

struct Event {
  std::int64_t sequence = 0;
  EventType type = EventType::kDeviceChanged;
  UnixMicros time = 0;
  AccountSid account_sid;
  std::optional<DeviceSid> device_sid{};
  std::optional<AppSid> app_sid{};    ///< that it is about: the deployment's, or the app itself
  std::optional<std::string> name{};  ///< unique name of the device, or of the app
  std::optional<DeploymentId> deployment_id{};
  UpdateError error{};  ///< of kDeviceChanged: op kNewKeys when it reported another key change
  UpdateProgress progress{};
};

/// What a list or stream of events is narrowed to; absent parts narrow nothing.
struct EventFilter {
  std::optional<DeviceSid> device{};
  std::optional<EventType> type{};
};

enum class UpdateOutcome : std::uint8_t {
  kPending = 0,
  kConfirmed = 1,
  kFailed = 2,
  kReverted = 3,
  kSilent = 4,    ///< the device was not heard for too long
  kReplaced = 5,  ///< another target came before it ended
};

/// One update of a device, under way or ended.
struct UpdateRecord {
  std::int64_t sequence = 0;
  AccountSid account_sid;
  DeviceSid device_sid;
  DeploymentId deployment_id{};
  AppSid app_sid;  ///< it may have been deleted since
  std::optional<std::string> app_name{};
  Digest manifest_hash{};
  UpdateOutcome outcome = UpdateOutcome::kPending;
  UpdateError error{};
  UpdateProgress progress{};
  UnixSeconds date_targeted = 0;
  std::optional<UnixSeconds> date_started{};  ///< first report
  std::optional<UnixSeconds> date_ended{};
};

}  // namespace strata::cloud
