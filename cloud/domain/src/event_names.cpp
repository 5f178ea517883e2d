// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "strata/cloud/domain/events.hpp"

namespace strata::cloud {
namespace {

struct Named {
  EventType type;
  std::string_view name;
};

constexpr std::array kNames = {
    Named{EventType::kAppCreated, "app.created"},
    Named{EventType::kAppDeleted, "app.deleted"},
    Named{EventType::kDeviceProvisioned, "device.provisioned"},
    Named{EventType::kDeviceChanged, "device.changed"},
    Named{EventType::kDeviceRemoved, "device.removed"},
    Named{EventType::kDeploymentPending, "deployment.pending"},
    Named{EventType::kDeploymentReplaced, "deployment.replaced"},
    Named{EventType::kDeploymentConfirmed, "deployment.confirmed"},
    Named{EventType::kDeploymentFailed, "deployment.failed"},
    Named{EventType::kDeploymentReverted, "deployment.reverted"},
    Named{EventType::kDeploymentSilent, "deployment.silent"},
    Named{EventType::kDeploymentProgress, "deployment.progress"},
    Named{EventType::kWebhookTest, "webhook.test"},
};

}  // namespace

std::string_view NameOf(EventType type) {
  const auto* const found = std::find_if(
      kNames.begin(), kNames.end(), [type](const Named& each) { return each.type == type; });
  return found == kNames.end() ? std::string_view() : found->name;
}

std::optional<EventType> EventTypeNamed(std::string_view name) {
  const auto* const found = std::find_if(
      kNames.begin(), kNames.end(), [name](const Named& each) { return each.name == name; });
  return found == kNames.end() ? std::nullopt : std::optional(found->type);
}

}  // namespace strata::cloud
