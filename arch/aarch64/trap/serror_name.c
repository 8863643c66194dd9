/* SPDX-License-Identifier: Apache-2.0 */
/* The syndrome of an SError in words. Spec: Arm ARM D19.2.37, ISS encoding for an SError. */
#include <asm/serror.h>

#define ISS_IDS	      BIT(24) /* implementation-defined syndrome */
#define ISS_AET(esr)  (((esr) >> 10) & 7)
#define ISS_DFSC(esr) ((esr)&0x3f)
#define DFSC_SERROR   0x11 /* AET holds */
#define AET_CORRECTED 6

static bool has_severity(uint64_t esr)
{
	return (esr & ISS_IDS) == 0 && ISS_DFSC(esr) == DFSC_SERROR;
}

bool serror_is_corrected(uint64_t esr)
{
	return has_severity(esr) && ISS_AET(esr) == AET_CORRECTED;
}

const char *serror_name(uint64_t esr)
{
	static const char *const severities[8] = {
		[0] = "uncontained",
		[1] = "contained, but its state is lost",
		[2] = "contained, restartable",
		[3] = "contained, recoverable",
		[AET_CORRECTED] = "corrected",
	};
	const char *name = severities[ISS_AET(esr)];

	if ((esr & ISS_IDS) != 0) {
		return "syndrome of this CPU's own";
	}
	if (!has_severity(esr)) {
		return "no syndrome";
	}
	return name != NULL ? name : "severity not known";
}
