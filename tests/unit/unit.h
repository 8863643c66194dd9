/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes: cmocka, and the headers it wants to see first. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* after the ones above */
#include <cmocka.h>

#endif
