// SPDX-License-Identifier: Apache-2.0
/// Private parts shared by the PSA ports: keys that live for one call, hashing of parts, status
/// names.
#pragma once

#include <span>

#include <psa/crypto.h>

#include "strata/core/bytes.hpp"
#include "strata/core/digest.hpp"
#include "strata/core/error.hpp"
#include "strata/core/keys.hpp"
#include "strata/core/result.hpp"

namespace strata::platform {

/// What a key may do, in the library's words.
struct KeyUse {
  psa_key_type_t type;
  psa_algorithm_t algorithm;
  psa_key_usage_t usage;
};

/// A key in the library that is destroyed with this object.
class TransientKey {
 public:
  TransientKey() = default;
  ~TransientKey();
  TransientKey(const TransientKey&) = delete;
  TransientKey& operator=(const TransientKey&) = delete;

  psa_status_t Import(const KeyUse& use, ByteSpan material);

  [[nodiscard]] psa_key_id_t id() const { return id_; }

  /// Gives the key to the caller, who destroys it.
  psa_key_id_t Release();

 private:
  psa_key_id_t id_ = 0;
};

Error PsaError(Code code, Op op, psa_status_t status);

/// The failure to import a key of the given kind: kKeyInvalid when the material is at fault.
Error ImportError(Op op, psa_status_t status);

Status ImportPrivate(TransientKey& key,
                     psa_algorithm_t algorithm,
                     psa_key_usage_t usage,
                     std::span<const std::uint8_t, kPrivateKeyBytes> scalar);

/// SHA-256 of the concatenation.
psa_status_t HashParts(std::span<const ByteSpan> parts, Digest& out);

}  // namespace strata::platform
