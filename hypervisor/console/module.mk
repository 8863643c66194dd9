# SPDX-License-Identifier: Apache-2.0
# The console: its multiplexer, the UART drivers, the UART and the PV console that guests see.
small-y += console.o
small-y += escape.o
small-y += mux.o
small-y += $(if $(CONFIG_CONSOLE_INPUT),input.o,no_input.o)
small-y += history.o
small-y += await.o
small-$(CONFIG_UART_PL011) += pl011.o
small-$(CONFIG_UART_CADENCE) += cadence.o
small-$(CONFIG_UART_IMX) += imx.o
small-$(CONFIG_UART_BCM_AUX) += bcm_aux.o
small-$(CONFIG_UART_DW8250) += dw8250.o uart_8250.o
small-$(CONFIG_UART_NS16550) += ns16550.o uart_8250.o
small-y += $(if $(CONFIG_VPL011),vpl011.o,$(if $(CONFIG_V16550),,no_vpl011.o))
small-$(CONFIG_V16550) += arch_uart.o
small-y += pv_console.o
small-y += guest.o
