/* SPDX-License-Identifier: Apache-2.0 */
/* What watchdog/tco.c uses of the architecture's header of this name: a chipset that is played (tests/unit/tco_test.c). */
#ifndef ASM_REGS_H
#define ASM_REGS_H

#include <hyp/types.h>

uint16_t in16(uint16_t port);
uint32_t in32(uint16_t port);
void out16(uint16_t port, uint16_t v);
void out32(uint16_t port, uint32_t v);
uint32_t config_in32(uint16_t function, uint8_t at);

#endif
