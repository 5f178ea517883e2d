// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/cloud/domain/service.hpp"
#include "strata/cloud/http/server.hpp"

#include "device_enrolment.hpp"
#include "form.hpp"
#include "json.hpp"
#include "range.hpp"
#include "site.hpp"
#include "target.hpp"

namespace strata::cloud::http {
namespace {

constexpr const char* kProtobuf = "application/x-protobuf";

ApiResult<Response> GetDesired(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(DesiredStateBody desired, api.service->Desired(*request.device));
  Response response;
  response.Set("ETag", desired.etag);
  const std::string* const prefer = request.Find("Prefer");
  if (const auto wait = prefer != nullptr ? ParseWait(*prefer) : std::nullopt) {
    response.Set("Preference-Applied", "wait=" + std::to_string(*wait));
  }
  const std::string* const known = request.Find("If-None-Match");
  if (known != nullptr && *known == desired.etag) {
    response.status = 304;
    return response;
  }
  response.Set("Content-Type", kProtobuf);
  response.body.assign(AsText(desired.bytes));
  return response;
}

/// Which part of an immutable body of `size_bytes` is asked for; status and headers of the answer.
Response RangedResponse(const Request& request, std::uint64_t size_bytes, ByteRange& range) {
  const std::string* const header = request.Find("Range");
  range = header != nullptr ? ParseRange(*header, size_bytes) : ByteRange{};
  if (range.kind == RangeKind::kUnsatisfiable) {
    Response refused =
        ErrorResponse({.status = 416, .code = 20001, .message = "the range lies outside the file"},
                      request.base_url);
    refused.Set("Content-Range", "bytes */" + std::to_string(size_bytes));
    return refused;
  }
  Response response;
  response.Set("Accept-Ranges", "bytes");
  response.Set("Cache-Control", "private, immutable");
  if (range.kind == RangeKind::kWhole) {
    range = {RangeKind::kWhole, 0, size_bytes};
    return response;
  }
  response.status = 206;
  response.Set("Content-Range",
               "bytes " + std::to_string(range.offset_bytes) + "-" +
                   std::to_string(range.offset_bytes + range.length_bytes - 1) + "/" +
                   std::to_string(size_bytes));
  return response;
}

ApiResult<Response> GetManifest(const Request& request, const Api& api) {
  const std::optional<Digest> hash = Digest::FromHexText(request.parameters[0]);
  if (!hash) {
    return NotFound(request);
  }
  STRATA_API_ASSIGN(const auto bytes, api.service->ManifestForDevice(*request.device, *hash));
  ByteRange range;
  Response response = RangedResponse(request, bytes.size(), range);
  if (range.kind != RangeKind::kUnsatisfiable) {
    response.Set("Content-Type", kProtobuf);
    response.body.assign(AsText(bytes).substr(range.offset_bytes, range.length_bytes));
  }
  return response;
}

ApiResult<Response> GetLayer(const Request& request, const Api& api) {
  const std::optional<Digest> digest = Digest::FromHexText(request.parameters[0]);
  if (!digest) {
    return NotFound(request);
  }
  STRATA_API_ASSIGN(const BlobHandle blob, api.service->LayerForDevice(*request.device, *digest));
  ByteRange range;
  Response response = RangedResponse(request, blob.size_bytes, range);
  if (range.kind != RangeKind::kUnsatisfiable) {
    response.Set("Content-Type", "application/octet-stream");
    response.file = FileBody{blob.path, range.offset_bytes, range.length_bytes};
  }
  return response;
}

ApiResult<Response> GetKeys(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const auto message,
                    api.service->KeysForDevice(*request.device, request.parameters[0]));
  Response response;
  response.Set("Content-Type", kProtobuf);
  response.Set("Cache-Control", "private, immutable");
  response.body.assign(AsText(message));
  return response;
}

ApiResult<Response> PostSettings(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const auto answer,
                    api.service->SettingsForDevice(*request.device, AsBytes(request.body)));
  Response response;
  response.Set("Content-Type", kProtobuf);
  response.body.assign(AsText(answer));
  return response;
}

ApiResult<Response> RenewCertificate(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const auto certificate,
                    api.certificates->Renew(*request.device, AsBytes(request.body)));
  Response response;
  response.Set("Content-Type", "application/pkix-cert");
  response.body.assign(AsText(certificate));
  return response;
}

ApiResult<Response> PostReport(const Request& request, const Api& api) {
  return NoContent(api.service->TakeReport(*request.device, AsBytes(request.body)));
}

ApiResult<Response> PostReceipt(const Request& request, const Api& api) {
  return NoContent(api.service->TakeReceipt(*request.device, AsBytes(request.body)));
}

ApiResult<Response> PostLogs(const Request& request, const Api& api) {
  return NoContent(api.service->TakeLogs(*request.device, AsBytes(request.body)));
}

constexpr std::array kDeviceSideRoutes = {
    Route{.method = "GET", .pattern = "/device/v1/desired", .handler = GetDesired, .poll = true},
    Route{.method = "GET", .pattern = "/device/v1/manifests/{}", .handler = GetManifest},
    Route{.method = "GET", .pattern = "/device/v1/layers/{}", .handler = GetLayer},
    Route{.method = "POST",
          .pattern = "/device/v1/reports",
          .body = BodyKind::kProtobuf,
          .handler = PostReport},
    Route{.method = "POST",
          .pattern = "/device/v1/receipts",
          .body = BodyKind::kProtobuf,
          .handler = PostReceipt},
    Route{.method = "POST",
          .pattern = "/device/v1/logs",
          .body = BodyKind::kLogBatch,
          .handler = PostLogs},
    Route{.method = "GET", .pattern = "/device/v1/keys/{}", .handler = GetKeys},
    Route{.method = "POST",
          .pattern = "/device/v1/settings",
          .body = BodyKind::kProtobuf,
          .handler = PostSettings},
    Route{.method = "POST",
          .pattern = "/device/v1/certificate",
          .body = BodyKind::kPkcs10,
          .handler = RenewCertificate,
          .expired_may = true},
    Route{.method = "POST",
          .pattern = kEnrolmentPath,
          .body = BodyKind::kForm,
          .handler = EnrolDevice,
          .by_token = true},
};

ApiResult<DeviceIdentity> Identify(const Request& request, Service& service) {
  if (request.client == ClientCertificate::kNone) {
    return ApiError{
        .status = 401,
        .code = 20003,
        .message =
            "this address is for devices, which show their certificate; people and scripts use the "
            "cloud's other URL, the first that strata-cloud serve prints"};
  }
  if (request.client == ClientCertificate::kRefused) {
    return ApiError{.status = 403,
                    .code = 20006,
                    .message = "the certificate is not of a device of this cloud"};
  }
  return service.IdentifyDevice(request.client_key);
}

}  // namespace

std::span<const Route> DeviceSideRoutes() {
  return kDeviceSideRoutes;
}

Admission DeviceSite::Admit(Request& request) const {
  if (request.path == kEnrolmentPath) {
    return AdmitToEnrol(request);
  }
  ApiResult<DeviceIdentity> device = Identify(request, *api().service);
  if (!device.ok()) {
    Admission refused{nullptr, ErrorResponse(device.error(), request.base_url)};
    refused.refusal->close = true;
    return refused;
  }
  request.device = std::move(device).value();
  std::optional<std::vector<std::string>> segments = SplitPath(request.path);
  if (!segments) {
    return {nullptr, ErrorResponse(NotFound(request), request.base_url)};
  }
  Admission admission = Find(kDeviceSideRoutes, request, std::move(*segments));
  const bool expired = request.client == ClientCertificate::kExpired;
  if (expired && (admission.route == nullptr || !admission.route->expired_may)) {
    const ApiError error{.status = 403,
                         .code = 20006,
                         .message =
                             "the certificate has expired and may only be renewed, with "
                             "POST /device/v1/certificate"};
    admission = {nullptr, ErrorResponse(error, request.base_url)};
  }
  return admission;
}

Admission DeviceSite::AdmitToEnrol(Request& request) const {
  Admission admission = Find(kDeviceSideRoutes, request, {"device", "v1", "enrolment"});
  if (admission.route == nullptr) {
    return admission;
  }
  const ApiOutcome admitted = AdmitEnrolment(request, *api().service);
  if (admitted.ok()) {
    return admission;
  }
  Admission refused{nullptr, ErrorResponse(admitted.error(), request.base_url)};
  refused.refusal->close = true;
  return refused;
}

void DeviceSite::Dress(const Request&, Response&) const {}

}  // namespace strata::cloud::http
