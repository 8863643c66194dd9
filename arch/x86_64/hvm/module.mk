# SPDX-License-Identifier: Apache-2.0
obj-y += vcpu.o exit.o apic.o walk.o hypercall.o svm/svm.o svm/exit.o svm/cut.o svm/enter.o \
	vmx/vmx.o vmx/exit.o vmx/deliver.o vmx/enter.o
small-y += guest.o mmio.o cpuid.o fp.o tsc.o tsc_aux.o mitigate.o msr.o port.o time.o svm/setup.o \
	vmx/setup.o vmx/reset.o vmx/cr.o vmx/caps.o vmx/ept.o
