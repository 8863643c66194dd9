// SPDX-License-Identifier: Apache-2.0
/* What becomes of an event whose delivery an exit cut short: arch/x86_64/hvm/svm/cut.c. */
#include "unit.h"

#include "../../arch/x86_64/hvm/svm/cut.h"

#include <asm/svm.h>

#define VECTOR	      0x40U
#define RIP	      0x100250UL
#define INTERRUPTS_ON BIT(9)

static void an_interrupt_is_not_lost(void **state)
{
	uint64_t event = SVM_EVENT_VALID | SVM_EVENT_INTR | VECTOR;

	(void)state;
	assert_int_equal(svm_cut(event, false), SVM_CUT_AGAIN);
	assert_int_equal(svm_cut(event, true), SVM_CUT_BACK);
}

static void an_nmi_is_not_lost(void **state)
{
	uint64_t event = SVM_EVENT_VALID | SVM_EVENT_NMI | 2;

	(void)state;
	assert_int_equal(svm_cut(event, false), SVM_CUT_AGAIN);
	assert_int_equal(svm_cut(event, true), SVM_CUT_BACK_NMI);
}

/* A fault's instruction comes again where another exception is to be taken first. */
static void a_fault_is_given_again_or_made_again(void **state)
{
	uint64_t event = SVM_EVENT_VALID | SVM_EVENT_EXCP | SVM_EVENT_ERROR | 13;

	(void)state;
	assert_int_equal(svm_cut(event, false), SVM_CUT_AGAIN);
	assert_int_equal(svm_cut(event, true), SVM_CUT_FORGET);
}

static void what_an_instruction_makes_it_makes_again(void **state)
{
	static const uint64_t events[] = {
		SVM_EVENT_VALID | SVM_EVENT_SOFT | 0x80, SVM_EVENT_VALID | SVM_EVENT_EXCP | 3,
		SVM_EVENT_VALID | SVM_EVENT_EXCP | 4, SVM_EVENT_INTR | VECTOR, /* not valid */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		assert_int_equal(svm_cut(events[i], false), SVM_CUT_FORGET);
		assert_int_equal(svm_cut(events[i], true), SVM_CUT_FORGET);
	}
}

static struct vmcb *guest(uint64_t rip, bool is_shadowed)
{
	static struct vmcb c;

	c = (struct vmcb){ .rip = rip, .rflags = INTERRUPTS_ON, .interrupt_shadow = is_shadowed };
	return &c;
}

static void an_interrupt_waits_until_its_guest_takes_it(void **state)
{
	struct vmcb *c = guest(RIP, false);

	(void)state;
	assert_int_equal(svm_window(c, NULL), SVM_WINDOW_OPEN);
	c->rflags = 0;
	assert_int_equal(svm_window(c, NULL), SVM_WINDOW_CLOSED);
	assert_int_equal(svm_window(guest(RIP, true), NULL), SVM_WINDOW_CLOSED);
	c = guest(RIP, false);
	c->event_inj = SVM_EVENT_VALID | SVM_EVENT_EXCP | 13;
	assert_int_equal(svm_window(c, NULL), SVM_WINDOW_CLOSED);
}

/* An exit before the HLT behind STI is made, and an entry that has lost the shadow. */
static void nothing_comes_between_sti_and_hlt(void **state)
{
	uint64_t step_at = RIP;

	(void)state;
	assert_int_equal(svm_window(guest(RIP, true), &step_at), SVM_WINDOW_STEP);
	assert_int_equal(svm_window(guest(RIP, false), &step_at), SVM_WINDOW_STEP);
	/* it faulted, and its handler takes interrupts */
	assert_int_equal(svm_window(guest(RIP + 0x1000, false), &step_at), SVM_WINDOW_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interrupt_is_not_lost),
		cmocka_unit_test(an_nmi_is_not_lost),
		cmocka_unit_test(a_fault_is_given_again_or_made_again),
		cmocka_unit_test(what_an_instruction_makes_it_makes_again),
		cmocka_unit_test(an_interrupt_waits_until_its_guest_takes_it),
		cmocka_unit_test(nothing_comes_between_sti_and_hlt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
