// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "strata/format/manifest/manifest.hpp"

#include "message_reader.hpp"

namespace strata::manifest {

Result<UnverifiedManifest> ParseEnvelope(ByteSpan bytes) {
  if (bytes.size() > kMaxManifestBytes) {
    return Fail(Code::kManifestTooLarge, Op::kParse, static_cast<std::uint32_t>(bytes.size()));
  }
  UnverifiedManifest manifest;
  ByteSpan signature;
  MessageReader reader(bytes);
  Field field;
  while (reader.Next(field)) {
    if (field.IsVarint(1)) {
      manifest.signer_ = static_cast<KeyId>(field.varint);
    } else if (field.IsBytes(2)) {
      manifest.body_ = field.bytes;
    } else if (field.IsBytes(3)) {
      signature = field.bytes;
    }
  }
  const bool has_signer = manifest.signer_ != KeyId::kNone;
  const bool signature_fits = signature.size() == (has_signer ? sizeof(Signature) : 0);
  if (!reader.ok() || manifest.body_.empty() || !signature_fits) {
    return Fail(Code::kManifestMalformed, Op::kParse);
  }
  if (has_signer) {
    std::memcpy(manifest.signature_.data(), signature.data(), sizeof(Signature));
  }
  return manifest;
}

}  // namespace strata::manifest
