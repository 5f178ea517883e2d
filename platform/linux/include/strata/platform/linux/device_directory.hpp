// SPDX-License-Identifier: Apache-2.0
/// DeviceDirectory: the folder a Linux device lives in. Role: checks it, locks it, formats it on
/// the first run and opens its flash files; runs nothing. Durability: the first run may be killed
/// at any point; the next one starts it over (docs/spec/device-directory.md). Security: private
/// files that others can read are refused, not repaired: somebody may have read them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "strata/core/hardware.hpp"
#include "strata/core/sid.hpp"
#include "strata/engine/ports/crypto.hpp"
#include "strata/platform/linux/expected.hpp"
#include "strata/platform/linux/file_flash.hpp"
#include "strata/platform/linux/unique_fd.hpp"

namespace strata::device {

/// The three media of a device, as its profile describes them.
struct FlashFiles {
  std::unique_ptr<FileFlash> internal;
  std::unique_ptr<FileFlash> external;
  std::unique_ptr<FileFlash> secure;
};

class DeviceDirectory {
 public:
  /// Reads device.conf. * kNotFound: `path` is no device directory. * kMalformed, kUnsupported:
  /// device.conf.
  static Expected<DeviceDirectory> Open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  [[nodiscard]] const DeviceSid& sid() const { return sid_; }

  [[nodiscard]] const std::string& device_url() const { return device_url_; }

  [[nodiscard]] const HardwareProfile& profile() const { return *profile_; }

  [[nodiscard]] bool development() const { return development_; }

  [[nodiscard]] std::filesystem::path IdentityKeyFile() const { return path_ / "identity.pem"; }

  [[nodiscard]] std::filesystem::path IdentityCertificateFile() const {
    return path_ / "identity.crt";
  }

  [[nodiscard]] std::filesystem::path CaFile() const { return path_ / "ca.pem"; }

  [[nodiscard]] std::filesystem::path AppLogFile() const { return path_ / "app.log"; }

  [[nodiscard]] std::filesystem::path InternalFlashFile() const {
    return path_ / "flash" / "internal.bin";
  }

  /// Held until the descriptor closes, also by death. * kAlreadyExists: another device runs here. *
  /// kIo.
  [[nodiscard]] Expected<UniqueFd> Lock() const;

  /// Whether the first run is over.
  [[nodiscard]] bool IsFormatted() const;

  /// The first run: makes the flash files and the key store out of seed/. Call only with the lock
  /// held.
  /// * kNotFound: no signer in seed/signers. * kKeyInvalid, kPermission: a seed file. * others from
  /// FlashKeyStore, files.
  [[nodiscard]] Outcome Format(ports::Crypto& crypto) const;

  /// * kPermission: secure.bin is open to others. * others from FileFlash::Open.
  [[nodiscard]] Expected<FlashFiles> OpenFlash(FileFlash::Access access) const;

  /// Only the secure flash, for a status while another process runs the device.
  [[nodiscard]] Expected<std::unique_ptr<FileFlash>> OpenSecureFlash(
      FileFlash::Access access) const;

  /// Identity, certificate and CA are there, readable, private where they must be, and belong
  /// together; fills `identity_key`, which the caller wipes. * kKeyInvalid, kPermission, kNotFound,
  /// kIo.
  [[nodiscard]] Outcome LoadIdentity(std::span<std::uint8_t, 32> identity_key) const;

 private:
  DeviceDirectory(std::filesystem::path path, const DeviceSid& sid)
      : path_(std::move(path)), sid_(sid) {}

  std::filesystem::path path_;
  DeviceSid sid_;
  std::string device_url_;
  const HardwareProfile* profile_ = nullptr;
  bool development_ = false;
};

}  // namespace strata::device
