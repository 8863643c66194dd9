/* SPDX-License-Identifier: Apache-2.0 */
/* Between the lists of the contract. */
#ifndef CONTRACT_CONTRACT_H
#define CONTRACT_CONTRACT_H

#include <hyp/types.h>

/** HOLDS() - one promise. Its value is whether it is kept, for what only makes sense behind it. */
#define HOLDS(what) contract_holds((what), __FILE__, __LINE__, #what)

/** contract_holds() - count it; say it if it is not kept. */
bool contract_holds(bool is_kept, const char *file, int line, const char *what);

void contract_memory(void);
void contract_space(void);
void contract_time(void);
void contract_cpu(void);

#endif
