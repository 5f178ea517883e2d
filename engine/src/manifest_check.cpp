// SPDX-License-Identifier: Apache-2.0
#include "manifest_check.hpp"

#include "strata/engine/engine.hpp"

#include "digest_of.hpp"

namespace strata::engine {
namespace {

constexpr Error Refused(Code code, std::uint32_t detail = 0) {
  return Fail(code, Op::kCheckManifest, detail);
}

Status CheckContent(const CheckTools& tools, const manifest::AppManifest& app) {
  if (app.encrypted_with() != KeyId::kNone) {
    STRATA_TRY_ASSIGN(const bool retired, tools.keys.IsRetired(app.encrypted_with()));
    if (retired) {
      return Refused(Code::kDecryptionKeyMissing);
    }
  }
  STRATA_TRY(manifest::CheckAgainstHardware(app, tools.profile));
  SlotLayout layout = tools.empty_slot;
  for (const manifest::Layer& layer : app.layers()) {
    STRATA_TRY(layout.Add(layer));
  }
  if (app.minimum_kernel_version > kKernelVersion) {
    return Refused(Code::kKernelTooOld, app.minimum_kernel_version);
  }
  if (app.security_counter < tools.security_counter) {
    return Refused(Code::kSecurityCounterTooLow, app.security_counter);
  }
  return {};
}

Status CheckAll(const CheckTools& tools,
                ByteSpan bytes,
                const Digest& expected_hash,
                std::optional<Digest>& body_hash,
                manifest::AppManifest& app) {
  const std::array<ByteSpan, 1> whole = {bytes};
  STRATA_TRY_ASSIGN(const Digest hash, DigestOf(tools.crypto, whole));
  if (hash != expected_hash) {
    return Refused(Code::kManifestHashMismatch);
  }
  STRATA_TRY_ASSIGN(const manifest::UnverifiedManifest envelope, manifest::ParseEnvelope(bytes));
  const auto verifier = [&](std::span<const ByteSpan> parts, const Signature& signature) -> Status {
    STRATA_TRY_ASSIGN(const PublicKey signer, tools.keys.FindSigner(envelope.signer()));
    return tools.crypto.Verify(signer, parts, signature);
  };
  STRATA_TRY_ASSIGN(const manifest::VerifiedManifest verified,
                    manifest::VerifiedManifest::Verify(envelope, verifier));
  const std::array<ByteSpan, 1> body = {verified.body()};
  STRATA_TRY_ASSIGN(body_hash, DigestOf(tools.crypto, body));
  STRATA_TRY(manifest::Decode(verified, app));
  return CheckContent(tools, app);
}

}  // namespace

Status CheckManifest(const CheckTools& tools,
                     ByteSpan bytes,
                     const Digest& expected_hash,
                     std::optional<Digest>& body_hash,
                     manifest::AppManifest& app) {
  body_hash.reset();
  const Status checked = CheckAll(tools, bytes, expected_hash, body_hash, app);
  // Whatever noticed it: the operation was checking the manifest.
  return checked.ok() ? checked : Refused(checked.error().code, checked.error().detail);
}

Result<manifest::VerifiedManifest> Trust(ByteSpan bytes) {
  STRATA_TRY_ASSIGN(const manifest::UnverifiedManifest envelope, manifest::ParseEnvelope(bytes));
  const auto accept = [](std::span<const ByteSpan>, const Signature&) { return Status(); };
  return manifest::VerifiedManifest::Verify(envelope, accept);
}

}  // namespace strata::engine
