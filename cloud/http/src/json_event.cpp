// SPDX-License-Identifier: Apache-2.0
#include "strata/cloud/domain/events.hpp"

#include "json.hpp"
#include "json_text.hpp"

namespace strata::cloud::http {
namespace {

template <typename SidType>
boost::json::value SidOrNull(const std::optional<SidType>& sid) {
  return OrNull(sid, [](const SidType& each) { return Text(each.text()); });
}

boost::json::string IdText(const DeploymentId& id) {
  std::string text(2 * id.size(), '0');
  ToHex(id, text);
  return Text(text);
}

void AddProgress(boost::json::object& object,
                 const UpdateError& error,
                 const UpdateProgress& progress) {
  object["error_code"] = error.code;
  object["error"] = nullptr;
  if (error.code != 0) {
    object["error"] = Text(UpdateErrorText(error.code, error.op));
  }
  object["update_state"] = UpdateStateOrNull(progress.state);
  object["bytes_staged"] = progress.bytes_staged;
  object["bytes_total"] = progress.bytes_total;
}

std::string_view OutcomeText(UpdateOutcome outcome) {
  switch (outcome) {
    case UpdateOutcome::kPending:
      return "pending";
    case UpdateOutcome::kConfirmed:
      return "confirmed";
    case UpdateOutcome::kFailed:
      return "failed";
    case UpdateOutcome::kReverted:
      return "reverted";
    case UpdateOutcome::kSilent:
      return "silent";
    case UpdateOutcome::kReplaced:
      return "replaced";
  }
  return "failed";
}

}  // namespace

std::string EventJson(const Event& event, std::string_view) {
  boost::json::object object;
  object["id"] = event.sequence;
  object["type"] = Text(NameOf(event.type));
  object["timestamp"] = Text(TimestampText(event.time));
  object["account_sid"] = Text(event.account_sid.text());
  object["device_sid"] = SidOrNull(event.device_sid);
  object["app_sid"] = SidOrNull(event.app_sid);
  object["unique_name"] = OrNull(event.name);
  object["deployment_id"] = OrNull(event.deployment_id, IdText);
  AddProgress(object, event.error, event.progress);
  return boost::json::serialize(object);
}

std::string UpdateRecordJson(const UpdateRecord& update, std::string_view) {
  boost::json::object object;
  object["deployment_id"] = IdText(update.deployment_id);
  object["account_sid"] = Text(update.account_sid.text());
  object["device_sid"] = Text(update.device_sid.text());
  object["app_sid"] = Text(update.app_sid.text());
  object["app_unique_name"] = OrNull(update.app_name);
  object["app_hash"] = HashText(update.manifest_hash);
  object["outcome"] = Text(OutcomeText(update.outcome));
  AddProgress(object, update.error, update.progress);
  object["date_targeted"] = Text(DateText(update.date_targeted));
  object["date_started"] = DateOrNull(update.date_started);
  object["date_ended"] = DateOrNull(update.date_ended);
  return boost::json::serialize(object);
}

}  // namespace strata::cloud::http
