/* SPDX-License-Identifier: Apache-2.0 */
/* mbedtls on the target where the bundle is signed by ECDSA: P-256 and P-384 in RSA's place. */
#ifndef MBEDTLS_TARGET_ECDSA_CONFIG_H
#define MBEDTLS_TARGET_ECDSA_CONFIG_H

#include "mbedtls_target_config.h"

#undef MBEDTLS_RSA_C
#undef MBEDTLS_PKCS1_V15

#define MBEDTLS_ECP_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_WINDOW_SIZE	      2 /* small tables: one signature is verified a boot */
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0

#endif
