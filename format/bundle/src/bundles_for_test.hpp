// SPDX-License-Identifier: Apache-2.0
/// What the tests of this module share: byte patterns, files of the tree, and requests that work.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strata/core/hex.hpp"
#include "strata/format/bundle/create.hpp"
#include "strata/format/bundle/reader.hpp"

namespace strata::bundle {

using Bytes = std::vector<std::uint8_t>;

/// The code of a failure, kOk for a success.
template <typename T>
Code CodeOf(const Expected<T>& result) {
  return result ? Code::kOk : result.failure().error.code;
}

/// Bytes that neither repeat nor compress to nothing; different for each seed.
inline Bytes Pattern(std::size_t size, std::uint32_t seed = 1) {
  Bytes out(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t& byte : out) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return out;
}

inline Bytes HexBytes(std::string_view hex) {
  Bytes out(hex.size() / 2);
  EXPECT_TRUE(FromHex(hex, out)) << hex;
  return out;
}

inline std::string HexText(ByteSpan bytes) {
  std::string text(2 * bytes.size(), '0');
  ToHex(bytes, text);
  return text;
}

inline Bytes ReadTestFile(const std::string& path_in_tree) {
  std::ifstream stream(std::string(STRATA_SOURCE_DIR) + "/" + path_in_tree, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path_in_tree;
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The key pair of RFC 6979 A.2.5: published, so no secret.
inline PrivateKey PublishedKey() {
  const Bytes scalar = HexBytes("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
  return std::move(PrivateKey::FromScalar(std::span<const std::uint8_t, 32>(scalar))).value();
}

inline PrivateKey NewKey() {
  return std::move(PrivateKey::Generate()).value();
}

inline const HardwareProfile& Profile(std::string_view name = "stm32u585") {
  return *FindHardwareProfile(name);
}

inline CreateRequest ImageRequest(Bytes image, std::uint32_t start_bytes = 0) {
  CreateRequest request;
  request.profile = &Profile();
  request.image = Image{start_bytes, std::move(image)};
  return request;
}

inline PrivateKey KeyOf(std::string_view hex) {
  const Bytes scalar = HexBytes(hex);
  return std::move(PrivateKey::FromScalar(std::span<const std::uint8_t, 32>(scalar))).value();
}

/// The recipient of RFC 9180 A.3.1 (skRm): published, so no secret.
inline PrivateKey PublishedLayerKey() {
  return KeyOf("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2");
}

/// Opens, or fails the test.
inline BundleReader OpenOrDie(const ByteSource& source) {
  auto reader = BundleReader::Open(source);
  if (!reader) {
    ADD_FAILURE() << reader.failure().message;
    std::abort();
  }
  return std::move(reader).value();
}

inline Bytes LayerOrDie(const BundleReader& reader, const Digest& digest) {
  Bytes out;
  const Outcome outcome = reader.ReadLayer(digest, [&out](ByteSpan piece) -> Outcome {
    out.insert(out.end(), piece.begin(), piece.end());
    return Done{};
  });
  EXPECT_TRUE(outcome) << (outcome ? "" : outcome.failure().message);
  return out;
}

}  // namespace strata::bundle
