/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an event whose delivery was cut short, and when one may be given. Calls nothing: a unit test runs it anywhere. */
#ifndef SVM_CUT_H
#define SVM_CUT_H

#include <asm/svm.h>
#include <hyp/types.h>

enum svm_cut {
	SVM_CUT_FORGET, /* there is none, or its instruction makes it again */
	SVM_CUT_AGAIN,	/* inject it as it is */
	SVM_CUT_BACK,	/* an interrupt: it waits again */
	SVM_CUT_BACK_NMI,
};

/** svm_cut() - @event: EXITINTINFO; @has_other: the exit was for an exception that is to be injected now. */
enum svm_cut svm_cut(uint64_t event, bool has_other);

enum svm_window {
	SVM_WINDOW_OPEN,
	SVM_WINDOW_CLOSED, /* the hardware says when it opens */
	SVM_WINDOW_STEP,   /* behind the instruction that is stepped over */
};

#define SVM_FLAG_IF BIT(9) /* of RFLAGS */

/**
 * svm_window() - may an interrupt be given? @step_at: of the instruction in a shadow that is stepped over; NULL: none is.
 * An exit before that instruction was made may have lost its shadow; the guest's own exception in it ends it.
 */
static inline enum svm_window svm_window(const struct vmcb *c, const uint64_t *step_at)
{
	if ((c->event_inj & SVM_EVENT_VALID) != 0 || (c->rflags & SVM_FLAG_IF) == 0) {
		return SVM_WINDOW_CLOSED;
	}
	if (step_at != NULL && c->rip == *step_at) {
		return SVM_WINDOW_STEP;
	}
	return (c->interrupt_shadow & 1) != 0 ? SVM_WINDOW_CLOSED : SVM_WINDOW_OPEN;
}

#endif
