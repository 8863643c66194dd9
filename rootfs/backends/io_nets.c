// SPDX-License-Identifier: Apache-2.0
/* The network interfaces that the device tree tells the io domain to serve: hypervisor/domain/guest_fdt_net.c writes them. */
#include "backend.h"

#include <libfdt.h>
#include <string.h>

#define PORT_CELLS 7
#define IP_BYTES   17

static bool read_name(const void *fdt, int node, const char *prop, char *name)
{
	int len;
	const char *text = fdt_getprop(fdt, node, prop, &len);

	if (text == NULL || len < 1 || len > (int)NET_NAME_LEN || text[len - 1] != '\0') {
		return false;
	}
	memcpy(name, text, (size_t)len);
	return true;
}

static uint64_t pair(const fdt32_t *cells)
{
	return (uint64_t)fdt32_to_cpu(cells[0]) << 32 | fdt32_to_cpu(cells[1]);
}

static bool read_port(const void *fdt, int node, struct net_port_config *c)
{
	int len;
	const fdt32_t *cells = fdt_getprop(fdt, node, "ashlar,port", &len);

	if (cells == NULL || len != PORT_CELLS * (int)sizeof(*cells)) {
		return false;
	}
	c->mac = pair(cells);
	c->rate_bytes = pair(cells + 2);
	c->rate_us = fdt32_to_cpu(cells[4]);
	c->vlan = (uint16_t)fdt32_to_cpu(cells[5]);
	c->may_use_any_mac = cells[6] != 0;
	return true;
}

static bool read_addresses(const void *fdt, int node, struct net_port_config *c)
{
	int len;
	const uint8_t *bytes = fdt_getprop(fdt, node, "ashlar,addresses", &len);

	if (bytes == NULL) {
		return true;
	}
	if (len % IP_BYTES != 0 || len / IP_BYTES > (int)NET_MAX_ADDRS) {
		return false;
	}
	for (; len > 0; len -= IP_BYTES, bytes += IP_BYTES) {
		struct net_addr *a = &c->addrs[c->nr_addrs++];

		a->len = bytes[0];
		memcpy(a->bytes, bytes + 1, sizeof(a->bytes));
	}
	return true;
}

static bool read_trunk(const void *fdt, int node, const char *prop, struct net_port_config *c)
{
	int len;
	const fdt32_t *cells = fdt_getprop(fdt, node, prop, &len);

	if (cells == NULL) {
		return true;
	}
	if (len / 4 > (int)NET_MAX_TRUNK) {
		return false;
	}
	for (int i = 0; i < len / 4; i++) {
		c->trunk[c->nr_trunk++] = (uint16_t)fdt32_to_cpu(cells[i]);
	}
	return true;
}

bool io_net_read(const void *fdt, int node, struct net_port_config *c)
{
	memset(c, 0, sizeof(*c));
	return read_name(fdt, node, "vifname", c->name) &&
	       read_name(fdt, node, "bridge", c->bridge) && read_port(fdt, node, c) &&
	       read_addresses(fdt, node, c) && read_trunk(fdt, node, "ashlar,trunk", c);
}

bool io_uplink_read(const void *fdt, int node, struct net_port_config *c)
{
	memset(c, 0, sizeof(*c));
	memcpy(c->name, "uplink", sizeof("uplink"));
	c->may_use_any_mac = true;
	return read_name(fdt, node, "ashlar,uplink", c->bridge) &&
	       read_trunk(fdt, node, "ashlar,uplink-trunk", c);
}
