// SPDX-License-Identifier: Apache-2.0
/// The key with which the cloud signs the unsigned uploads of an account that opted in. Role: makes
/// it, seals it, signs. Security: the scalar is in clear only during one call. Reference:
/// docs/spec/rest.md "Development signing".
#pragma once

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/sealer.hpp"
#include "strata/cloud/domain/store.hpp"
#include "strata/format/bundle/manifest.hpp"

namespace strata::cloud {

/// Whether `signer` is the account's development key.
bool IsDevelopmentSigner(const Account& account, KeyId signer);

/// Puts a new key into `record`, sealed. * 500/20500.
ApiOutcome MakeDevelopmentKey(Sealer& sealer, AccountRecord& record);

/// Seals the key of `record`, which has one, under the newest master key. * 500/20500: it can't be
/// opened; `record` is as it was.
ApiOutcome ResealDevelopmentKey(Sealer& sealer, AccountRecord& record);

/// The manifest with `body`, signed. * 400/65001: with its signature it is too large. * 500/20500.
ApiResult<bundle::SealedManifest> SignForDevelopment(Sealer& sealer,
                                                     const AccountRecord& record,
                                                     const std::vector<std::uint8_t>& body);

}  // namespace strata::cloud
