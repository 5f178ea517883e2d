// SPDX-License-Identifier: Apache-2.0
#include "device_enrolment.hpp"

#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/http/server.hpp"

#include "form.hpp"
#include "json.hpp"

namespace strata::cloud::http {
namespace {

/// Empty: there is no such header.
std::string_view TokenOf(const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string* const header = request.Find("Authorization");
  if (header == nullptr || header->size() < kScheme.size() ||
      !EqualIgnoringCase(std::string_view(*header).substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  return std::string_view(*header).substr(kScheme.size());
}

}  // namespace

ApiOutcome AdmitEnrolment(Request& request, Service& service) {
  if (const ApiOutcome pace = service.AdmitEnrolment(request.address); !pace.ok()) {
    return pace;
  }
  const std::string_view token = TokenOf(request);
  if (token.empty()) {
    return ApiError{.status = 401,
                    .code = 20003,
                    .message = "this path takes an enrolment token: Authorization: Bearer TOKEN"};
  }
  ApiResult<EnrolmentCaller> caller = service.AuthenticateEnrolment(token);
  if (!caller.ok()) {
    return caller.error();
  }
  if (const ApiOutcome pace = service.AdmitRequest(caller->account); !pace.ok()) {
    return pace;
  }
  request.origin = Origin{.actor = std::string(caller->token.text()),
                          .address = request.address,
                          .request = request.id};
  request.enrolment = std::move(caller).value();
  return Empty{};
}

ApiResult<Response> EnrolDevice(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.body));
  STRATA_API_ASSIGN(const std::string csr, form.Require("Csr"));
  EnrolmentRequest wanted;
  STRATA_API_ASSIGN(wanted.unique_name, form.Get("UniqueName"));
  STRATA_API_ASSIGN(wanted.hardware_type, form.Get("Hardware"));
  STRATA_API_ASSIGN(wanted.public_key, api.certificates->CheckRequest(csr));
  STRATA_API_ASSIGN(const ProvisionedDevice made,
                    api.service->EnrolDevice(*request.enrolment, wanted));
  DeviceCredentials credentials{"", api.server_ca_pem, api.device_url};
  STRATA_API_ASSIGN(credentials.certificate_pem,
                    api.certificates->Issue(made.device.sid, wanted.public_key));
  return JsonResponse(made.existed ? 200 : 201, EnrolledDeviceJson(made.device, credentials));
}

}  // namespace strata::cloud::http
