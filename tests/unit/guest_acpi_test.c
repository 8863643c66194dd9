// SPDX-License-Identifier: Apache-2.0
/* A PVH guest's ACPI tables: read as a guest does, and by ACPICA's disassembler where there is one. */
#include <unit.h>

#include <asm/guest_acpi.h>
#include <hyp/errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT 0xfc000000ULL

static uint8_t block[GUEST_ACPI_BYTES];
static uint32_t ids[GUEST_ACPI_MAX_CPUS];

static uint64_t get(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	memcpy(&value, at, bytes);
	return value;
}

static uint8_t sum(const uint8_t *at, uint64_t bytes)
{
	uint8_t s = 0;

	while (bytes-- > 0) {
		s = (uint8_t)(s + *at++);
	}
	return s;
}

/* A table at a guest physical address, checked as each reader does. */
static const uint8_t *table(uint64_t at, const char *signature)
{
	const uint8_t *t = block + (at - AT);

	assert_in_range(at, AT, AT + GUEST_ACPI_BYTES - 36);
	assert_in_range(at + get(t + 4, 4), AT, AT + GUEST_ACPI_BYTES);
	assert_memory_equal(t, signature, 4);
	assert_int_equal(sum(t, get(t + 4, 4)), 0);
	assert_int_equal(at % 16, 0);
	return t;
}

static const uint8_t *xsdt(void)
{
	assert_memory_equal(block, "RSD PTR ", 8);
	assert_int_equal(sum(block, 20), 0);
	assert_int_equal(sum(block, 36), 0);
	assert_int_equal(block[15], 2);
	return table(get(block + 24, 8), "XSDT");
}

static const uint8_t *fadt(void)
{
	return table(get(xsdt() + 36, 8), "FACP");
}

static const uint8_t *madt(void)
{
	return table(get(xsdt() + 44, 8), "APIC");
}

static const uint8_t *dsdt(void)
{
	return table(get(fadt() + 140, 8), "DSDT");
}

static int write_for(unsigned int nr, uint32_t step, bool has_uart)
{
	struct guest_acpi g = { .at = AT, .nr_cpus = nr, .apic_id = ids, .has_uart = has_uart };

	for (unsigned int n = 0; n < GUEST_ACPI_MAX_CPUS; n++) {
		ids[n] = n * step;
	}
	return guest_acpi_write(&g, block);
}

static void reduced_hardware(void **state)
{
	(void)state;
	assert_int_equal(write_for(2, 1, false), 0);
	assert_int_equal(get(xsdt() + 4, 4), 36 + 2 * 8);
	assert_int_equal(get(fadt() + 4, 4), 268);
	assert_int_equal(fadt()[8], 5);
	assert_true((get(fadt() + 112, 4) & 1U << 20) != 0);
	assert_int_equal(get(fadt() + 40, 4), get(fadt() + 140, 8));
	/* no fixed hardware: not one address in all its blocks, but a byte each of sleep control and status */
	for (unsigned int at = 148; at < 244; at++) {
		assert_int_equal(fadt()[at], 0);
	}
	assert_int_equal(get(fadt() + 244, 4), 0x01000801);
	assert_int_equal(get(fadt() + 248, 8), GUEST_SLEEP_PORT);
	assert_int_equal(get(fadt() + 256, 4), 0x01000801);
	assert_int_equal(get(fadt() + 260, 8), GUEST_SLEEP_PORT + 1);
}

/* Walks the MADT's list. Return: the entries of @type. */
static unsigned int entries(uint8_t type, const uint8_t **last)
{
	const uint8_t *t = madt();
	uint64_t end = get(t + 4, 4), at;
	unsigned int nr = 0;

	for (at = 44; at < end; at += t[at + 1]) {
		assert_true(t[at + 1] >= 8 && at + t[at + 1] <= end);
		if (t[at] == type) {
			nr++;
			*last = t + at;
		}
	}
	assert_int_equal(at, end);
	return nr;
}

static void cpus(void **state)
{
	const uint8_t *last;

	(void)state;
	assert_int_equal(write_for(3, 2, false), 0);
	assert_int_equal(get(madt() + 36, 4), 0xfee00000);
	assert_int_equal(get(madt() + 40, 4), 0);
	assert_int_equal(entries(0, &last), 3);
	assert_int_equal(last[2], 2);
	assert_int_equal(last[3], 4);
	assert_int_equal(get(last + 4, 4), 1);
	assert_int_equal(entries(1, &last), 0);
}

static void many_cpus(void **state)
{
	const uint8_t *last;

	(void)state;
	assert_int_equal(write_for(GUEST_ACPI_MAX_CPUS, 5, true), 0);
	/* 0 ... 250 by fives; 255 and above are x2APIC's */
	assert_int_equal(entries(0, &last), 51);
	assert_int_equal(last[3], 250);
	assert_int_equal(entries(9, &last), 13);
	assert_int_equal(get(last + 4, 4), 315);
	assert_int_equal(get(last + 12, 4), 63);
	assert_int_equal(entries(1, &last), 1);
	assert_int_equal(last[2], 251);
}

static void ioapic(void **state)
{
	const uint8_t *last;

	(void)state;
	assert_int_equal(write_for(2, 1, true), 0);
	assert_int_equal(entries(1, &last), 1);
	assert_int_equal(last[2], 2);
	assert_int_equal(get(last + 4, 4), 0xfec00000);
	assert_int_equal(get(last + 8, 4), 0);
}

static void refused(void **state)
{
	struct guest_acpi g = { .at = AT, .nr_cpus = 1, .apic_id = ids };

	(void)state;
	assert_int_equal(write_for(0, 1, false), -EINVAL);
	assert_int_equal(write_for(GUEST_ACPI_MAX_CPUS + 1, 1, false), -EINVAL);
	g.at = AT + 16;
	assert_int_equal(guest_acpi_write(&g, block), -EINVAL);
	g.at = 0;
	assert_int_equal(guest_acpi_write(&g, block), -EINVAL);
	g.at = 1ULL << 32;
	assert_int_equal(guest_acpi_write(&g, block), -EINVAL);
	g.at = (1ULL << 32) - GUEST_ACPI_BYTES;
	assert_int_equal(guest_acpi_write(&g, block), 0);
}

#define S5_BYTES 12

/* Every package's length ends where its content does. */
static void dsdt_nests(void **state)
{
	const uint8_t *t;
	uint64_t scope, device;

	(void)state;
	assert_int_equal(write_for(1, 1, true), 0);
	t = dsdt();
	scope = (get(t + 37, 1) & 0xf) | get(t + 38, 1) << 4;
	assert_int_equal(t[36], 0x10);
	assert_int_equal(37 + scope + S5_BYTES, get(t + 4, 4));
	assert_memory_equal(t + 37 + scope, "\x08_S5_\x12\x06\x02\x0a\x05\x0a\x05", S5_BYTES);
	assert_int_equal(get(t + 44, 2), 0x825b);
	device = (get(t + 46, 1) & 0xf) | get(t + 47, 1) << 4;
	assert_int_equal(46 + device, 37 + scope);
	assert_int_equal(write_for(1, 1, false), 0);
	assert_int_equal(get(dsdt() + 4, 4), 36 + 8 + S5_BYTES);
}

static bool has(const uint8_t *t, const void *what, size_t bytes)
{
	for (uint64_t at = 36; at + bytes <= get(t + 4, 4); at++) {
		if (memcmp(t + at, what, bytes) == 0) {
			return true;
		}
	}
	return false;
}

/* Where its bytes are, in a device behind the UART's; nothing of it without. */
static void generation_is_named(void **state)
{
	static const uint8_t address[] = { 'A',	 'D',  'D',  'R',  0x12, 0x4d, 0x00, 0x02, 0x0c,
					   0xf0, 0x0f, 0x00, 0xfc, 0x0c, 0x00, 0x00, 0x00, 0x00 };
	struct guest_acpi g = { .at = AT, .nr_cpus = 1, .apic_id = ids, .has_uart = true };

	(void)state;
	assert_int_equal(write_for(1, 1, true), 0);
	assert_false(has(dsdt(), "VMGENCTR", 9));
	memset(block, 0xa5, sizeof(block));
	g.generation = AT + GUEST_GENERATION_AT;
	assert_int_equal(guest_acpi_write(&g, block), 0);
	assert_true(get(dsdt() + 4, 4) - 36 <= GUEST_DSDT_BYTES);
	assert_true(dsdt() + get(dsdt() + 4, 4) <= block + GUEST_GENERATION_AT);
	assert_true(has(dsdt(), "_HID\x0dVMGENCTR", 14));
	assert_true(has(dsdt(), "_CID\x0dVM_Gen_Counter", 20));
	assert_true(has(dsdt(), address, sizeof(address)));
}

static int write_with_pci(uint8_t bus)
{
	const struct guest_pci pci = {
		.config = 0xb0000000, .bus = bus, .memory = 0xd0000000, .memory_end = 0xd0005000
	};
	struct guest_acpi g = { .at = AT,
				.nr_cpus = 2,
				.apic_id = ids,
				.has_uart = true,
				.pci = &pci,
				.generation = AT + GUEST_GENERATION_AT };

	memset(block, 0, sizeof(block));
	return guest_acpi_write(&g, block);
}

static const uint8_t *mcfg(void)
{
	return table(get(xsdt() + 52, 8), "MCFG");
}

/* One bus, in MCFG and as a bridge; nothing of it without. */
static void pci_bus(void **state)
{
	static const uint8_t memory[] = { 0x87, 23,   0,    0, 0x0c, 1, 0, 0, 0, 0, 0,	  0, 0,
					  0xd0, 0xff, 0x4f, 0, 0xd0, 0, 0, 0, 0, 0, 0x50, 0, 0 };
	static const uint8_t fixed[] = { 0x86, 9, 0, 1, 0, 0, 0x30, 0xb0, 0, 0, 0x10, 0 };
	static const uint8_t numbers[] = { 0x88, 13, 0, 2, 0x0c, 0, 0, 0, 3, 0, 3, 0, 0, 0, 1, 0 };

	(void)state;
	assert_int_equal(write_for(1, 1, true), 0);
	assert_false(has(dsdt(), "PCI0", 4));
	assert_int_equal(write_with_pci(3), 0);
	assert_int_equal(get(xsdt() + 4, 4), 36 + 3 * 8);
	assert_int_equal(get(mcfg() + 4, 4), 60);
	assert_int_equal(get(mcfg() + 44, 8), 0xb0000000);
	assert_int_equal(get(mcfg() + 52, 2), 0);
	assert_int_equal(mcfg()[54], 3);
	assert_int_equal(mcfg()[55], 3);
	assert_true(get(dsdt() + 4, 4) - 36 <= GUEST_DSDT_BYTES);
	assert_true(mcfg() + 60 <= block + GUEST_GENERATION_AT);
	assert_true(has(dsdt(), memory, sizeof(memory)));
	assert_true(has(dsdt(), fixed, sizeof(fixed)));
	assert_true(has(dsdt(), numbers, sizeof(numbers)));
	assert_true(has(dsdt(), "VMGENCTR", 9));
}

static void save(const char *path, const uint8_t *t)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(t, 1, get(t + 4, 4), f), get(t + 4, 4));
	fclose(f);
}

/* What iasl makes of one table, in @text, without blanks. */
static void disassemble(const uint8_t *t, char *text, size_t room)
{
	char folder[] = "/tmp/acpi-XXXXXX", path[64], command[256];
	size_t n = 0;
	FILE *f;
	int c;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/t.aml", folder);
	save(path, t);
	snprintf(command, sizeof(command), "cd %s && iasl -d t.aml >log 2>&1 && cat log t.dsl",
		 folder);
	f = popen(command, "r");
	assert_non_null(f);
	while ((c = fgetc(f)) != EOF && n < room - 1) {
		if (c != ' ' && c != '\n') {
			text[n++] = (char)c;
		}
	}
	text[n] = '\0';
	assert_int_equal(pclose(f), 0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void holds(const char *text, const char *what)
{
	if (strstr(text, what) == NULL) {
		fail_msg("\"%s\" is not in what iasl says: %s", what, text);
	}
}

static void by_iasl(void **state)
{
	static char text[32768];

	(void)state;
	if (system("command -v iasl >/dev/null") != 0) {
		print_message("iasl is not installed: DSDT, FADT and MADT are not disassembled\n");
		skip();
	}
	assert_int_equal(write_for(2, 1, true), 0);
	disassemble(dsdt(), text, sizeof(text));
	holds(text, "Name(_HID,EisaId(\"PNP0501\")");
	holds(text, "Name(_UID,One)");
	holds(text,
	      "IO(Decode16,0x03F8,//RangeMinimum0x03F8,//RangeMaximum0x01,//Alignment0x08,//Length)");
	holds(text, "Interrupt(ResourceConsumer,Edge,ActiveHigh,Exclusive,,,){0x00000004,}");
	assert_int_equal(write_with_pci(0), 0);
	disassemble(dsdt(), text, sizeof(text));
	holds(text, "Name(_HID,EisaId(\"PNP0A08\")");
	holds(text,
	      "DWordMemory(ResourceProducer,PosDecode,MinFixed,MaxFixed,NonCacheable,ReadWrite,");
	holds(text, "Memory32Fixed(ReadWrite,0xB0000000,");
	assert_int_equal(write_for(2, 1, true), 0);
	disassemble(fadt(), text, sizeof(text));
	holds(text, "HardwareReduced(V5):1");
	holds(text, "VGANotPresent(V4):1");
	holds(text, "CMOSRTCNotPresent(V5):1");
	assert_null(strstr(text, "Invalid"));
	disassemble(madt(), text, sizeof(text));
	holds(text, "SubtableType:01[I/OAPIC]");
	holds(text, "ProcessorEnabled:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reduced_hardware),
		cmocka_unit_test(cpus),
		cmocka_unit_test(many_cpus),
		cmocka_unit_test(ioapic),
		cmocka_unit_test(refused),
		cmocka_unit_test(dsdt_nests),
		cmocka_unit_test(generation_is_named),
		cmocka_unit_test(pci_bus),
		cmocka_unit_test(by_iasl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
