// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/http/server.hpp"

#include "form.hpp"
#include "json.hpp"
#include "json_text.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

/// The filters of a list, and how they stand in its URLs.
struct DeviceFilters {
  DeviceQuery query{};
  std::string text{};
};

ApiResult<UpdateStatus> StatusOf(std::string_view text) {
  for (const UpdateStatus status :
       {UpdateStatus::kUpToDate, UpdateStatus::kPending, UpdateStatus::kError}) {
    if (text == StatusText(status)) {
      return status;
    }
  }
  return BadParameter("State must be up-to-date, pending or error");
}

ApiResult<DeviceFilters> ParseDeviceFilters(const Request& request) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.query));
  DeviceFilters filters;
  for (const char* name : {"State", "App", "Name", "Tag", "SilentSince"}) {
    STRATA_API_ASSIGN(const auto value, form.Get(name));
    if (value) {
      filters.text += std::string("&") + name + "=" + PercentEncode(*value);
    }
  }
  STRATA_API_ASSIGN(const auto state, form.Get("State"));
  if (state) {
    STRATA_API_ASSIGN(filters.query.status, StatusOf(*state));
  }
  STRATA_API_ASSIGN(filters.query.app, form.Get("App"));
  STRATA_API_ASSIGN(const auto name, form.Get("Name"));
  filters.query.name_prefix = name.value_or("");
  STRATA_API_ASSIGN(filters.query.tag, form.Get("Tag"));
  STRATA_API_ASSIGN(filters.query.silent_since, form.GetDate("SilentSince"));
  return filters;
}

ApiResult<Response> ListDevices(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const DeviceFilters filters, ParseDeviceFilters(request));
  STRATA_API_ASSIGN(const auto found,
                    api.service->ListDevices(*request.account, page, filters.query));
  return ListResponse(request, page, "devices", found, DeviceJson, filters.text);
}

ApiResult<Response> ProvisionDevice(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  STRATA_API_ASSIGN(const std::string csr, form.Require("Csr"));
  STRATA_API_ASSIGN(const auto hardware, form.Get("Hardware"));
  DeviceRequest wanted;
  STRATA_API_ASSIGN(wanted.unique_name, form.Get("UniqueName"));
  STRATA_API_ASSIGN(wanted.development, form.GetBool("Development", false));
  STRATA_API_ASSIGN(wanted.public_key, api.certificates->CheckRequest(csr));
  STRATA_API_ASSIGN(const auto tags, form.Get("Tags"));
  wanted.tags = tags.value_or("");
  wanted.hardware_type = hardware.value_or("stm32u585");
  STRATA_API_ASSIGN(const ProvisionedDevice made,
                    api.service->ProvisionDevice(*request.account, wanted));
  DeviceCredentials credentials{"", api.server_ca_pem, api.device_url, made.development_signer};
  STRATA_API_ASSIGN(credentials.certificate_pem,
                    api.certificates->Issue(made.device.sid, wanted.public_key));
  return JsonResponse(made.existed ? 200 : 201,
                      ProvisionedDeviceJson(made.device, credentials, request.base_url));
}

ApiResult<Response> FetchDevice(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Device device,
                    api.service->FetchDevice(*request.account, request.parameters[0]));
  return JsonResponse(200, DeviceJson(device, request.base_url));
}

ApiResult<Response> UpdateDevice(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  DeviceUpdate update;
  STRATA_API_ASSIGN(update.unique_name, form.Get("UniqueName"));
  STRATA_API_ASSIGN(update.target_app, form.Get("TargetApp"));
  STRATA_API_ASSIGN(const auto logging, form.Get("LoggingEnabled"));
  STRATA_API_ASSIGN(const bool logging_enabled, form.GetBool("LoggingEnabled", false));
  if (logging) {
    update.logging_enabled = logging_enabled;
  }
  STRATA_API_ASSIGN(update.tags, form.Get("Tags"));
  STRATA_API_ASSIGN(update.restart_app, form.GetBool("RestartApp", false));
  STRATA_API_ASSIGN(const Device device,
                    api.service->UpdateDevice(*request.account, request.parameters[0], update));
  return JsonResponse(200, DeviceJson(device, request.base_url));
}

ApiResult<Response> RemoveDevice(const Request& request, const Api& api) {
  return NoContent(api.service->RemoveDevice(*request.account, request.parameters[0]));
}

constexpr std::array kDeviceRoutes = {
    Route{.method = "GET", .pattern = "/v1/Devices", .handler = ListDevices},
    Route{.method = "POST",
          .pattern = "/v1/Devices",
          .body = BodyKind::kForm,
          .handler = ProvisionDevice},
    Route{.method = "GET", .pattern = "/v1/Devices/{}", .handler = FetchDevice},
    Route{.method = "POST",
          .pattern = "/v1/Devices/{}",
          .body = BodyKind::kForm,
          .handler = UpdateDevice},
    Route{.method = "DELETE", .pattern = "/v1/Devices/{}", .handler = RemoveDevice},
};

}  // namespace

std::span<const Route> DeviceRoutes() {
  return kDeviceRoutes;
}

}  // namespace strata::cloud::http
