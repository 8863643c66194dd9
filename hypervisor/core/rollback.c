// SPDX-License-Identifier: Apache-2.0
/* Nothing older than what the board keeps as the lowest version (hyp/rollback.h). */
#include <hyp/log.h>
#include <hyp/rollback.h>
#include <libfdt.h>
#include <string.h>

static uint32_t lowest;
static bool is_known;

static const fdt32_t *cell_of(const void *tree, int node, const char *name)
{
	int len = 0;
	const fdt32_t *cell = fdt_getprop(tree, node, name, &len);

	return len == (int)sizeof(*cell) ? cell : NULL;
}

void rollback_read(const void *fdt)
{
	const fdt32_t *cell = cell_of(fdt, fdt_path_offset(fdt, "/chosen"), "ashlar,lowest");

	is_known = cell != NULL;
	lowest = is_known ? fdt32_to_cpu(*cell) : 0;
}

void rollback_check(const void *tree, int conf)
{
	const fdt32_t *cell = cell_of(tree, conf, "ashlar,rollback");
	uint32_t version = cell != NULL ? fdt32_to_cpu(*cell) : 0;

	if (!is_known && CONFIG_ROLLBACK_REQUIRED) {
		halt("refused: nobody says which version is the lowest that may start");
	}
	if (version < lowest) {
		halt("refused: bundle: version %u, the lowest that may start is %u", version,
		     lowest);
	}
	hyp_printf("version %u, the lowest that may start is %u (%s)", version, lowest,
		   is_known ? "kept by " CONFIG_ROLLBACK_STORE CONFIG_ROLLBACK_STORE_LIMIT
			    : "nobody said so: any starts");
}
