// SPDX-License-Identifier: Apache-2.0
/*
 * Disks and networks of an xl.cfg.
 * Spec: Xen docs/man/xl-disk-configuration.5.pod, docs/man/xl-network-configuration.5.pod.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../../../hypervisor/domain/plan_reader.h"
#include "xl.h"

#define BY_LABEL "/dev/disk/by-partlabel/"
#define BY_UUID	 "/dev/disk/by-partuuid/"

void xl_backend(struct import_domain *d, struct import_node *n, const char *name)
{
	char *ours;

	if (name == NULL || strcmp(name, "0") == 0 || strcasecmp(name, "domain-0") == 0 ||
	    strcasecmp(name, "dom0") == 0) {
		import_depends(d, "io");
		return;
	}
	ours = import_name(name);
	import_node_line(n, "ashlar,backend = \"%s\";", ours);
	import_depends(d, ours);
	free(ours);
}

/* The next part, up to a comma. Return: false: there is none. */
static bool next_field(const char **at, struct xl_field *f)
{
	const char *s = *at;
	size_t n, key;

	if (*s == '\0') {
		return false;
	}
	s += strspn(s, " \t");
	n = strcspn(s, ",");
	key = strcspn(s, "=,");
	f->value = key < n ? xl_word(s + key + 1, n - key - 1) : NULL;
	f->key = xl_word(s, key < n ? key : n);
	*at = s + n + (s[n] == ',');
	return true;
}

static void free_field(struct xl_field *f)
{
	free(f->key);
	free(f->value);
}

/* ---- disks ---- */

enum disk_part {
	TARGET,
	FORMAT,
	VDEV,
	ACCESS, /* up to here by place, too */
	BACKEND,
	DEVTYPE,
	BACKENDTYPE,
	SCRIPT,
	DISK_PARTS
};

static const char *const disk_keys[DISK_PARTS] = { "target",  "format",	 "vdev",	"access",
						   "backend", "devtype", "backendtype", "script" };

/* Words that only say how dom0 is to do it. */
static bool is_how(const char *s)
{
	static const char *const words[] = { "direct-io-safe", "discard", "no-discard" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(s, words[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool take_disk_field(struct xl_field *f, char *parts[DISK_PARTS], unsigned int *place)
{
	unsigned int i;

	if (f->value == NULL) {
		if (is_how(f->key)) {
			return true;
		}
		if (strcmp(f->key, "cdrom") == 0) {
			parts[DEVTYPE] = xstrdup("cdrom");
			return true;
		}
		while (*place <= ACCESS && parts[*place] != NULL) {
			(*place)++;
		}
		if (*place <= ACCESS) {
			parts[(*place)++] = xstrdup(f->key);
			return true;
		}
		return false;
	}
	for (i = 0; i < DISK_PARTS; i++) {
		if (strcmp(f->key, disk_keys[i]) == 0 &&
		    (parts[i] == NULL || parts[i][0] == '\0')) {
			free(parts[i]);
			parts[i] = xstrdup(f->value);
			return true;
		}
	}
	return false;
}

/* Return: false, reported: it is no disk of xl's. */
static bool split_disk(struct import *im, const struct xl_item *item, char *parts[DISK_PARTS])
{
	const char *at = item->text;
	unsigned int place = TARGET;
	struct xl_field f;
	bool is_good = true;

	while (is_good && *(at += strspn(at, " \t")) != '\0') {
		/* By name the target is all that is left, commas too. */
		if (strncmp(at, "target=", 7) == 0) {
			free(parts[TARGET]);
			parts[TARGET] = xstrdup(at + 7);
			return true;
		}
		if (!next_field(&at, &f)) {
			return true;
		}
		is_good = take_disk_field(&f, parts, &place);
		if (!is_good) {
			import_error(im, item->line, "disk: \"%s%s%s\" is no part of a disk", f.key,
				     f.value != NULL ? "=" : "", f.value != NULL ? f.value : "");
		}
		free_field(&f);
	}
	return is_good;
}

/* "phy:/dev/x", "tap:aio:/x.img": xl ignores such a beginning. */
static const char *without_prefix(const char *target)
{
	static const char *const words[] = { "phy:",  "file:", "raw:",	   "tap:",
					     "tap2:", "aio:",  "tapdisk:", "ioemu:" };
	size_t i = 0;

	while (i < ARRAY_SIZE(words)) {
		size_t n = strlen(words[i]);

		if (strncmp(target, words[i], n) == 0) {
			target += n;
			i = 0;
		} else {
			i++;
		}
	}
	return target;
}

/* What a disk is here. NULL: nobody said it. */
static char *source_of(const struct import *im, const char *target)
{
	const char *said = import_option(im->disks, target);

	if (said != NULL) {
		return xstrdup(said);
	}
	if (strncmp(target, BY_LABEL, strlen(BY_LABEL)) == 0) {
		return xasprintf("PARTLABEL=%s", target + strlen(BY_LABEL));
	}
	if (strncmp(target, BY_UUID, strlen(BY_UUID)) == 0) {
		return xasprintf("PARTUUID=%s", target + strlen(BY_UUID));
	}
	return NULL;
}

static bool is_vdev(const char *s)
{
	uint64_t part = 1;

	return strncmp(s, "xvd", 3) == 0 && s[3] >= 'a' && s[3] <= 'z' &&
	       (s[4] == '\0' || (s[4] != '0' && import_number(s + 4, &part) && part <= 15));
}

static bool is_read_only(const char *access)
{
	return strcmp(access, "r") == 0 || strcmp(access, "ro") == 0;
}

/* Why there is no such disk here. NULL: there is. */
static const char *why_no_disk(char *parts[DISK_PARTS], const char *source)
{
	const char *format = parts[FORMAT] != NULL ? parts[FORMAT] : "";
	const char *vdev = parts[VDEV] != NULL ? parts[VDEV] : "";

	if (parts[DEVTYPE] != NULL && strcmp(parts[DEVTYPE], "cdrom") == 0) {
		return "there are no CD drives; take a disk with access=ro";
	}
	if (format[0] != '\0' && strcmp(format, "raw") != 0) {
		return "images of disks are not read, only partitions; copy its content into one, with format=raw";
	}
	if (!is_vdev(vdev)) {
		return "guests see xvda to xvdz only, here and on Arm; let vdev be one";
	}
	if (parts[SCRIPT] != NULL) {
		return "no script attaches it; let target be a partition of the board's image";
	}
	return source == NULL
		       ? "the target is of Xen's dom0; a disk is a partition of the board's image here: add --disk TARGET=PARTLABEL=<name>, or RAM=<MiB>"
		       : NULL;
}

static bool check_access(struct import *im, unsigned int line, const char *access)
{
	if (access[0] == '\0' || is_read_only(access) || strcmp(access, "w") == 0 ||
	    strcmp(access, "rw") == 0) {
		return true;
	}
	import_error(im, line, "disk: access \"%s\" is none; write ro or rw", access);
	return false;
}

static void put_disk(struct import *im, struct import_domain *d, unsigned int line,
		     char *parts[DISK_PARTS], const char *source, unsigned int n)
{
	const char *access = parts[ACCESS] != NULL ? parts[ACCESS] : "";
	char *quoted = import_quoted(im, line, "the disk's source", source);
	struct import_node *node = NULL;

	if (quoted != NULL && check_access(im, line, access)) {
		node = import_node(im, d, line, "ashlar,disk@%u", n + 1);
	}
	if (node != NULL) {
		import_node_line(node, "source = %s;", quoted);
		import_node_line(node, "target = \"%s\";", parts[VDEV]);
		import_node_line(node, "mode = \"%s\";", is_read_only(access) ? "r" : "w");
		xl_backend(d, node, parts[BACKEND]);
	}
	free(quoted);
}

void xl_disk(struct import *im, struct import_domain *d, const struct xl_item *item, unsigned int n)
{
	char *parts[DISK_PARTS] = { NULL }, *source;
	const char *target, *why;
	size_t i;

	if (split_disk(im, item, parts)) {
		target = without_prefix(parts[TARGET] != NULL ? parts[TARGET] : "");
		source = source_of(im, target);
		why = why_no_disk(parts, source);
		if (why != NULL) {
			import_note(im, item->line, "disk \"%s\": no counterpart here: %s",
				    item->text, why);
		} else {
			put_disk(im, d, item->line, parts, source, n);
		}
		free(source);
	}
	for (i = 0; i < DISK_PARTS; i++) {
		free(parts[i]);
	}
}

/* ---- networks ---- */

static void put_ips(struct import *im, unsigned int line, struct import_node *node,
		    const char *value)
{
	struct string_list ips = { 0 };
	char *copy = xstrdup(value), *state = NULL, *ip, *text = xstrdup("");
	struct plan_ip parsed;
	size_t i;

	for (ip = strtok_r(copy, " ", &state); ip != NULL; ip = strtok_r(NULL, " ", &state)) {
		if (!plan_parse_ip(ip, &parsed) || ips.count == PLAN_MAX_IPS) {
			import_error(
				im, line,
				"vif: ip \"%s\" is none, or one more than %u; write such as 10.0.0.1",
				ip, PLAN_MAX_IPS);
		} else {
			string_list_add(&ips, ip);
		}
	}
	for (i = 0; i < ips.count; i++) {
		char *more = xasprintf("%s%s\"%s\"", text, i > 0 ? ", " : "", ips.items[i]);

		free(text);
		text = more;
	}
	if (ips.count > 0) {
		import_node_line(node, "ip = %s;", text);
	}
	free(text);
	free(ips.items);
	free(copy);
}

static bool is_if_name(const char *s)
{
	size_t n = 0;

	while (s[n] > ' ' && s[n] <= '~' && strchr("/\"\\", s[n]) == NULL) {
		n++;
	}
	return n > 0 && s[n] == '\0' && n < PLAN_IF_LEN;
}

static bool is_mac(const char *s)
{
	uint64_t mac;

	return plan_parse_mac(s, &mac) && mac != 0 && (mac >> 40 & 1) == 0;
}

static bool is_rate(const char *s)
{
	uint64_t bytes;
	uint32_t us;

	return plan_parse_rate(s, &bytes, &us);
}

static const struct {
	const char *key;
	bool (*is_good)(const char *value);
	const char *should;
} net_keys[] = {
	{ "mac", is_mac, "write six bytes, such as 00:16:3e:12:34:56, the first of them even" },
	{ "bridge", is_if_name, "write at most 15 letters and digits" },
	{ "vifname", is_if_name, "write at most 15 letters and digits" },
	{ "rate", is_rate, "write such as 10Mb/s or 1MB/s@20ms" },
};

static const struct {
	const char *key, *why;
} other_net_keys[] = {
	{ "script", "no script connects it: io is the switch, or the back end's own words count" },
	{ "gatewaydev", "guests are not routed: io is a switch" },
	{ "model", "no network card is emulated, guests see Xen's PV network" },
	{ "type", "no network card is emulated, guests see Xen's PV network" },
	{ "devid", "networks are numbered as they stand" },
	{ "accel", "there is no accelerated path" },
	{ "mtu", "a network has 1500 bytes" },
	{ "trusted", "a back end sees what the guest grants it, nothing else" },
	{ "vlan", "only the domain io has VLANs; where it serves, write ashlar,vlan = <n>" },
};

static void take_net_field(struct import *im, struct import_node *node, unsigned int line,
			   const struct xl_field *f)
{
	size_t i;

	for (i = 0; f->value != NULL && i < ARRAY_SIZE(net_keys); i++) {
		if (strcmp(f->key, net_keys[i].key) == 0 && net_keys[i].is_good(f->value)) {
			import_node_line(node, "%s = \"%s\";", f->key, f->value);
			return;
		}
		if (strcmp(f->key, net_keys[i].key) == 0) {
			import_error(im, line, "vif: %s \"%s\" is none; %s", f->key, f->value,
				     net_keys[i].should);
			return;
		}
	}
	for (i = 0; i < ARRAY_SIZE(other_net_keys); i++) {
		if (strcmp(f->key, other_net_keys[i].key) == 0) {
			import_note(im, line, "vif: %s: no counterpart here: %s", f->key,
				    other_net_keys[i].why);
			return;
		}
	}
	import_error(im, line, "vif: \"%s\" is no part of a network", f->key);
}

void xl_net(struct import *im, struct import_domain *d, const struct xl_item *item, unsigned int n)
{
	struct import_node *node = import_node(im, d, item->line, "ashlar,net@%u", n);
	const char *at = item->text;
	char *backend = NULL;
	struct xl_field f;

	while (node != NULL && next_field(&at, &f)) {
		if (strcmp(f.key, "ip") == 0 && f.value != NULL) {
			put_ips(im, item->line, node, f.value);
		} else if (strcmp(f.key, "backend") == 0 && f.value != NULL && backend == NULL) {
			backend = xstrdup(f.value);
		} else if (f.key[0] != '\0' || f.value != NULL) {
			take_net_field(im, node, item->line, &f);
		}
		free_field(&f);
	}
	if (node != NULL) {
		xl_backend(d, node, backend);
	}
	free(backend);
}
