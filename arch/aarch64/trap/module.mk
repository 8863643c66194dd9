# SPDX-License-Identifier: Apache-2.0
obj-y += vectors.o trap.o abort.o sysreg.o smccc.o
small-y += idregs.o idview.o fault.o stack.o serror.o serror_name.o
