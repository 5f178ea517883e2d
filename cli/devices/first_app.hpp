// SPDX-License-Identifier: Apache-2.0
/// strata devices provision --install: a new device with its first app in place.
/// Role: looks at the bundle, finds its app in the cloud, makes it the device's target app, unpacks
/// the bundle and lets strata-device install it. Never writes a device's flash itself. Reference:
/// docs/spec/device-directory.md "Installing the first app".
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "strata/core/digest.hpp"

#include "devices/device_directory.hpp"
#include "support/session.hpp"

namespace strata::cli {

struct FirstApp {
  std::string sid;  ///< of the account's app that the bundle is
  Digest manifest_hash{};
};

/// Everything that can be known before there is a device. * as OpenBundleFile and
/// BundleReader::CheckLayers. * kSignerUnknown, kSignatureInvalid: none of `signers` signed it.
/// * kHardwareMismatch, kPlacement…: it is not for `hardware`. * kNotFound: the account has no such
/// app. * the cloud's refusal.
Expected<FirstApp> CheckFirstApp(const std::string& bundle_file,
                                 const std::vector<NamedPem>& signers,
                                 const std::string& hardware,
                                 Api& api);

/// Deploys the app to the device `sid` and installs it in `directory`, which is complete but for
/// it. * the cloud's refusal. * kIo. * kInternal: strata-device can't be started, or refuses; it
/// said why on stderr.
Outcome InstallFirstApp(const FirstApp& app,
                        const std::string& bundle_file,
                        const std::string& sid,
                        const std::filesystem::path& directory,
                        Api& api,
                        const Session& session);

}  // namespace strata::cli
