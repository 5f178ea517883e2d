// SPDX-License-Identifier: Apache-2.0
/// strata devices provision --csv: certificates for many certificate requests at once, resumable.
/// Reference: docs/spec/enrolment.md "Many at once".
#pragma once

#include "devices/devices.hpp"

namespace strata::cli {

/// Reads options.csv and fills the directory options.out. A bad row is told and holds no other up.
/// * kMalformed: the file as a whole. * kCloudUnreachable, kTimeout, refused credentials: at once;
/// what was done before is noted. * the last bad row's own problem. * as WriteFile.
Outcome RunProvisionCsv(const ProvisionOptions& options, Session& session);

}  // namespace strata::cli
