// SPDX-License-Identifier: Apache-2.0
/*
 * Plugin of QEMU's TCG: counts executed instructions, the hypervisor's apart, one CPU; of several, which one thread must
 * run, the total alone.
 *
 *   out=FILE          where lines go
 *   low=A,high=B      virtual addresses of the hypervisor
 *   mark=A            when the instruction at A is executed: a line "mark total=N hyp=N"
 *   from=A, to=A      a line "from ..." or "to ..." when the instruction at A is executed; nothing is counted before the first
 *   breath=A          at A the hypervisor takes interrupts; may be given several times
 *   profile=FILE      at the end: address and count of each of the hypervisor's instructions that ran
 *
 * All that runs before the first instruction in [A, B) is the hypervisor's too: it runs at its load address until its
 * MMU is on; what a firmware ran before it is left out where "from" says where it is entered. "kernel" counts the guests'
 * at addresses of the upper half, where Linux has its kernel. A line "stretch ... stretch=N" says that the longest run so
 * far of the hypervisor's instructions, with no guest's and no breath between them, was N, once a guest has run; "end" has
 * the last of it. Only what a translation is known by is asked of the
 * emulator, so that this works with each version of its interface; it has no header of the emulator's, for Debian ships
 * none.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED     __attribute__((visibility("default")))
#define MAX_BREATHS  4
#define NO_REGISTERS 0 /* enum qemu_plugin_cb_flags */
#define UPPER_HALF   (UINT64_C(1) << 63)

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*exec_fn)(unsigned int cpu, void *of);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*fn)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_fn fn, int flags,
					    void *of);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*fn)(uint64_t id, void *of), void *of);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t n);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

EXPORTED int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

#ifndef INTERFACE_VERSION
#define INTERFACE_VERSION 1
#endif
EXPORTED extern int qemu_plugin_version;
int qemu_plugin_version = INTERFACE_VERSION;

/* An instruction of the hypervisor; the same address may have several, one a translation. */
struct counted {
	struct counted *next;
	uint64_t at, n;
};

static FILE *out;
static const char *profile;
static uint64_t low, high = UINT64_MAX, mark, from, to, breaths[MAX_BREATHS];
static unsigned int nr_breaths;
static uint64_t total, hyp, kernel, run, stretch;
static int has_mmu, has_guest;
static struct counted *all;

static void say(const char *what)
{
	fprintf(out,
		"%s total=%" PRIu64 " hyp=%" PRIu64 " stretch=%" PRIu64 " kernel=%" PRIu64 "\n",
		what, total, hyp, stretch, kernel);
	fflush(out);
}

static void on_hyp(unsigned int cpu, void *of)
{
	struct counted *c = of;

	(void)cpu;
	has_mmu = 1;
	total++;
	hyp++;
	run++;
	c->n++;
}

static void end_run(void)
{
	if (run > stretch && has_guest) {
		stretch = run;
		say("stretch");
	}
	run = 0;
}

static void on_breath(unsigned int cpu, void *of)
{
	on_hyp(cpu, of);
	end_run();
}

static void on_other(unsigned int cpu, void *of)
{
	(void)cpu;
	(void)of;
	total++;
	hyp += !has_mmu;
	end_run();
	has_guest |= has_mmu;
}

static void on_kernel(unsigned int cpu, void *of)
{
	on_other(cpu, of);
	kernel++;
}

static void on_mark(unsigned int cpu, void *of)
{
	on_other(cpu, of);
	say("mark");
}

static void on_from(unsigned int cpu, void *of)
{
	on_other(cpu, of);
	say("from");
}

static void on_to(unsigned int cpu, void *of)
{
	on_hyp(cpu, of);
	say("to");
}

static int is_breath(uint64_t at)
{
	for (unsigned int i = 0; i < nr_breaths; i++) {
		if (breaths[i] == at) {
			return 1;
		}
	}
	return 0;
}

static struct counted *count_at(uint64_t at)
{
	struct counted *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		abort();
	}
	c->at = at;
	c->next = all;
	all = c;
	return c;
}

static exec_fn hyp_fn(uint64_t at)
{
	if (at == to) {
		return on_to;
	}
	return is_breath(at) ? on_breath : on_hyp;
}

/* @at is a guest's, or of what runs before the hypervisor's MMU is on. */
static exec_fn guest_fn(uint64_t at)
{
	if (at == mark) {
		return on_mark;
	}
	if (at == from) {
		return on_from;
	}
	return at >= UPPER_HALF ? on_kernel : on_other;
}

/* Return: whether the hypervisor has been entered, or is about to be. */
static int is_counting(const struct qemu_plugin_tb *tb)
{
	static int counting;

	counting |= from == 0;
	for (size_t i = 0; !counting && i < qemu_plugin_tb_n_insns(tb); i++) {
		counting = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, i)) == from;
	}
	return counting;
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	if (!is_counting(tb)) {
		return;
	}
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t at = qemu_plugin_insn_vaddr(insn);

		if (at >= low && at < high) {
			qemu_plugin_register_vcpu_insn_exec_cb(insn, hyp_fn(at), NO_REGISTERS,
							       count_at(at));
		} else {
			qemu_plugin_register_vcpu_insn_exec_cb(insn, guest_fn(at), NO_REGISTERS,
							       NULL);
		}
	}
}

static void at_end(uint64_t id, void *of)
{
	FILE *to = profile != NULL ? fopen(profile, "w") : NULL;

	(void)id;
	(void)of;
	say("end");
	for (struct counted *c = all; to != NULL && c != NULL; c = c->next) {
		if (c->n != 0) {
			fprintf(to, "%" PRIx64 " %" PRIu64 "\n", c->at, c->n);
		}
	}
	if (to != NULL) {
		fclose(to);
	}
}

/* Return: what follows @key in @arg; NULL: it is another's. */
static const char *value_of(const char *arg, const char *key)
{
	size_t len = strlen(key);

	return strncmp(arg, key, len) == 0 ? arg + len : NULL;
}

static int take(const char *arg)
{
	const char *v;

	if ((v = value_of(arg, "out=")) != NULL) {
		out = fopen(v, "w");
		return out != NULL;
	}
	if ((v = value_of(arg, "profile=")) != NULL) {
		profile = strdup(v);
		return profile != NULL;
	}
	if ((v = value_of(arg, "low=")) != NULL) {
		low = strtoull(v, NULL, 0);
	} else if ((v = value_of(arg, "high=")) != NULL) {
		high = strtoull(v, NULL, 0);
	} else if ((v = value_of(arg, "mark=")) != NULL) {
		mark = strtoull(v, NULL, 0);
	} else if ((v = value_of(arg, "from=")) != NULL) {
		from = strtoull(v, NULL, 0);
	} else if ((v = value_of(arg, "to=")) != NULL) {
		to = strtoull(v, NULL, 0);
	} else if ((v = value_of(arg, "breath=")) != NULL && nr_breaths < MAX_BREATHS) {
		breaths[nr_breaths++] = strtoull(v, NULL, 0);
	} else {
		return 0;
	}
	return 1;
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	out = stderr;
	for (int i = 0; i < argc; i++) {
		if (!take(argv[i])) {
			fprintf(stderr, "icount: %s: not understood\n", argv[i]);
			return -1;
		}
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, at_end, NULL);
	return 0;
}
