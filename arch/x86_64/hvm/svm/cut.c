/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SVM: an event whose delivery an exit cut short. What an instruction made (INT n, INT3, INTO) it makes again, for RIP is at
 * it, and so is a fault's; an interrupt is given again, or goes back to where it waited if something else comes first.
 * Spec: AMD APM vol. 2 sections 15.7.2 (EXITINTINFO) and 15.20 (event injection).
 */
#include "cut.h"

#include <asm/svm.h>

#define VECTOR_MASK 0xffUL
#define VECTOR_BP   3U
#define VECTOR_OF   4U

enum svm_cut svm_cut(uint64_t event, bool has_other)
{
	uint64_t type = event & SVM_EVENT_TYPE, vector = event & VECTOR_MASK;

	if ((event & SVM_EVENT_VALID) == 0 || type == SVM_EVENT_SOFT) {
		return SVM_CUT_FORGET;
	}
	if (type == SVM_EVENT_EXCP && (vector == VECTOR_BP || vector == VECTOR_OF)) {
		return SVM_CUT_FORGET;
	}
	if (!has_other) {
		return SVM_CUT_AGAIN;
	}
	return type == SVM_EVENT_EXCP  ? SVM_CUT_FORGET
	       : type == SVM_EVENT_NMI ? SVM_CUT_BACK_NMI
				       : SVM_CUT_BACK;
}
