/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an event whose delivery was cut short. Calls nothing: a unit test runs it anywhere. */
#ifndef SVM_CUT_H
#define SVM_CUT_H

#include <hyp/types.h>

enum svm_cut {
	SVM_CUT_FORGET, /* there is none, or its instruction makes it again */
	SVM_CUT_AGAIN,	/* inject it as it is */
	SVM_CUT_BACK,	/* an interrupt: it waits again */
	SVM_CUT_BACK_NMI,
};

/** svm_cut() - @event: EXITINTINFO; @has_other: the exit was for an exception that is to be injected now. */
enum svm_cut svm_cut(uint64_t event, bool has_other);

#endif
