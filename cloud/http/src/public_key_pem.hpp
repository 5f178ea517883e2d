// SPDX-License-Identifier: Apache-2.0
/// P-256 public keys as PEM (SubjectPublicKeyInfo, RFC 5480).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "strata/core/keys.hpp"

namespace strata::cloud::http {

std::string PublicKeyPem(const PublicKey& key);

/// Nothing when `pem` (attacker-controlled) is not a public key on P-256, named by its object
/// identifier.
std::optional<PublicKey> ParsePublicKeyPem(std::string_view pem);

}  // namespace strata::cloud::http
