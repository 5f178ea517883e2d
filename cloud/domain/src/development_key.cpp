// SPDX-License-Identifier: Apache-2.0
#include "development_key.hpp"

#include <algorithm>

#include "strata/cloud/domain/service.hpp"
#include "strata/core/secure.hpp"
#include "strata/format/bundle/keys.hpp"

#include "api_errors.hpp"

namespace strata::cloud {
namespace {

std::vector<std::uint8_t> ContextOf(const Account& account) {
  constexpr std::string_view kPrefix("strata-development-key-v1\0", 26);
  std::string text(kPrefix);
  text += account.sid.text();
  return {text.begin(), text.end()};
}

ApiError KeyFailed(Error error) {
  return ServerFailed("development key", error);
}

ApiOutcome Seal(Sealer& sealer, ByteSpan scalar, AccountRecord& record) {
  auto sealed = sealer.Seal(ContextOf(record.account), scalar);
  if (!sealed.ok()) {
    return KeyFailed(sealed.error());
  }
  record.development_key = std::move(sealed).value();
  return Empty{};
}

/// The scalar in clear: `use` gets it and it is wiped.
template <typename Use>
auto WithScalar(Sealer& sealer, const AccountRecord& record, Use use)
    -> std::invoke_result_t<Use, std::span<const std::uint8_t, kPrivateKeyBytes>> {
  if (!record.development_key) {
    return KeyFailed(Fail(Code::kNotFound));
  }
  auto plain = sealer.Open(ContextOf(record.account), record.development_key->bytes);
  if (!plain.ok()) {
    return KeyFailed(plain.error());
  }
  Secret<kPrivateKeyBytes> scalar;
  const bool fits = plain->size() == kPrivateKeyBytes;
  if (fits) {
    std::copy(plain->begin(), plain->end(), scalar.bytes().begin());
  }
  SecureZero(*plain);
  if (!fits) {
    return KeyFailed(Fail(Code::kKeyInvalid));
  }
  return use(std::as_const(scalar).bytes());
}

}  // namespace

KeyId DevelopmentSignerOf(const Account& account) {
  return account.development_signer
             ? bundle::KeyIdOf(KeyType::kManifestSigner, *account.development_signer)
             : KeyId::kNone;
}

bool IsDevelopmentSigner(const Account& account, KeyId signer) {
  return signer != KeyId::kNone && DevelopmentSignerOf(account) == signer;
}

ApiOutcome MakeDevelopmentKey(Sealer& sealer, AccountRecord& record) {
  const auto key = bundle::PrivateKey::Generate();
  if (!key.ok()) {
    return KeyFailed(key.failure().error);
  }
  STRATA_CLOUD_TRY(Seal(sealer, key->scalar(), record));
  record.account.development_signer = key->public_key();
  return Empty{};
}

ApiOutcome ResealDevelopmentKey(Sealer& sealer, AccountRecord& record) {
  return WithScalar(sealer, record, [&](std::span<const std::uint8_t, kPrivateKeyBytes> scalar) {
    return Seal(sealer, scalar, record);
  });
}

ApiResult<bundle::SealedManifest> SignForDevelopment(Sealer& sealer,
                                                     const AccountRecord& record,
                                                     const std::vector<std::uint8_t>& body) {
  using Signed = ApiResult<bundle::SealedManifest>;
  return WithScalar(
      sealer, record, [&](std::span<const std::uint8_t, kPrivateKeyBytes> scalar) -> Signed {
        const auto key = bundle::PrivateKey::FromScalar(scalar);
        if (!key.ok()) {
          return KeyFailed(key.failure().error);
        }
        const auto signature = key->Sign(bundle::kManifestPrefix, body);
        if (!signature.ok()) {
          return KeyFailed(signature.failure().error);
        }
        bundle::SealedManifest manifest{
            .signer = bundle::KeyIdOf(KeyType::kManifestSigner, key->public_key()),
            .body = body,
            .signature = *signature};
        if (bundle::SerializeManifest(manifest).size() > bundle::kMaxManifestBytes) {
          return BundleRefused(bundle::MakeFailure(Code::kManifestTooLarge, Op::kSign));
        }
        return manifest;
      });
}

}  // namespace strata::cloud
