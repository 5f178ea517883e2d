# SPDX-License-Identifier: Apache-2.0
#
# Libraries of others that device code is built with, from the sources that tools/fetch_device_sources unpacks:
#   strata_nanopb_device    protobuf reader and writer
#   strata_mbedtls_device   PSA Crypto, configured by platform/mps2_an505/mbedtls_config.h
include_guard(GLOBAL)
set(STRATA_DEVICE_SOURCES ${PROJECT_SOURCE_DIR}/build/device-sources CACHE PATH
    "Where tools/fetch_device_sources has put its sources")
set(nanopb_dir ${STRATA_DEVICE_SOURCES}/nanopb-0.4.7)
set(mbedtls_dir ${STRATA_DEVICE_SOURCES}/mbedtls-2.28.3)
foreach(source_dir ${nanopb_dir} ${mbedtls_dir})
  if(NOT EXISTS ${source_dir})
    message(FATAL_ERROR "The sources of the device libraries are missing; run tools/fetch_device_sources first.")
  endif()
endforeach()

add_library(strata_nanopb_device STATIC
  ${nanopb_dir}/pb_common.c ${nanopb_dir}/pb_decode.c ${nanopb_dir}/pb_encode.c)
target_include_directories(strata_nanopb_device SYSTEM PUBLIC ${nanopb_dir})

set(mbedtls_files
  aes asn1parse asn1write bignum cipher cipher_wrap constant_time ecdh ecdsa ecp ecp_curves gcm hmac_drbg md
  memory_buffer_alloc oid pk pk_wrap pkparse pkwrite platform platform_util psa_crypto psa_crypto_aead
  psa_crypto_cipher psa_crypto_client psa_crypto_driver_wrappers psa_crypto_ecp psa_crypto_hash psa_crypto_mac
  psa_crypto_rsa psa_crypto_slot_management sha256)
list(TRANSFORM mbedtls_files PREPEND ${mbedtls_dir}/library/)
list(TRANSFORM mbedtls_files APPEND .c)
add_library(strata_mbedtls_device STATIC ${mbedtls_files})
target_include_directories(strata_mbedtls_device SYSTEM PUBLIC ${mbedtls_dir}/include)
target_compile_definitions(strata_mbedtls_device PUBLIC
  MBEDTLS_CONFIG_FILE="${PROJECT_SOURCE_DIR}/platform/mps2_an505/mbedtls_config.h")
