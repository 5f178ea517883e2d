// SPDX-License-Identifier: Apache-2.0
/// What the audit log shows of a resource before and after a change: a JSON object without secrets.
/// Role: picks the members; docs/spec/audit.md "Views" lists them.
#pragma once

#include <string>
#include <vector>

#include "strata/cloud/domain/resources.hpp"
#include "strata/cloud/domain/store.hpp"

namespace strata::cloud {

std::string AuditView(const Account& account);
std::string AuditView(const ApiKey& key);
std::string AuditView(const App& app);
std::string AuditView(const EnrolmentToken& token);
/// All that one request made: alike but for their SIDs.
std::string AuditView(const std::vector<NewEnrolmentToken>& tokens);
std::string AuditView(const Device& device);
std::string AuditView(const KeyChange& change);
std::string AuditView(const SigningKey& key);
/// Not its whole URL: a path or query may be a secret.
std::string AuditView(const Webhook& webhook);
/// A config with its value, a secret with its version.
std::string AuditView(const SettingRecord& record);

/// The key, with the SID of the device and "/" before it when it is a device's.
std::string AuditNameOf(const Setting& setting);

}  // namespace strata::cloud
