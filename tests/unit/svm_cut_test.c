// SPDX-License-Identifier: Apache-2.0
/* What becomes of an event whose delivery an exit cut short: arch/x86_64/hvm/svm/cut.c. */
#include "unit.h"

#include "../../arch/x86_64/hvm/svm/cut.h"

#include <asm/svm.h>

#define VECTOR 0x40U

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interrupt_is_not_lost),
		cmocka_unit_test(an_nmi_is_not_lost),
		cmocka_unit_test(a_fault_is_given_again_or_made_again),
		cmocka_unit_test(what_an_instruction_makes_it_makes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
