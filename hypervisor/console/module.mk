# SPDX-License-Identifier: Apache-2.0
# The console: its multiplexer, the UART drivers, the UART that guests see.
obj-y += console.o
obj-y += escape.o
obj-y += mux.o
obj-y += input.o
obj-y += await.o
obj-y += pl011.o
obj-y += vpl011.o
