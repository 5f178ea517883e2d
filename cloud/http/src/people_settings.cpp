// SPDX-License-Identifier: Apache-2.0
// Configs and secrets, of the account and of a device: eight paths over the same handlers.
#include <array>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

constexpr SettingKind kConfig = SettingKind::kConfig;
constexpr SettingKind kSecret = SettingKind::kSecret;

/// `kOfDevice`: the path's first parameter is the device.
template <SettingKind kKind, bool kOfDevice>
SettingPlace PlaceOf(const Request& request) {
  SettingPlace place{.kind = kKind};
  if (kOfDevice) {
    place.device = request.parameters.front();
  }
  return place;
}

/// Lets `act` have the key that the path names: as it stands, or else without ".json".
template <typename Act>
auto WithKey(const Request& request, const Act& act) {
  if (!request.with_suffix.empty()) {
    auto exact = act(request.with_suffix);
    if (exact.ok() || exact.error().status != 404) {
      return exact;
    }
  }
  return act(request.parameters.back());
}

/// Unlike other parameters it may be empty.
ApiResult<std::string> ValueOf(const Form& form) {
  STRATA_API_ASSIGN(std::optional<std::string> value, form.Get("Value"));
  if (!value) {
    return BadParameter("Value is missing");
  }
  return std::move(*value);
}

template <SettingKind kKind, bool kOfDevice>
ApiResult<Response> List(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(
      const auto found,
      api.service->ListSettings(*request.account, PlaceOf<kKind, kOfDevice>(request), page));
  return ListResponse(request, page, kKind == kConfig ? "configs" : "secrets", found, SettingJson);
}

template <SettingKind kKind, bool kOfDevice>
ApiResult<Response> Create(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  STRATA_API_ASSIGN(const std::string key, form.Require("Key"));
  STRATA_API_ASSIGN(const std::string value, ValueOf(form));
  STRATA_API_ASSIGN(
      const Setting made,
      api.service->CreateSetting(*request.account, PlaceOf<kKind, kOfDevice>(request), key, value));
  return JsonResponse(201, SettingJson(made, request.base_url));
}

template <SettingKind kKind, bool kOfDevice>
ApiResult<Response> Fetch(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Setting setting, WithKey(request, [&](const std::string& key) {
                      return api.service->FetchSetting(
                          *request.account, PlaceOf<kKind, kOfDevice>(request), key);
                    }));
  return JsonResponse(200, SettingJson(setting, request.base_url));
}

template <SettingKind kKind, bool kOfDevice>
ApiResult<Response> Update(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  STRATA_API_ASSIGN(const std::string value, ValueOf(form));
  STRATA_API_ASSIGN(const Setting setting, WithKey(request, [&](const std::string& key) {
                      return api.service->UpdateSetting(
                          *request.account, PlaceOf<kKind, kOfDevice>(request), key, value);
                    }));
  return JsonResponse(200, SettingJson(setting, request.base_url));
}

template <SettingKind kKind, bool kOfDevice>
ApiResult<Response> Delete(const Request& request, const Api& api) {
  return NoContent(WithKey(request, [&](const std::string& key) {
    return api.service->DeleteSetting(*request.account, PlaceOf<kKind, kOfDevice>(request), key);
  }));
}

/// The five routes of one collection.
template <SettingKind kKind, bool kOfDevice>
constexpr std::array<Route, 5> RoutesOf(std::string_view collection, std::string_view one) {
  return {Route{.method = "GET", .pattern = collection, .handler = List<kKind, kOfDevice>},
          Route{.method = "POST",
                .pattern = collection,
                .body = BodyKind::kForm,
                .handler = Create<kKind, kOfDevice>},
          Route{.method = "GET", .pattern = one, .handler = Fetch<kKind, kOfDevice>},
          Route{.method = "POST",
                .pattern = one,
                .body = BodyKind::kForm,
                .handler = Update<kKind, kOfDevice>},
          Route{.method = "DELETE", .pattern = one, .handler = Delete<kKind, kOfDevice>}};
}

constexpr std::array kCollections = {
    RoutesOf<kConfig, false>("/v1/Configs", "/v1/Configs/{}"),
    RoutesOf<kSecret, false>("/v1/Secrets", "/v1/Secrets/{}"),
    RoutesOf<kConfig, true>("/v1/Devices/{}/Configs", "/v1/Devices/{}/Configs/{}"),
    RoutesOf<kSecret, true>("/v1/Devices/{}/Secrets", "/v1/Devices/{}/Secrets/{}"),
};

constexpr auto kSettingRoutes = [] {
  std::array<Route, 5 * kCollections.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = kCollections[i / 5][i % 5];
  }
  return all;
}();

}  // namespace

std::span<const Route> SettingRoutes() {
  return kSettingRoutes;
}

}  // namespace strata::cloud::http
