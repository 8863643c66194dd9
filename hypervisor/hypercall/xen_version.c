/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xen_version: who we are and what a guest may count on. Read only.
 *
 * The version is that of the ABI we speak (the public headers'); the texts say whose implementation it is.
 * Spec: Xen public version.h, features.h.
 */
#include "hypercall.h"

#include <string.h>

#define ABI_MAJOR 4U
#define ABI_MINOR 20U

/* Features are promises; runstate areas may be given by guest-physical address too. */
#define FEATURES                                                                    \
	(BIT(XENFEAT_writable_page_tables) | BIT(XENFEAT_auto_translated_physmap) | \
	 BIT(XENFEAT_runstate_phys_area) | XEN_ARCH_FEATURES)

/* Write a text into a fixed array of @size bytes at @to, padded with zeroes. */
static int64_t give_text(struct vcpu *v, uint64_t to, const char *text, size_t size)
{
	char buf[64] = { 0 };

	memcpy(buf, text, MIN(strlen(text), MIN(size, sizeof(buf)) - 1));
	return guest_write(v, to, buf, MIN(size, sizeof(buf)));
}

static int64_t give_compile_info(struct vcpu *v, uint64_t to)
{
	struct xen_compile_info info = { .compiler = __VERSION__, .compile_by = "ashlar" };

	return guest_write(v, to, &info, sizeof(info));
}

static int64_t give_features(struct vcpu *v, uint64_t at)
{
	struct xen_feature_info info;

	if (guest_read(v, &info, at, sizeof(info)) != 0) {
		return -EFAULT;
	}
	if (info.submap_idx >= XENFEAT_NR_SUBMAPS) {
		return -EINVAL;
	}
	info.submap = (uint32_t)(FEATURES |
				 (v->domain->plan->direct_map ? BIT(XENFEAT_direct_mapped)
							      : BIT(XENFEAT_not_direct_mapped)));
	return guest_write(v, at, &info, sizeof(info));
}

int64_t do_xen_version(struct vcpu *v, const uint64_t args[5])
{
	static const struct xen_platform_parameters platform;
	static const xen_domain_handle_t no_handle;

	switch (args[0]) {
	case XENVER_version:
		return ABI_MAJOR << 16 | ABI_MINOR;
	case XENVER_extraversion:
		return give_text(v, args[1], "-ashlar", XEN_EXTRAVERSION_LEN);
	case XENVER_compile_info:
		return give_compile_info(v, args[1]);
	case XENVER_capabilities:
		return give_text(v, args[1], XEN_ARCH_CAPABILITIES, XEN_CAPABILITIES_INFO_LEN);
	case XENVER_changeset:
		return give_text(v, args[1], "unavailable", XEN_CHANGESET_INFO_LEN);
	case XENVER_platform_parameters:
		return guest_write(v, args[1], &platform, sizeof(platform));
	case XENVER_get_features:
		return give_features(v, args[1]);
	case XENVER_pagesize:
		return (int64_t)PAGE_SIZE;
	case XENVER_guest_handle:
		return guest_write(v, args[1], &no_handle, sizeof(no_handle));
	case XENVER_commandline:
		return give_text(v, args[1], "", sizeof(xen_commandline_t));
	case XENVER_build_id:
		return -ENODATA;
	default:
		return -ENOSYS;
	}
}
