// SPDX-License-Identifier: Apache-2.0
#include "sign_digest.hpp"

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <openssl/rand.h>

namespace strata::bundle {
namespace {

struct EcdsaState {
  mbedtls_ecp_group group;
  mbedtls_mpi r;
  mbedtls_mpi s;
  mbedtls_mpi d;

  EcdsaState() {
    mbedtls_ecp_group_init(&group);
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
    mbedtls_mpi_init(&d);
  }

  EcdsaState(const EcdsaState&) = delete;
  EcdsaState& operator=(const EcdsaState&) = delete;

  ~EcdsaState() {
    mbedtls_ecp_group_free(&group);
    mbedtls_mpi_free(&r);
    mbedtls_mpi_free(&s);
    mbedtls_mpi_free(&d);
  }
};

// Blinds the computation against side channels; the signature does not depend on it.
int BlindingBytes(void*, unsigned char* out, std::size_t size) {
  return RAND_bytes(out, static_cast<int>(size)) == 1 ? 0 : MBEDTLS_ERR_ECP_RANDOM_FAILED;
}

}  // namespace

Expected<Signature> SignDigest(std::span<const std::uint8_t, kPrivateKeyBytes> scalar,
                               const Digest& digest) {
  EcdsaState state;
  Signature signature{};
  const bool ok = mbedtls_ecp_group_load(&state.group, MBEDTLS_ECP_DP_SECP256R1) == 0 &&
                  mbedtls_mpi_read_binary(&state.d, scalar.data(), scalar.size()) == 0 &&
                  mbedtls_ecdsa_sign_det_ext(&state.group,
                                             &state.r,
                                             &state.s,
                                             &state.d,
                                             digest.bytes.data(),
                                             digest.bytes.size(),
                                             MBEDTLS_MD_SHA256,
                                             BlindingBytes,
                                             nullptr) == 0 &&
                  mbedtls_mpi_write_binary(&state.r, signature.data(), 32) == 0 &&
                  mbedtls_mpi_write_binary(&state.s, signature.data() + 32, 32) == 0;
  if (!ok) {
    return MakeFailure(Code::kCryptoFailed, Op::kSign);
  }
  return signature;
}

}  // namespace strata::bundle
