// SPDX-License-Identifier: Apache-2.0
#include "support/key_files.hpp"

#include <unistd.h>

#include "support/profiles.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

}  // namespace

Expected<bundle::PrivateKey> LoadPrivateKey(const fs::path& file) {
  STRATA_TRY_ASSIGN(const SecretText pem, ReadSecretFile(file));
  return Lift(bundle::PrivateKey::FromPem(pem.view()), file.string());
}

Expected<PublicKey> LoadPublicKey(const fs::path& file) {
  STRATA_TRY_ASSIGN(const SecretText pem, ReadSecretFile(file));
  return Lift(bundle::PublicKeyFromPem(pem.view()), file.string());
}

Expected<LayerKeyFile> LoadLayerKey(const fs::path& file) {
  STRATA_TRY_ASSIGN(const SecretText pem, ReadSecretFile(file));
  LayerKeyFile key;
  if (pem.view().find("PUBLIC KEY") != std::string_view::npos) {
    STRATA_TRY_ASSIGN(key.public_key, Lift(bundle::PublicKeyFromPem(pem.view()), file.string()));
    return key;
  }
  STRATA_TRY_ASSIGN(key.private_key, Lift(bundle::PrivateKey::FromPem(pem.view()), file.string()));
  key.public_key = key.private_key->public_key();
  return key;
}

fs::path PublicFileOf(const fs::path& file) {
  return file.string() + ".pub";
}

Expected<PublicKey> GenerateKeyPair(const fs::path& private_file,
                                    const fs::path& public_file,
                                    Overwrite overwrite) {
  if (private_file == public_file) {
    return Local(Code::kInvalidArgument,
                 private_file.string() + ": can't hold both halves of a key",
                 "name two files");
  }
  STRATA_TRY_ASSIGN(const bundle::PrivateKey key, Lift(bundle::PrivateKey::Generate()));
  Expected<std::string> pem = Lift(key.ToPem());
  if (!pem.ok()) {
    return pem.error();
  }
  const SecretText private_pem(std::move(pem).value());
  STRATA_TRY_ASSIGN(const std::string public_pem, Lift(bundle::PublicKeyToPem(key.public_key())));
  // The public half first: a private key never lies there without it.
  STRATA_TRY(WriteFile(public_file, public_pem, kPublicFile, overwrite));
  const Outcome written = WriteFile(private_file, private_pem.view(), kPrivateFile, overwrite);
  if (!written.ok()) {
    ::unlink(public_file.c_str());
    return written.error();
  }
  return key.public_key();
}

Expected<PublicKey> GenerateKeyFiles(const fs::path& file, Overwrite overwrite) {
  return GenerateKeyPair(file, PublicFileOf(file), overwrite);
}

Expected<bundle::PrivateKey> DefaultSigningKey(const Session& session,
                                               const std::string& otherwise) {
  STRATA_TRY_ASSIGN(const std::optional<Profile> profile,
                    ChooseProfile(session.context.env, session.common.profile));
  if (!profile || profile->signing_key_file.empty()) {
    return Local(Code::kInvalidArgument,
                 "there is no default signing key",
                 "run strata login, which makes one, or " + otherwise);
  }
  return LoadPrivateKey(profile->signing_key_file);
}

}  // namespace strata::cli
