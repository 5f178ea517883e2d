// SPDX-License-Identifier: Apache-2.0
/// Keys as files: private PEM 0600, public half beside it as FILE.pub 0644.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "strata/format/bundle/keys.hpp"

#include "support/files.hpp"
#include "support/session.hpp"

namespace strata::cli {

/// * as ReadSecretFile, PrivateKey::FromPem; the message names `file`.
Expected<bundle::PrivateKey> LoadPrivateKey(const std::filesystem::path& file);

/// * as ReadTextFile, PublicKeyFromPem; the message names `file`.
Expected<PublicKey> LoadPublicKey(const std::filesystem::path& file);

/// A layer key: both halves when the file is private, else only the public one.
struct LayerKeyFile {
  PublicKey public_key{};
  std::optional<bundle::PrivateKey> private_key;
};

/// Takes a private or a public PEM. Errors as LoadPrivateKey.
Expected<LayerKeyFile> LoadLayerKey(const std::filesystem::path& file);

/// Where the public half of the private key at `file` lies: FILE.pub.
std::filesystem::path PublicFileOf(const std::filesystem::path& file);

/// Makes a key pair and writes it: the private half 0600, the public one 0644. With kRefuse neither
/// may exist. * kInvalidArgument: one name for both.
/// * kEntropyFailed. * as WriteFile; after a failure no new file is left.
Expected<PublicKey> GenerateKeyPair(const std::filesystem::path& private_file,
                                    const std::filesystem::path& public_file,
                                    Overwrite overwrite);

/// GenerateKeyPair for FILE and FILE.pub.
Expected<PublicKey> GenerateKeyFiles(const std::filesystem::path& file, Overwrite overwrite);

/// The chosen profile's default signing key. * kInvalidArgument: there is none; the next step says
/// how to get one, `otherwise` what else the verb accepts. * as LoadPrivateKey.
Expected<bundle::PrivateKey> DefaultSigningKey(const Session& session,
                                               const std::string& otherwise);

}  // namespace strata::cli
