// SPDX-License-Identifier: Apache-2.0
/// Shared by the tests of this folder: bodies written with nanopb, which the reader does not use.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <pb_encode.h>

#include "strata/format/manifest/manifest.hpp"

#include "strata_nanopb/bundle.pb.h"

namespace strata::manifest {

using Bytes = std::vector<std::uint8_t>;

inline Bytes Join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

inline Bytes Varint(std::uint64_t value) {
  Bytes out;
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
  }
  out.push_back(static_cast<std::uint8_t>(value));
  return out;
}

inline Bytes BytesField(std::uint32_t number, const Bytes& value) {
  return Join({Varint((number << 3) | 2), Varint(value.size()), value});
}

inline Bytes NumberField(std::uint32_t number, std::uint64_t value) {
  return Join({Varint(number << 3), Varint(value)});
}

inline Bytes Text(std::string_view text) {
  return {text.begin(), text.end()};
}

inline bundle_AppLayerReference SampleLayer(std::uint32_t start, std::uint32_t size) {
  bundle_AppLayerReference layer = bundle_AppLayerReference_init_zero;
  layer.has_target = true;
  layer.target.which_where = bundle_AppLayerRegion_internal_flash_tag;
  layer.target.where.internal_flash = {start, size};
  std::fill_n(layer.fetch_hash, 32, std::uint8_t{0x11});
  std::fill_n(layer.measurement_hash, 32, std::uint8_t{0x22});
  return layer;
}

inline bundle_AppBody SampleBody() {
  bundle_AppBody body = bundle_AppBody_init_zero;
  body.layers_count = 1;
  body.layers[0] = SampleLayer(0, 65536);
  body.has_update = true;
  body.has_connectivity = true;
  return body;
}

inline Bytes Encoded(const bundle_AppBody& body) {
  Bytes out(bundle_AppBody_size);
  pb_ostream_t stream = pb_ostream_from_buffer(out.data(), out.size());
  EXPECT_TRUE(pb_encode(&stream, &bundle_AppBody_msg, &body));
  out.resize(stream.bytes_written);
  return out;
}

inline Bytes Envelope(const Bytes& body) {
  return Join({NumberField(1, 7), BytesField(2, body), BytesField(3, Bytes(64, 9))});
}

inline Status AcceptAll(std::span<const ByteSpan>, const Signature&) {
  return {};
}

/// The verdict on a body in a signed envelope; `out` holds the content when OK.
inline Status DecodeBody(const Bytes& body, AppManifest& out) {
  const Bytes bytes = Envelope(body);
  STRATA_TRY_ASSIGN(const UnverifiedManifest envelope, ParseEnvelope(bytes));
  STRATA_TRY_ASSIGN(const VerifiedManifest verified, VerifiedManifest::Verify(envelope, AcceptAll));
  return Decode(verified, out);
}

inline Code VerdictOn(const Bytes& body) {
  AppManifest app;
  return DecodeBody(body, app).error().code;
}

inline Code VerdictOn(const bundle_AppBody& body) {
  return VerdictOn(Encoded(body));
}

}  // namespace strata::manifest
