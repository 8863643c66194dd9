/* SPDX-License-Identifier: Apache-2.0 */
/* A line of the console: a key that ends this domain, or a subject and a number. */
#include "poke.h"

#define LINE_BYTES 48U

/* No table of pointers: this image has no relocations. */
enum word {
	SEED,
	GIC_,
	ICC,
	SYSREGS,
	MAINTENANCE,
	CALLS,
	HYPERCALLS,
	POINTERS,
	INSTRUCTIONS,
	SGIS,
	TIMER,
	LEVEL,
	CONSOLE,
	EVENTS,
	WATCHDOG,
	ALIVE,
	NR_WORDS
};

static const char words[NR_WORDS][16] = {
	"seed",	      "gic",	  "icc",	  "sysregs", "maintenance", "calls",
	"hypercalls", "pointers", "instructions", "sgis",    "timer",	    "level",
	"console",    "events",	  "watchdog",	  "alive",
};

static unsigned int read_line(char *line)
{
	unsigned int n = 0;
	char c;

	while ((c = get()) != '\n' && c != '\r') {
		if (n < LINE_BYTES - 1) {
			line[n++] = c;
		}
	}
	line[n] = '\0';
	return n;
}

/* Does @line begin with @word and a space or its end? Return: what follows; NULL: no. */
static const char *after(const char *line, const char *word)
{
	while (*word != '\0' && *line == *word) {
		line++;
		word++;
	}
	return *word == '\0' && (*line == ' ' || *line == '\0') ? line : NULL;
}

static unsigned long number(const char *text)
{
	unsigned long n = 0;

	for (; *text != '\0'; text++) {
		if (*text >= '0' && *text <= '9') {
			n = n * 10 + (unsigned long)(*text - '0');
		}
	}
	return n;
}

static void start(enum word word, unsigned long n)
{
	switch (word) {
	case SEED:
		set_seed(n);
		say("seed ");
		say_number(n);
		say("\n");
		break;
	case GIC_:
		poke_gic(n == 0 ? 1 : (unsigned int)n);
		break;
	case ICC:
		poke_icc();
		break;
	case SYSREGS:
		poke_sysregs();
		break;
	case MAINTENANCE:
		poke_maintenance();
		break;
	case CALLS:
		flood_calls(n);
		break;
	case HYPERCALLS:
		poke_hypercalls_by(xen_call, "hypercalls", n);
		break;
	case POINTERS:
		poke_pointers();
		break;
	case INSTRUCTIONS:
		poke_instructions();
		break;
	case SGIS:
		storm_sgi(n);
		break;
	case TIMER:
		storm_timer(n);
		break;
	case LEVEL:
		storm_level(n);
		break;
	case CONSOLE:
		flood_console(n);
		break;
	case EVENTS:
		flood_events(n);
		break;
	case WATCHDOG:
		abuse_watchdog(n);
		break;
	default:
		interrupts_work();
		break;
	}
}

void command(void)
{
	char line[LINE_BYTES];

	if (read_line(line) == 1) {
		deadly(line[0]);
		return;
	}
	for (unsigned int i = 0; i < NR_WORDS; i++) {
		const char *rest = after(line, words[i]);

		if (rest != NULL) {
			start((enum word)i, number(rest));
		}
	}
}
