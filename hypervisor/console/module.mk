# SPDX-License-Identifier: Apache-2.0
# The console: its multiplexer, the UART drivers, the UART that guests see.
obj-y += console.o
obj-y += escape.o
obj-y += mux.o
obj-y += input.o
obj-y += await.o
obj-y += pl011.o
obj-y += vpl011.o
# Small rather than fast: the UART is slower than any of it.
cflags-y += -Os
