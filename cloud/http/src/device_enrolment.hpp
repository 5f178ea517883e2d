// SPDX-License-Identifier: Apache-2.0
/// The device listener's one path without a client certificate: an enrolment token opens it.
/// Reference: docs/spec/enrolment.md.
#pragma once

#include "strata/cloud/domain/api_error.hpp"

#include "message.hpp"
#include "router.hpp"

namespace strata::cloud::http {

inline constexpr std::string_view kEnrolmentPath = "/device/v1/enrolment";

/// Sets `account`, `enrolment` and `origin` from `Authorization: Bearer TOKEN`. Before the body is
/// read. * 401/20003. * 429/20429.
ApiOutcome AdmitEnrolment(Request& request, Service& service);

/// The handler.
ApiResult<Response> EnrolDevice(const Request& request, const Api& api);

}  // namespace strata::cloud::http
