// SPDX-License-Identifier: Apache-2.0
/// Writing a Linux device's directory (docs/spec/device-directory.md), whole or not at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "strata/format/bundle/new_keys.hpp"

#include "support/files.hpp"

namespace strata::cli {

struct NamedPem {
  std::string name;  ///< file name without ".pem"
  SecretText pem;
};

struct DeviceDirectory {
  std::string sid;
  std::string device_url;
  std::string hardware;
  bool development = false;
  SecretText identity;  ///< private key, PEM
  std::string certificate;
  std::string ca_certificate;
  std::vector<NamedPem> signers;
  std::vector<NamedPem> layer_keys;
  std::vector<NamedPem> rotation_keys;
  std::optional<SecretText> receiver;        ///< private key, PEM
  std::optional<bundle::ChainHead> fleet{};  ///< absent: the device refuses every key change
};

/// Fills a temporary directory (0700, files 0600) beside `out` and renames it.
class DirectoryWriter {
 public:
  /// Makes the temporary directory. * kAlreadyExists: `out` is there. * kNotFound, kPermission,
  /// kIo.
  static Expected<DirectoryWriter> Begin(const std::filesystem::path& out);

  DirectoryWriter(DirectoryWriter&& other) noexcept;
  DirectoryWriter& operator=(DirectoryWriter&&) = delete;
  DirectoryWriter(const DirectoryWriter&) = delete;
  DirectoryWriter& operator=(const DirectoryWriter&) = delete;
  /// Removes what Place() did not put into place.
  ~DirectoryWriter();

  /// Writes all files into the temporary directory. * as WriteFile.
  Outcome Fill(const DeviceDirectory& content);

  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }

  /// Puts the directory into place. * kAlreadyExists: `out` came into being meanwhile. * kIo. After
  /// a failure there is no `out`.
  Outcome Place();

 private:
  DirectoryWriter(std::filesystem::path out, std::filesystem::path temporary)
      : out_(std::move(out)), temporary_(std::move(temporary)) {}

  std::filesystem::path out_;
  std::filesystem::path temporary_;
};

}  // namespace strata::cli
