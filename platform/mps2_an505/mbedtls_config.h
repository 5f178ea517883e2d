/* SPDX-License-Identifier: Apache-2.0 */
/* Mbed TLS on the device: PSA Crypto with SHA-256, HMAC, AES-128-GCM, ECDSA and ECDH on P-256,
   nothing else. No heap of the C library: the firmware hands a static arena to
   mbedtls_memory_buffer_alloc_init() before psa_crypto_init(). No entropy source of its own: the
   firmware defines mbedtls_psa_external_get_random(). No files, no clock, no threads. Written for
   Mbed TLS 2.28. C, because the library is. */
#ifndef STRATA_MPS2_AN505_MBEDTLS_CONFIG_H
#define STRATA_MPS2_AN505_MBEDTLS_CONFIG_H

#define MBEDTLS_HAVE_ASM
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_NO_PLATFORM_ENTROPY

#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG

#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_HMAC_DRBG_C

#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_CIPHER_C
#define MBEDTLS_GCM_C

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C

/* Smaller windows and tables: RAM matters more than a few milliseconds. */
#define MBEDTLS_MPI_MAX_SIZE 32
#define MBEDTLS_ECP_WINDOW_SIZE 4
#define MBEDTLS_PSA_KEY_SLOT_COUNT 8

#include "mbedtls/check_config.h"

#endif
