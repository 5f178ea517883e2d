// SPDX-License-Identifier: Apache-2.0
/// strata devices provision|list|fetch|update|counts|history. Reference: docs/spec/rest.md
/// "Devices", docs/spec/device-directory.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/verb.hpp"

namespace strata::cli {

struct ProvisionOptions {
  std::string out;
  std::string unique_name;
  std::vector<std::string> signers;        ///< public PEM files; none: the default signing key's
  std::vector<std::string> layer_keys;     ///< private PEM files
  std::vector<std::string> rotation_keys;  ///< public PEM files
  std::string receiver_key;                ///< private PEM file; empty: none
  std::string hardware = "stm32u585";
  bool development = false;
  std::vector<std::string> tags;
  std::string csv;         ///< many at once: provision_csv.hpp
  std::string token_file;  ///< an enrolment token instead of the account's credentials
  std::string device_url;  ///< where it is shown
  std::string ca_file;     ///< what that server's certificate is verified with
  std::string install;     ///< bundle of the device's first app; empty: none
};

/// Makes the device's identity here, has it certified, and writes the directory whole or not at
/// all. The private key never leaves this machine. * kAlreadyExists: `out` is there. * as
/// LoadPublicKey, LoadPrivateKey, WriteFile.
/// With rotation keys the directory says where in the chain of key changes its keys stand: at the
/// newest message, which one of them must have signed (* kRotationKeyUnknown, kSignatureInvalid,
/// kNewKeysOtherFleet). * Usage: a tag with a comma. * kCloudProtocol, kKeyInvalid: an answer that
/// can't be used. * the cloud's refusal.
Outcome RunProvision(const ProvisionOptions& options, Session& session);

/// Filters: empty means any; a device must meet all.
struct ListDevicesOptions {
  ListRequest list;
  std::string state;  ///< up-to-date, pending or error
  std::string app;    ///< the target app's SID or unique name
  std::string name;   ///< how the unique name begins
  std::string tag;
  std::string silent_since;  ///< a date as in answers, or how long ago: "24h"
};

/// The cloud does the filtering. * kInvalidArgument: silent_since. * the cloud's refusal.
Outcome RunListDevices(const ListDevicesOptions& options, Session& session);

struct DeviceOptions {
  std::string sid;
};

/// * the cloud's refusal.
Outcome RunRemoveDevice(const DeviceOptions& options, Session& session);

struct ListUpdatesOptions {
  std::string sid;
  ListRequest list;
};

/// * the cloud's refusal.
Outcome RunListUpdates(const ListUpdatesOptions& options, Session& session);

Outcome RunFetchDevice(const DeviceOptions& options, Session& session);

struct UpdateDeviceOptions {
  std::string sid;
  std::optional<std::string> unique_name;  ///< empty text clears the name
  std::optional<std::string> target_app;
  std::optional<bool> logging_enabled;  ///< true: for 24 hours from now
  std::optional<bool> restart_app;
  std::vector<std::string> tags;  ///< when not empty: all that the device shall have
  bool no_tags = false;           ///< take all away
  bool wait = false;
  std::uint32_t timeout_sec = 600;
};

/// Changes a device. With `wait` it returns OK only when the device has confirmed the app.
/// * Usage: nothing to change. * the cloud's refusal. * the update's own error. * kTimeout.
Outcome RunUpdateDevice(const UpdateDeviceOptions& options, Session& session);

struct DeviceCountsOptions {};

/// Rows by target app under a row of all; with -o json the resource. * the cloud's refusal.
Outcome RunDeviceCounts(const DeviceCountsOptions& options, Session& session);

struct DeviceHistoryOptions {
  std::string since;  ///< a date as in answers, or how long ago; empty: the cloud's default
  std::string until;
  std::string app;  ///< SID or unique name; empty: each
};

/// * kInvalidArgument: a date that is none. * the cloud's refusal.
Outcome RunDeviceHistory(const DeviceHistoryOptions& options, Session& session);

/// The form's value of tags that were given one by one. * Usage: a tag with a comma.
Expected<std::string> JoinTags(const std::vector<std::string>& tags);

void AddProvision(CLI::App& noun, Session& session);
void AddListDevices(CLI::App& noun, Session& session);
void AddFetchDevice(CLI::App& noun, Session& session);
void AddUpdateDevice(CLI::App& noun, Session& session);
void AddDeviceCounts(CLI::App& noun, Session& session);
void AddDeviceHistory(CLI::App& noun, Session& session);
void AddRemoveDevice(CLI::App& noun, Session& session);
void AddListUpdates(CLI::App& noun, Session& session);
void AddDevices(CLI::App& noun, Session& session);

}  // namespace strata::cli
