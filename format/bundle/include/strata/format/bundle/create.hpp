// SPDX-License-Identifier: Apache-2.0
/// Making and signing bundles. Same inputs give the same bytes: no clock, no randomness (except
/// encryption with only a public key), fixed order. Role: image and options in, zip bytes out;
/// callers do files and wording. Reference: docs/spec/bundle.md, docs/spec/manifest.md; page "What
/// is a bundle?".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "strata/format/bundle/keys.hpp"
#include "strata/format/bundle/manifest.hpp"

namespace strata::bundle {

/// The application as it came from the build.
struct Image {
  std::uint32_t start_bytes = 0;    ///< offset inside the internal medium
  std::vector<std::uint8_t> bytes;  ///< gaps are 0xFF
};

/// Finds out what `file` is (ELF by its magic, Intel HEX by its form, else raw) and reads it;
/// addresses of ELF and HEX are rebased by the profile. * kImageEmpty. * kImageTooLarge: does not
/// fit the internal medium.
/// * kImageMalformed: broken, for another machine, or outside the medium.
Expected<Image> ReadImage(ByteSpan file, const HardwareProfile& profile);

/// Further data beside the main image (--layer FILE@MEDIUM:START[+SIZE]).
struct DataLayer {
  Placement placement;  ///< size_bytes 0: the bytes rounded up to an erase unit
  std::vector<std::uint8_t> bytes;
};

/// With the private half the encryption is reproducible, with only the public half it is not.
struct LayerKey {
  PublicKey public_key;
  const PrivateKey* private_key = nullptr;  ///< or nullptr
};

struct CreateRequest {
  const HardwareProfile* profile = nullptr;
  std::optional<Image> image;  ///< at least this or one data layer
  /// --at +SIZE: where the main image's last placement ends; 0: the end of the app flash.
  std::uint32_t image_region_bytes = 0;
  std::vector<DataLayer> data_layers;
  std::uint32_t layer_bytes =
      64 * 1024;  ///< raised to an erase unit, and so far that 32 layers are enough
  std::optional<LayerKey> layer_key;        ///< nullopt: in clear
  const PrivateKey* signing_key = nullptr;  ///< nullptr: unsigned
  AppBody policies;                         ///< its layers and hardware_type are filled in here
};

struct CreatedBundle {
  std::vector<std::uint8_t> zip;
  SealedManifest manifest;
  AppBody body;
};

/// Uses up to `threads` threads (0: all cores). * any failure of the checks in manifest.hpp and
/// reader.hpp;
/// * kImageEmpty, kImageTooLarge, kBundleTooLarge, kKeyWrongType.
Expected<CreatedBundle> CreateBundle(const CreateRequest& request, unsigned threads = 0);

/// The same bundle under another signature: signs an unsigned (legacy) one or replaces the
/// signature.
Expected<std::vector<std::uint8_t>> SignBundle(ByteSpan zip, const PrivateKey& signing_key);

/// The same bundle with another manifest over the same body, e.g. the one that a cloud signed. The
/// signature is not checked. * any failure of BundleReader::Open, CheckLayers and ParseManifest.
/// * kManifestHashMismatch: its body is not the bundle's.
Expected<std::vector<std::uint8_t>> ReplaceManifest(ByteSpan zip, ByteSpan manifest_bytes);

}  // namespace strata::bundle
