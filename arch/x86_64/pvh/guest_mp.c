// SPDX-License-Identifier: Apache-2.0
/* A guest's MultiProcessor table: guest_mp.h. */
#include <asm/guest_map.h>
#include <asm/guest_mp.h>

#include <string.h>

#define ASKS "acpi=off"

#define CPU_ENABLED  1U
#define CPU_IS_BOOT  2U
#define CPU_FEATURES 0x201U /* FPU, APIC */
#define APIC_VERSION 0x14U
#define SPEC_1_4     4U

struct mp_pointer {
	char signature[4];
	uint32_t table;
	uint8_t length; /* of this, in 16 bytes */
	uint8_t spec;
	uint8_t checksum;
	uint8_t features[5];
};

struct mp_table {
	char signature[4];
	uint16_t length;
	uint8_t spec;
	uint8_t checksum;
	char vendor[8];
	char product[12];
	uint32_t vendor_table;
	uint16_t vendor_bytes;
	uint16_t nr_entries;
	uint32_t local_apics;
	uint32_t reserved;
};

struct mp_cpu {
	uint8_t type; /* 0 */
	uint8_t apic_id;
	uint8_t apic_version;
	uint8_t flags;
	uint32_t signature;
	uint32_t features;
	uint32_t reserved[2];
};

_Static_assert(sizeof(struct mp_pointer) == 16 && sizeof(struct mp_table) == 44 &&
		       sizeof(struct mp_cpu) == 20 &&
		       16 + 44 + GUEST_MP_MAX_CPUS * 20 <= GUEST_MP_BYTES,
	       "the specification's layouts, and room for them");

bool guest_mp_is_asked(const char *cmdline)
{
	const size_t len = sizeof(ASKS) - 1;
	const char *at = cmdline;

	while (at != NULL && (at = strstr(at, ASKS)) != NULL) {
		if ((at == cmdline || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' ')) {
			return true;
		}
		at += len;
	}
	return false;
}

/* What makes the sum of all bytes 0. */
static uint8_t missing(const uint8_t *bytes, size_t n)
{
	uint8_t sum = 0;

	while (n-- > 0) {
		sum = (uint8_t)(sum - *bytes++);
	}
	return sum;
}

size_t guest_mp_write(unsigned int nr_cpus, uint8_t *buf)
{
	uint8_t *table = buf + sizeof(struct mp_pointer);
	uint8_t *cpus = table + sizeof(struct mp_table);
	size_t length = sizeof(struct mp_table) + (size_t)nr_cpus * sizeof(struct mp_cpu);
	struct mp_pointer p = { .signature = { '_', 'M', 'P', '_' },
				.table = GUEST_MP_AT + sizeof(p),
				.length = 1,
				.spec = SPEC_1_4 };
	struct mp_table t = { .signature = { 'P', 'C', 'M', 'P' },
			      .length = (uint16_t)length,
			      .spec = SPEC_1_4,
			      .vendor = { 'A', 'S', 'H', 'L', 'A', 'R', ' ', ' ' },
			      .product = { 'P', 'V', 'H', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ',
					   ' ' },
			      .nr_entries = (uint16_t)nr_cpus,
			      .local_apics = (uint32_t)GUEST_APIC_BASE };

	if (nr_cpus > GUEST_MP_MAX_CPUS) {
		return 0;
	}
	for (unsigned int i = 0; i < nr_cpus; i++) {
		const struct mp_cpu cpu = { .apic_id = (uint8_t)i,
					    .apic_version = APIC_VERSION,
					    .flags = (uint8_t)(i == 0 ? CPU_ENABLED | CPU_IS_BOOT
								      : CPU_ENABLED),
					    .features = CPU_FEATURES };

		memcpy(cpus + (size_t)i * sizeof(cpu), &cpu, sizeof(cpu));
	}
	memcpy(table, &t, sizeof(t));
	table[offsetof(struct mp_table, checksum)] = missing(table, length);
	p.checksum = missing((const uint8_t *)&p, sizeof(p));
	memcpy(buf, &p, sizeof(p));
	return sizeof(p) + length;
}
