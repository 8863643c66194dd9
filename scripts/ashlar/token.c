// SPDX-License-Identifier: Apache-2.0
/*
 * A private key that stays in a token: its PKCS#11 module is loaded and asked to sign, without OpenSSL in between. The key is
 * found by the labels of token and object (RFC 7512); the PIN comes from the environment, a descriptor or the terminal, never
 * from a file or the command line.
 * Spec: OASIS PKCS #11 2.40, Base Specification sections 3 and 5; Current Mechanisms sections 2.1.8 (CKM_RSA_PKCS), 2.3.6
 * (CKM_ECDSA).
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ashlar.h"
#include "token.h"

#define MAX_PIN	  256
#define MAX_SLOTS 64
#define LABEL	  32 /* of a token: padded with blanks */

#define CKR_OK			0UL
#define CKR_ALREADY_INITIALIZED 0x191UL
#define CKF_SERIAL_SESSION	4UL
#define CKU_USER		1UL
#define CKO_PRIVATE_KEY		3UL
#define CKA_CLASS		0UL
#define CKA_LABEL		3UL
#define CKM_RSA_PKCS		1UL
#define CKM_ECDSA		0x1041UL

/* Places in the list of functions, which begins behind a version of two bytes. */
enum function {
	INITIALIZE = 0,
	FINALIZE = 1,
	GET_SLOT_LIST = 4,
	GET_TOKEN_INFO = 6,
	OPEN_SESSION = 12,
	LOGIN = 18,
	FIND_OBJECTS_INIT = 26,
	FIND_OBJECTS = 27,
	FIND_OBJECTS_FINAL = 28,
	SIGN_INIT = 42,
	SIGN = 43,
	NR_FUNCTIONS = 68
};

typedef void (*any_function)(void); /* of whichever type it really is */

struct function_list {
	unsigned char version[2];
	any_function of[NR_FUNCTIONS];
};

struct attribute {
	unsigned long type;
	const void *value;
	unsigned long bytes;
};

struct mechanism {
	unsigned long type;
	const void *parameter;
	unsigned long bytes;
};

struct token_info {
	char label[LABEL];
	char rest[512]; /* whatever a module writes behind it */
};

/** struct token - an open session, or the words of the URI that lead to one. */
struct token {
	char *module, *name, *object;
	const struct function_list *functions;
	unsigned long session;
	unsigned long private_key;
};

static void must(const struct token *t, unsigned long rv, const char *what)
{
	if (rv != CKR_OK) {
		fail("token %s: %s fails (0x%lx)", t->name, what, rv);
	}
}

/* ---- the URI ---- */

#define NO_DIGIT 16U

static unsigned int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at;

	at = memchr(digits, c | 0x20, NO_DIGIT);
	return at != NULL ? (unsigned int)(at - digits) : NO_DIGIT;
}

/* What %XX stands for, in place. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (*s == '%' && hex_digit(s[1]) < NO_DIGIT && hex_digit(s[2]) < NO_DIGIT) {
			*to++ = (char)(hex_digit(s[1]) << 4 | hex_digit(s[2]));
			s += 2;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static void take_word(struct token *t, const char *word, size_t n)
{
	static const char *const names[] = { "module-path=", "token=", "object=" };
	char **const to[] = { &t->module, &t->name, &t->object };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strncmp(word, names[i], strlen(names[i])) == 0) {
			*to[i] = xasprintf("%.*s", (int)(n - strlen(names[i])),
					   word + strlen(names[i]));
			unescape(*to[i]);
		}
	}
}

struct token *token_of(const char *text, const char *path)
{
	struct token *t = xalloc(sizeof(*t));
	const char *at = strstr(text, TOKEN_SCHEME);
	size_t n;

	for (at += strlen(TOKEN_SCHEME); *at > ' '; at += n + (at[n] > ' ')) {
		n = strcspn(at, ";?& \t\r\n");
		take_word(t, at, n);
	}
	if (t->module == NULL || t->name == NULL || t->object == NULL) {
		fail("key %s: its " TOKEN_SCHEME
		     " line must have token=, object= and module-path=, such as " TOKEN_SCHEME
		     "token=NAME;object=LABEL?module-path=/usr/lib/softhsm/libsofthsm2.so",
		     path);
	}
	return t;
}

/* ---- the PIN ---- */

static size_t read_line(int fd, char *pin)
{
	size_t n = 0;

	while (n < MAX_PIN - 1 && read(fd, pin + n, 1) == 1 && pin[n] != '\n') {
		n++;
	}
	pin[n] = '\0';
	return n;
}

static void ask_terminal(const struct token *t, char *pin)
{
	struct termios old, silent;
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &old) != 0) {
		fail("token %s wants a PIN: there is no terminal to ask at; set " TOKEN_PIN
		     ", or " TOKEN_PIN_FD " to the number of an open descriptor",
		     t->name);
	}
	silent = old;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	dprintf(fd, "PIN of token %s: ", t->name);
	(void)tcsetattr(fd, TCSAFLUSH, &silent);
	(void)read_line(fd, pin);
	(void)tcsetattr(fd, TCSAFLUSH, &old);
	dprintf(fd, "\n");
	close(fd);
}

static int descriptor(const struct token *t, const char *text)
{
	char *end;
	unsigned long fd = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || fd > INT_MAX) {
		fail("token %s: " TOKEN_PIN_FD
		     ": \"%s\" is no descriptor; give the number of an open one",
		     t->name, text);
	}
	return (int)fd;
}

static void read_pin(const struct token *t, char *pin)
{
	const char *value = getenv(TOKEN_PIN), *fd = getenv(TOKEN_PIN_FD);

	if (value != NULL && strlen(value) < MAX_PIN) {
		memcpy(pin, value, strlen(value) + 1);
	} else if (fd != NULL) {
		(void)read_line(descriptor(t, fd), pin);
	} else {
		ask_terminal(t, pin);
	}
}

/* ---- the module ---- */

#define CALL(t, n, types, ...) (((unsigned long(*) types)(t)->functions->of[n])(__VA_ARGS__))

static void load_module(struct token *t)
{
	void *module = dlopen(t->module, RTLD_NOW | RTLD_LOCAL);
	void *symbol = module != NULL ? dlsym(module, "C_GetFunctionList") : NULL;
	unsigned long (*get)(const struct function_list **);
	unsigned long rv;

	if (symbol == NULL) {
		fail("token %s: %s", t->name, dlerror());
	}
	memcpy(&get, &symbol, sizeof(get));
	must(t, get(&t->functions), "C_GetFunctionList");
	rv = CALL(t, INITIALIZE, (void *), NULL);
	must(t, rv == CKR_ALREADY_INITIALIZED ? CKR_OK : rv, "C_Initialize");
}

static bool is_called(const struct token *t, unsigned long slot)
{
	struct token_info info;
	size_t n = strlen(t->name);

	memset(&info, 0, sizeof(info));
	return n <= LABEL &&
	       CALL(t, GET_TOKEN_INFO, (unsigned long, struct token_info *), slot, &info) ==
		       CKR_OK &&
	       memcmp(info.label, t->name, n) == 0 && (n == LABEL || info.label[n] == ' ');
}

static unsigned long find_slot(const struct token *t)
{
	unsigned long slots[MAX_SLOTS], n = MAX_SLOTS, i;

	must(t,
	     CALL(t, GET_SLOT_LIST, (unsigned char, unsigned long *, unsigned long *), 1, slots,
		  &n),
	     "C_GetSlotList");
	for (i = 0; i < n; i++) {
		if (is_called(t, slots[i])) {
			return slots[i];
		}
	}
	fail("token %s: %s has no token of that name", t->name, t->module);
}

static void log_in(struct token *t)
{
	char pin[MAX_PIN] = { 0 };
	unsigned long rv;

	must(t,
	     CALL(t, OPEN_SESSION, (unsigned long, unsigned long, void *, void *, unsigned long *),
		  find_slot(t), CKF_SERIAL_SESSION, NULL, NULL, &t->session),
	     "C_OpenSession");
	read_pin(t, pin);
	rv = CALL(t, LOGIN, (unsigned long, unsigned long, const char *, unsigned long), t->session,
		  CKU_USER, pin, strlen(pin));
	explicit_bzero(pin, sizeof(pin));
	must(t, rv, "C_Login with this PIN");
}

static void find_key(struct token *t)
{
	const unsigned long class = CKO_PRIVATE_KEY;
	const struct attribute wanted[] = { { CKA_CLASS, &class, sizeof(class) },
					    { CKA_LABEL, t->object, strlen(t->object) } };
	unsigned long found[2], n = 0;

	must(t,
	     CALL(t, FIND_OBJECTS_INIT, (unsigned long, const struct attribute *, unsigned long),
		  t->session, wanted, ARRAY_SIZE(wanted)),
	     "C_FindObjectsInit");
	must(t,
	     CALL(t, FIND_OBJECTS, (unsigned long, unsigned long *, unsigned long, unsigned long *),
		  t->session, found, ARRAY_SIZE(found), &n),
	     "C_FindObjects");
	(void)CALL(t, FIND_OBJECTS_FINAL, (unsigned long), t->session);
	if (n != 1) {
		fail("token %s: %s private key is called %s", t->name,
		     n == 0 ? "no" : "more than one", t->object);
	}
	t->private_key = found[0];
}

void token_sign(struct token *t, bool is_ec, const uint8_t hash[SHA256_BYTES], uint8_t *sig,
		size_t bytes)
{
	/* DigestInfo of SHA-256: RFC 8017 section 9.2, note 1 */
	static const uint8_t info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
					0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
	const struct mechanism how = { is_ec ? CKM_ECDSA : CKM_RSA_PKCS, NULL, 0 };
	uint8_t block[sizeof(info) + SHA256_BYTES];
	unsigned long n = bytes;

	if (t->functions == NULL) {
		load_module(t);
		log_in(t);
		find_key(t);
	}
	memcpy(block, info, sizeof(info));
	memcpy(block + sizeof(info), hash, SHA256_BYTES);
	must(t,
	     CALL(t, SIGN_INIT, (unsigned long, const struct mechanism *, unsigned long),
		  t->session, &how, t->private_key),
	     "C_SignInit");
	must(t,
	     CALL(t, SIGN,
		  (unsigned long, const uint8_t *, unsigned long, uint8_t *, unsigned long *),
		  t->session, is_ec ? block + sizeof(info) : block,
		  is_ec ? SHA256_BYTES : sizeof(block), sig, &n),
	     "C_Sign");
	if (n != bytes) {
		fail("token %s: the signature has %lu bytes, not %zu", t->name, n, bytes);
	}
}

void token_close(struct token *t)
{
	if (t != NULL && t->functions != NULL) {
		(void)CALL(t, FINALIZE, (void *), NULL);
	}
	free(t);
}
