// SPDX-License-Identifier: Apache-2.0
/*
 * The loader of PVH kernels on any file, and the start info of any guest.
 *
 * The input: 32 bytes that say where memory is and what the start info has, then the file. The oracle: what is accepted
 * lies in the file and below 4 GiB, nothing overlaps, the entry is in a segment; a placed kernel is in RAM, at the
 * alignment and in the range that it asked for; all that the start info points to is in its block.
 */
#include <asm/pvh.h>
#include <hyp/errno.h>
#include <stdlib.h>
#include <string.h>
#include <xen/arch-x86/hvm/start_info.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORDS 8U
#define END   (4 * GIB)

static void must(bool condition)
{
	if (!condition) {
		abort();
	}
}

static void check_segments(const struct pvh_kernel *k, size_t size)
{
	bool has_entry = false;

	must(k->nr_segments > 0 && k->nr_segments <= PVH_MAX_SEGMENTS);
	for (unsigned int i = 0; i < k->nr_segments; i++) {
		const struct pvh_segment *s = &k->segments[i];

		must(s->bytes <= s->room && s->room > 0 && s->offset <= size &&
		     s->bytes <= size - s->offset);
		must(s->at >= k->start && s->at < END && s->at + s->room <= k->end &&
		     k->end <= END);
		has_entry |= k->entry >= s->at && k->entry < s->at + s->room;
		for (unsigned int j = 0; j < i; j++) {
			must(s->at + s->room <= k->segments[j].at ||
			     k->segments[j].at + k->segments[j].room <= s->at);
		}
	}
	must(has_entry);
}

static bool holds(const struct pvh_range *r, uint64_t from, uint64_t to)
{
	return from >= r->base && to - r->base <= r->bytes;
}

static void check_place(const struct pvh_kernel *k, const struct pvh_range *ram)
{
	uint64_t by, start, end;

	if (pvh_place(k, ram, 2, &by) != 0) {
		must(!holds(&ram[0], k->start, k->end) && !holds(&ram[1], k->start, k->end));
		return;
	}
	start = k->start + by;
	end = k->end + by;
	must(holds(&ram[0], start, end) || holds(&ram[1], start, end));
	if (by != 0) {
		must(k->is_relocatable && start % k->align == 0 && start >= k->min &&
		     end - 1 <= k->max && start != 0);
	}
}

static void check_inside(const struct pvh_start *s, uint64_t bytes, uint64_t at, uint64_t len)
{
	must(at >= s->at && at - s->at <= bytes && len <= bytes - (at - s->at));
}

static void check_start(const uint32_t *w)
{
	static char text[600];
	struct pvh_start s = { .at = (uint64_t)w[4] << 12 & 0x1ffffffff, .rsdp = w[5] };
	struct hvm_start_info info;
	uint64_t bytes;
	void *block;

	memset(text, 'x', sizeof(text) - 1);
	s.cmdline = text + w[6] % sizeof(text);
	s.nr_modules = (w[6] >> 16) % (PVH_MAX_MODULES + 1);
	s.nr_memory = (w[6] >> 24) % (PVH_MAX_MEMORY + 1);
	for (unsigned int i = 0; i < s.nr_modules; i++) {
		s.modules[i] =
			(struct pvh_module){ w[i], w[i + 1], text + (w[7] >> i) % sizeof(text) };
	}
	bytes = pvh_start_bytes(&s);
	block = malloc(bytes);
	if (pvh_start_write(&s, block, bytes) == 0) {
		memcpy(&info, block, sizeof(info));
		check_inside(&s, bytes, info.cmdline_paddr, strlen(s.cmdline) + 1);
		must(info.nr_modules == s.nr_modules && info.memmap_entries == s.nr_memory);
		if (s.nr_modules > 0) {
			check_inside(&s, bytes, info.modlist_paddr,
				     s.nr_modules * sizeof(struct hvm_modlist_entry));
		}
		must(s.at + bytes <= END);
	}
	free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t w[WORDS];
	struct pvh_kernel k;
	const char *why = NULL;
	int rc;

	if (size < sizeof(w)) {
		return 0;
	}
	memcpy(w, data, sizeof(w));
	data += sizeof(w);
	size -= sizeof(w);
	check_start(w);
	rc = pvh_read(data, size, &k, &why);
	must(rc == 0 || (rc == -ENOEXEC && why != NULL && why[0] != '\0'));
	if (rc == 0) {
		struct pvh_range ram[2] = { { w[0], (uint64_t)w[1] << (w[7] & 7) },
					    { (uint64_t)w[2] << (w[7] >> 3 & 7), w[3] } };

		check_segments(&k, size);
		check_place(&k, ram);
	}
	return 0;
}
