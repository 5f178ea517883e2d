// SPDX-License-Identifier: Apache-2.0
/// A device directory as `strata devices provision` writes it (docs/spec/device-directory.md), with
/// certificates of a PKI made for one case.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "strata/cloud/pki/certificates.hpp"
#include "strata/core/sid.hpp"
#include "strata/format/bundle/new_keys.hpp"

#include "app_maker.hpp"

namespace strata::conformance {

/// Everything that cloud and device of one case trust each other by.
struct Trust {
  Keys keys;
  DeviceSid sid;
  bundle::FleetId fleet{};
  cloud::pki::Credential server_ca;
  cloud::pki::Credential device_ca;
  cloud::pki::Credential server;  ///< for 127.0.0.1, by server_ca
  std::string device_certificate;

  /// * kEntropyFailed, kCryptoFailed.
  static bundle::Expected<Trust> Make();
};

/// A server certificate for 127.0.0.1 by `ca`. * kCryptoFailed.
Result<cloud::pki::Credential> ServerFor(const cloud::pki::Credential& ca);

/// Writes the whole directory `dir`, which does not exist yet; mode 0700, files 0600. * kIo.
bundle::Outcome WriteDeviceHome(const std::filesystem::path& dir,
                                const Trust& trust,
                                const std::string& device_url,
                                std::string_view hardware);

}  // namespace strata::conformance
