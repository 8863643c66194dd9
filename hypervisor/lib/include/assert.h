/* SPDX-License-Identifier: Apache-2.0 */
/* mbedtls includes <assert.h> for static_assert alone. */
#ifndef HYP_LIB_ASSERT_H
#define HYP_LIB_ASSERT_H

#define static_assert _Static_assert

#endif
