// SPDX-License-Identifier: Apache-2.0
/// A bundle in words and as a record for output.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "strata/format/bundle/manifest.hpp"

#include "support/api.hpp"

namespace strata::cli {

/// Everything a manifest says, keys in camelCase; `layers` is an array.
JsonObject BundleRecord(const std::string& file,
                        std::uint64_t file_bytes,
                        ByteSpan manifest_bytes,
                        const bundle::SealedManifest& manifest,
                        const bundle::AppBody& body);

/// One line: layers, bytes, encryption, signer, hardware.
std::string BundleSummary(std::uint64_t file_bytes,
                          const bundle::SealedManifest& manifest,
                          const bundle::AppBody& body);

/// The record as a page for a person, layers as a table.
std::string BundlePage(const JsonObject& record, const bundle::AppBody& body);

}  // namespace strata::cli
