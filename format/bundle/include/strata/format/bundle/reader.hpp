// SPDX-License-Identifier: Apache-2.0
/// Reading a bundle: the zip, its manifest and its layers, from any source of bytes. Host only; the
/// device never opens a zip. Role: finds out whether the file is a bundle and hands out its parts;
/// whether the signer is trusted is the caller's question. Memory is bounded: at most the manifest,
/// one buffer and the directory. Security: the input is an attacker's. Reference:
/// docs/spec/bundle.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "strata/format/bundle/manifest.hpp"

namespace strata::bundle {

inline constexpr std::uint64_t kMaxBundleBytes = 67'108'864;

/// Random access to immutable bytes.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Fills all of `out` from `offset`. * kIo.
  virtual Outcome ReadAt(std::uint64_t offset, MutableByteSpan out) const = 0;
};

/// Over bytes that outlive it.
std::unique_ptr<ByteSource> MemorySource(ByteSpan bytes);

struct LayerEntry {
  Digest digest;  ///< its name in the zip
  std::uint64_t uncompressed_bytes = 0;
};

class BundleReader {
 public:
  /// Opens and checks the container and the manifest: flat, only `manifest` and lowercase digests
  /// as names, each once, deflate or stored, sizes consistent, no zip64, no encryption, no bytes
  /// outside entries and directory; exactly one entry for each distinct layer of the manifest.
  /// `source` outlives the reader.
  /// * kBundleTooLarge, kZipMalformed, kZipEntryUnexpected, kZipEntryMissing, kIo, and all of
  /// ParseManifest and
  ///   ParseBody.
  static Expected<BundleReader> Open(const ByteSource& source);

  BundleReader(BundleReader&&) noexcept;
  BundleReader& operator=(BundleReader&&) noexcept;
  ~BundleReader();

  [[nodiscard]] const std::vector<std::uint8_t>& manifest_bytes() const;
  [[nodiscard]] const SealedManifest& manifest() const;
  [[nodiscard]] const AppBody& body() const;
  [[nodiscard]] const std::vector<LayerEntry>& entries() const;

  /// Gives the stored (not compressed) bytes of a layer to `sink` in pieces and checks length, CRC
  /// and digest. The bytes count only when OK comes back. A failing sink ends it with its failure.
  /// * kNotFound: no such layer. * kZipMalformed. * kLayerHashMismatch. * kIo.
  Outcome ReadLayer(const Digest& digest, const std::function<Outcome(ByteSpan)>& sink) const;

  /// All that can be known without keys: every layer's digest; sizes as the manifest says; for a
  /// layer in clear its measurement digest; for an encrypted one its form.
  /// * as ReadLayer; * kMeasurementMismatch; * kLayerSizeInvalid; * kLayerEncodingInvalid.
  Outcome CheckLayers() const;

 private:
  struct Impl;
  explicit BundleReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace strata::bundle
