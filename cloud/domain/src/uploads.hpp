// SPDX-License-Identifier: Apache-2.0
/// From a received file to a checked bundle to stored layers. Role: what an upload must fulfil,
/// without knowing names, idempotency or metadata. Security: the file is an attacker's until
/// CheckBundle returned it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "strata/cloud/domain/api_error.hpp"
#include "strata/cloud/domain/blobs.hpp"
#include "strata/cloud/domain/resources.hpp"
#include "strata/cloud/domain/store.hpp"
#include "strata/format/bundle/reader.hpp"

#include "file_source.hpp"

namespace strata::cloud {

/// Signed by a key that counts and whole: every layer's digest is right.
struct CheckedBundle {
  std::unique_ptr<FileSource> source;  ///< `reader` reads from it
  bundle::BundleReader reader;
  std::vector<StoredLayer> layers;  ///< each distinct one once
  bundle::SealedManifest manifest;  ///< signed, as it came or by `sign`
  std::vector<std::uint8_t> manifest_bytes;
};

using FindSigner = std::function<ApiResult<std::optional<SigningKey>>(KeyId)>;

/// Signs the manifest of a bundle that came unsigned; an empty function refuses such bundles.
using SignUnsigned =
    std::function<ApiResult<bundle::SealedManifest>(const std::vector<std::uint8_t>& body)>;

/// Everything that can be known without the layer key, the cheap things first.
/// * 413/20413. * 400/65001: also hardware_type unknown to this cloud. * 400/65002. * 400/65003. *
/// 500, 503.
ApiResult<CheckedBundle> CheckBundle(const std::string& path,
                                     const FindSigner& find_signer,
                                     const SignUnsigned& sign);

/// Makes every layer durable in `blobs`. A stored layer that is damaged is replaced. * 503/20503.
ApiOutcome StoreLayers(const CheckedBundle& checked, Blobs& blobs);

/// The resource that the bundle makes, without SID, account, name and dates.
void Describe(const CheckedBundle& checked, App& app);

/// What the uploader should know although the app was accepted. `development`: the account's
/// development key signed it.
std::vector<std::string> WarningsFor(const App& app, bool development);

}  // namespace strata::cloud
