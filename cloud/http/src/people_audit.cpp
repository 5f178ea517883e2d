// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "strata/cloud/domain/service.hpp"

#include "form.hpp"
#include "json.hpp"
#include "json_text.hpp"
#include "site.hpp"

namespace strata::cloud::http {
namespace {

// The very text that hashes and signatures cover.
std::string EntryJson(const AuditEntry& entry, std::string_view /*base_url*/) {
  return entry.json;
}

std::string CheckpointJson(const AuditCheckpoint& checkpoint, std::string_view /*base_url*/) {
  return checkpoint.json;
}

ApiResult<Response> ListAudit(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const Form form, Form::Parse(request.query));
  std::string filters;
  for (const char* name : {"Actor", "Action", "Resource", "Since", "Until"}) {
    STRATA_API_ASSIGN(const auto value, form.Get(name));
    if (value) {
      filters += std::string("&") + name + "=" + PercentEncode(*value);
    }
  }
  AuditQuery query;
  STRATA_API_ASSIGN(query.actor, form.Get("Actor"));
  STRATA_API_ASSIGN(query.action, form.Get("Action"));
  STRATA_API_ASSIGN(query.resource, form.Get("Resource"));
  STRATA_API_ASSIGN(query.since, form.GetDate("Since"));
  STRATA_API_ASSIGN(query.until, form.GetDate("Until"));
  STRATA_API_ASSIGN(const auto found, api.service->ListAudit(*request.account, page, query));
  return ListResponse(request, page, "audit_log", found, EntryJson, filters);
}

ApiResult<Response> ListCheckpoints(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const PageRequest page, ParsePage(request));
  STRATA_API_ASSIGN(const auto found, api.service->ListAuditCheckpoints(*request.account, page));
  return ListResponse(request, page, "audit_checkpoints", found, CheckpointJson);
}

ApiResult<Response> CreateCheckpoint(const Request& request, const Api& api) {
  STRATA_API_ASSIGN(const auto made, api.service->CreateAuditCheckpoint(*request.account));
  return JsonResponse(made.second ? 201 : 200, made.first.json);
}

constexpr std::array kAuditRoutes = {
    Route{.method = "GET", .pattern = "/v1/AuditLog", .handler = ListAudit},
    Route{.method = "GET", .pattern = "/v1/AuditCheckpoints", .handler = ListCheckpoints},
    Route{.method = "POST", .pattern = "/v1/AuditCheckpoints", .handler = CreateCheckpoint},
};

}  // namespace

std::span<const Route> AuditRoutes() {
  return kAuditRoutes;
}

}  // namespace strata::cloud::http
