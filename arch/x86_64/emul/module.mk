# SPDX-License-Identifier: Apache-2.0
obj-y += cr8.o decode.o perform.o
