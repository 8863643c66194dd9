/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's access to memory where nothing is mapped: its instruction is read, once, and made in software (emul/ knows
 * how). The local APIC's page is the vCPU's own; else a device model of the core takes it, or the domain ends.
 *
 * Where the memory operand is has been said by the hardware; of the instruction only registers and sizes are used. MOVS alone
 * has two, which its registers say: each is memory or a device.
 */
#include <asm/arch.h>
#include <asm/guest_map.h>
#include <asm/hvm.h>
#include <asm/insn.h>
#include <asm/vlapic.h>
#include <hyp/arch/irq.h>
#include <hyp/arch/mm.h>
#include <hyp/arch/trap.h>
#include <hyp/arch/vcpu.h>
#include <hyp/domain.h>
#include <hyp/log.h>
#include <string.h>

static bool read_device(struct vcpu *v, uint64_t at, unsigned int bytes, uint64_t *value)
{
	if (at - GUEST_APIC_BASE < GUEST_APIC_SIZE &&
	    vlapic_mmio_read(&v->arch.vlapic, (uint32_t)(at - GUEST_APIC_BASE), bytes, value)) {
		return true;
	}
	if (at - GUEST_NO_ROM_BASE <= GUEST_NO_ROM_SIZE - bytes) {
		*value = UINT64_MAX >> (64 - 8 * bytes);
		return true;
	}
	return trap_mmio(v, gpa(at), bytes, false, value);
}

static bool write_device(struct vcpu *v, uint64_t at, unsigned int bytes, uint64_t value)
{
	if (at - GUEST_APIC_BASE < GUEST_APIC_SIZE &&
	    vlapic_mmio_write(&v->arch.vlapic, (uint32_t)(at - GUEST_APIC_BASE), bytes, value)) {
		return true;
	}
	return trap_mmio(v, gpa(at), bytes, true, &value);
}

size_t hvm_fetch(struct vcpu *v, const struct hvm_modes *m, uint8_t *code)
{
	uint64_t va = hvm->linear(v, INSN_CS, m->rip);
	size_t done = 0;

	while (done < INSN_MAX_BYTES) {
		size_t to_end = PAGE_SIZE - ((va + done) & (PAGE_SIZE - 1));
		size_t n = MIN((size_t)INSN_MAX_BYTES - done, to_end);
		unsigned long irq;
		paddr_t pa;

		if (arch_vcpu_translate(v, va + done, false, &pa) != 0) {
			break;
		}
		irq = arch_irq_save();
		memcpy(code + done,
		       (const char *)arch_window(paddr(ALIGN_DOWN(pa.v, PAGE_SIZE))) +
			       (pa.v & (PAGE_SIZE - 1)),
		       n);
		arch_window_close();
		arch_irq_restore(irq);
		done += n;
	}
	return done;
}

/* What is at @va for a guest: its own memory, else a device at *at. Return: false: nothing. */
static bool find_operand(struct vcpu *v, uint64_t va, bool is_write, bool *is_memory, uint64_t *at)
{
	struct hvm_modes m;
	paddr_t pa;

	hvm->modes(v, &m);
	*is_memory = arch_vcpu_translate(v, va, is_write, &pa) == 0;
	return *is_memory || guest_walk(v, &m, va, is_write, at) == 0;
}

/* A value in a guest's memory, which may lie across two pages. */
static bool copy(struct vcpu *v, uint64_t va, uint64_t *value, unsigned int bytes, bool is_write)
{
	uint8_t *byte = (uint8_t *)value;

	for (unsigned int i = 0; i < bytes; i++) {
		unsigned long irq;
		uint8_t *window;
		paddr_t pa;

		if (arch_vcpu_translate(v, va + i, is_write, &pa) != 0) {
			return false;
		}
		irq = arch_irq_save();
		window = (uint8_t *)arch_window(paddr(ALIGN_DOWN(pa.v, PAGE_SIZE))) +
			 (pa.v & (PAGE_SIZE - 1));
		if (is_write) {
			*window = byte[i];
		} else {
			byte[i] = *window;
		}
		arch_window_close();
		arch_irq_restore(irq);
	}
	return true;
}

static bool make_movs(struct vcpu *v, const struct insn *i)
{
	uint64_t from = hvm->linear(v, i->segment, insn_offset(i, v->arch.gpr, 0));
	uint64_t to = hvm->linear(v, INSN_ES, insn_string_dest(i, v->arch.gpr));
	uint64_t value = 0, at = 0;
	bool is_memory;

	if (!find_operand(v, from, false, &is_memory, &at) ||
	    (is_memory ? !copy(v, from, &value, i->bytes, false)
		       : !read_device(v, at, i->bytes, &value))) {
		return false;
	}
	if (!find_operand(v, to, true, &is_memory, &at)) {
		return false;
	}
	return is_memory ? copy(v, to, &value, i->bytes, true)
			 : write_device(v, at, i->bytes, value);
}

/* Memory and the other operand, and the result to where it belongs. */
static bool make_logic(struct vcpu *v, const struct insn *i, uint64_t at, uint64_t *rflags)
{
	uint64_t value = 0;

	if (!read_device(v, at, i->bytes, &value)) {
		return false;
	}
	value = insn_logic(i, v->arch.gpr, value, rflags);
	if (!i->to_reg) {
		return write_device(v, at, i->bytes, value);
	}
	insn_load(i, v->arch.gpr, value);
	return true;
}

static bool make(struct vcpu *v, const struct insn *i, uint64_t at, uint64_t *rflags)
{
	uint64_t *r = v->arch.gpr, value = 0;

	switch (i->op) {
	case INSN_STORE:
	case INSN_STOS:
		return write_device(v, at, i->bytes, insn_value(i, r));
	case INSN_OR:
	case INSN_AND:
		return make_logic(v, i, at, rflags);
	case INSN_LOAD:
	case INSN_XCHG:
		if (!read_device(v, at, i->bytes, &value) ||
		    (i->op == INSN_XCHG && !write_device(v, at, i->bytes, insn_value(i, r)))) {
			return false;
		}
		insn_load(i, r, value);
		return true;
	case INSN_MOVS:
		return make_movs(v, i);
	default:
		return false;
	}
}

static bool is_string(const struct insn *i)
{
	return i->op == INSN_STOS || i->op == INSN_MOVS;
}

static void give_up(struct vcpu *v, uint64_t at, const uint8_t *code, size_t size)
{
	char text[INSN_MAX_BYTES * 3 + 1] = "";
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		n += (size_t)hyp_snprintf(text + n, sizeof(text) - n, " %02x", code[i]);
	}
	domain_crash(v, "access to 0x%lx by%s, which nothing takes", at, text);
}

void hvm_mmio(struct vcpu *v, uint64_t at)
{
	uint8_t code[INSN_MAX_BYTES];
	struct hvm_modes m;
	struct insn i;
	size_t size;
	bool is_done;

	hvm->modes(v, &m);
	size = hvm_fetch(v, &m, code);
	if (!insn_decode(code, size, m.is_long ? INSN_64 : INSN_32, &i)) {
		give_up(v, at, code, size);
		return;
	}
	/* changed by somebody else since: it does nothing now */
	is_done = is_string(&i) && insn_string_is_idle(&i, v->arch.gpr);
	if (!is_done && !make(v, &i, at, &m.rflags)) {
		give_up(v, at, code, size);
		return;
	}
	if (is_done || !is_string(&i) || insn_string_step(&i, v->arch.gpr, m.rflags)) {
		hvm->step(v, m.rip + i.length, m.rflags);
	}
}
