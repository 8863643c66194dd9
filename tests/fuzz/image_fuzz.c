// SPDX-License-Identifier: Apache-2.0
/*
 * What the host tool reads of a kernel's file: the header of an arm64 Image and its PE header, and the gzip member of the
 * configuration that it may carry, which the whole input is once more. Both answers stay within what was asked.
 */
#include <stdlib.h>
#include <string.h>

#include "../../scripts/ashlar/ashlar.h"

#define MOST 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static void check_gzip(const uint8_t *data, size_t size)
{
	struct file whole = { NULL, 0 }, again = { NULL, 0 };

	if (!gunzip(data, size, MOST, &whole)) {
		must(whole.data == NULL);
		return;
	}
	must(whole.size <= MOST && whole.data[whole.size] == 0);
	/* With less room it is refused, with just enough it is the same. */
	must(whole.size == 0 || !gunzip(data, size, whole.size - 1, &again));
	must(gunzip(data, size, whole.size, &again));
	must(again.size == whole.size && memcmp(again.data, whole.data, whole.size) == 0);
	file_free(&whole);
	file_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t room = kernel_image_size(data, size), bytes = kernel_image_bytes(data, size), base;

	must(room == hypervisor_image(data, size, &base) && base == 0);
	must(kernel_image_why_not(data, size) != NULL);
	must(bytes < UINT64_C(1) << 33);
	check_gzip(data, size);
	return 0;
}
