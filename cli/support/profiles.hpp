// SPDX-License-Identifier: Apache-2.0
/// Profiles: which cloud, which account, which default signing key. Kept in $STRATA_CONFIG_DIR,
/// else $XDG_CONFIG_HOME/strata, else ~/.config/strata; directories 0700, files 0600. Role: files ↔
/// values, and the order in which credentials are taken; talks to no cloud. Security: holds auth
/// tokens and private signing keys; nothing of them is printed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/context.hpp"
#include "support/outcome.hpp"

namespace strata::cli {

struct Profile {
  std::string name;
  std::string url;
  std::string account_sid;
  std::string auth_token;
  std::string ca_file;           ///< absolute; empty: the system's CAs
  std::string signing_key_file;  ///< absolute; empty: none
};

class ProfileStore {
 public:
  explicit ProfileStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// * kNotFound: no environment variable tells where the configuration lies.
  static Expected<ProfileStore> Open(const Environment& env);

  /// * kNotFound: no such profile. * kPermission: others can read the file. * kMalformed. * as
  /// ReadFile.
  [[nodiscard]] Expected<Profile> Load(const std::string& name) const;

  /// The name of the active profile; nullopt before the first login. * kMalformed. * as ReadFile.
  [[nodiscard]] Expected<std::optional<std::string>> ActiveName() const;

  /// Writes the profile and makes it the active one. `ca_pem`, when not empty, is kept beside it
  /// and replaces profile.ca_file. * as WriteFile, MakePrivateDirectory.
  Outcome Save(Profile profile, const std::string& ca_pem) const;

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// Names of all profiles, sorted. * kIo, kPermission: the directory can't be read.
  [[nodiscard]] Expected<std::vector<std::string>> Names() const;

  /// Makes `name` the active profile. * kNotFound: no such profile. * as Load, WriteFile.
  [[nodiscard]] Outcome Activate(const std::string& name) const;

  /// Deletes the profile with its token and CA file; the signing key stays, since bundles may be
  /// waiting for it. When it was the active one, none is. * kNotFound. * kIo, kPermission.
  [[nodiscard]] Outcome Remove(const std::string& name) const;

  /// Where the profile's default signing key lies or would lie.
  [[nodiscard]] std::filesystem::path SigningKeyFile(const std::string& name) const;

  /// Makes the store's directories. * as MakePrivateDirectory.
  Outcome Prepare() const;

 private:
  [[nodiscard]] std::filesystem::path ProfileFile(const std::string& name) const;
  [[nodiscard]] std::filesystem::path CaFile(const std::string& name) const;
  [[nodiscard]] Outcome WriteActive(const std::string& name) const;

  std::filesystem::path directory_;
};

/// 1–64 of letters, digits, '-', '_' and '.', not beginning with '.'. * kInvalidArgument.
Outcome CheckProfileName(const std::string& name);

/// The profile `name`, or when that is empty the active one; nullopt when there is no active one.
Expected<std::optional<Profile>> ChooseProfile(const Environment& env, const std::string& name);

/// -p > STRATA_* > TWILIO_* (only with STRATA_URL, so that real tokens never reach another host) >
/// active profile.
/// * kNotFound: there are none; the next step names strata login. * kInvalidArgument: incomplete
/// variables.
Expected<Connection> ChooseConnection(const Environment& env, const std::string& profile_name);

}  // namespace strata::cli
