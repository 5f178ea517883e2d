// SPDX-License-Identifier: Apache-2.0
/// Resources as JSON text (docs/spec/rest.md). One .cpp per resource; Boost.JSON stays inside them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/events.hpp"
#include "strata/cloud/domain/resources.hpp"
#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/http/event_json.hpp"

#include "message.hpp"

namespace strata::cloud::http {

/// `YYYY-MM-DDThh:mm:ssZ`
std::string DateText(UnixSeconds seconds);

/// The same with six digits behind the second.
std::string TimestampText(UnixMicros time);

std::string ErrorJson(const ApiError& error, std::string_view base_url);

/// Status, error body, Retry-After.
Response ErrorResponse(const ApiError& error, std::string_view base_url);

Response JsonResponse(int status, std::string body);

std::string AppJson(const App& app, std::string_view base_url);
/// An App with the warnings of its upload.
std::string CreatedAppJson(const CreatedApp& created, std::string_view base_url);
std::string ManifestJson(const AppManifest& manifest, std::string_view base_url);
std::string AccountJson(const Account& account,
                        const AccountUsage& usage,
                        const AccountLimits& limits,
                        std::string_view base_url);
std::string ApiKeyJson(const ApiKey& key, std::string_view base_url);
/// An ApiKey with its secret.
std::string CreatedApiKeyJson(const ApiKey& key,
                              std::string_view secret,
                              std::string_view base_url);
std::string EnrolmentTokenJson(const EnrolmentToken& token, std::string_view base_url);
std::string KeyJson(const SigningKey& key, std::string_view base_url);
std::string KeyChangeJson(const KeyChange& change, std::string_view base_url);
/// A KeyChange with the message itself.
std::string WholeKeyChangeJson(const KeyChange& change, std::string_view base_url);
/// A Config, or a Secret without its value.
std::string SettingJson(const Setting& setting, std::string_view base_url);
std::string DeviceCountsJson(const DeviceCounts& counts, std::string_view base_url);
std::string DeviceHistoryJson(const std::vector<HourTally>& hours, std::string_view base_url);
std::string WebhookJson(const Webhook& webhook, std::string_view base_url);
/// A Webhook with its secret.
std::string CreatedWebhookJson(const Webhook& webhook,
                               std::string_view secret,
                               std::string_view base_url);
std::string DeadLetterJson(const DeadLetter& letter, std::string_view base_url);
std::string UpdateRecordJson(const UpdateRecord& update, std::string_view base_url);
std::string DeviceLogLineJson(const DeviceLogLine& line, std::string_view base_url);
std::string DeviceJson(const Device& device, std::string_view base_url);

/// A Device with what only its provisioner gets.
struct DeviceCredentials {
  std::string certificate_pem;
  std::string ca_certificate_pem;
  std::string device_url;
  std::optional<PublicKey> development_signer{};
};

std::string ProvisionedDeviceJson(const Device& device,
                                  const DeviceCredentials& credentials,
                                  std::string_view base_url);
/// Tokens with their texts, and of `cloud` what a device needs to find it: URL and CA.
std::string CreatedEnrolmentTokensJson(const std::vector<NewEnrolmentToken>& tokens,
                                       const DeviceCredentials& cloud,
                                       std::string_view base_url);
/// What a device that enrolled itself needs to know.
std::string EnrolledDeviceJson(const Device& device, const DeviceCredentials& credentials);

/// PageSize, Page and PageToken of a list request.
/// * 400/20001: not a number or out of range. * 400/20002: Page without PageToken.
ApiResult<PageRequest> ParsePage(const Request& request);

/// A list body: the array `key` of `items` (each JSON text) and `meta`.
struct ListParts {
  std::string_view key;
  std::vector<std::string> items;
  std::optional<std::string> next_token;
  std::optional<std::string> previous_token;
  std::string filters{};  ///< "&Name=value…", percent-encoded: stands in every URL of `meta`
};

std::string ListJson(const Request& request, const PageRequest& page, const ListParts& parts);

template <typename T>
Response ListResponse(const Request& request,
                      const PageRequest& page,
                      std::string_view key,
                      const PageOf<T>& found,
                      std::string (*to_json)(const T&, std::string_view),
                      std::string filters = {}) {
  ListParts parts{key, {}, found.next_token, found.previous_token, std::move(filters)};
  for (const T& item : found.items) {
    parts.items.push_back(to_json(item, request.base_url));
  }
  return JsonResponse(200, ListJson(request, page, parts));
}

}  // namespace strata::cloud::http
