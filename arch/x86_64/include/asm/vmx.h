/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel's virtualization: registers, fields and bits by their numbers.
 * Spec: Intel SDM vol. 3, chapters 25 (VMCS), 28 (exits), appendices A (capabilities), B (field encodings), C (exit reasons).
 */
#ifndef ASM_VMX_H
#define ASM_VMX_H

#include <hyp/types.h>

#define CPUID_1_ECX_VMX BIT(5)

#define MSR_FEATURE_CONTROL 0x03aU
#define FEATURE_LOCKED	    BIT(0)
#define FEATURE_VMX	    BIT(2) /* outside SMX */

#define MSR_VMX_BASIC 0x480U
#define MSR_VMX_PIN \
	0x481U /* these four in two forms: with bit 55 of BASIC, the "true" ones are 0x48d on */
#define MSR_VMX_TRUE_PIN  0x48dU
#define MSR_VMX_CR0_FIXED 0x486U /* 0, then 1 */
#define MSR_VMX_CR4_FIXED 0x488U
#define MSR_VMX_PRIMARY2  0x48bU
#define MSR_VMX_EPT_VPID  0x48cU

#define VMX_BASIC_REVISION 0x7fffffffU
#define VMX_BASIC_TRUE	   BIT(55)

#define EPT_CAP_WALK_4		BIT(6)
#define EPT_CAP_WB		BIT(14)
#define EPT_CAP_2M		BIT(16)
#define EPT_CAP_1G		BIT(17)
#define EPT_CAP_INVEPT		BIT(20)
#define EPT_CAP_INVEPT_SINGLE	BIT(25)
#define EPT_CAP_INVEPT_ALL	BIT(26)
#define VPID_CAP_INVVPID	BIT(32)
#define VPID_CAP_INVVPID_SINGLE BIT(41)

#define VMX_PIN_INTR	     BIT(0)
#define VMX_PIN_NMI	     BIT(3)
#define VMX_PIN_VIRTUAL_NMIS BIT(5)

#define VMX_PRI_INTR_WINDOW BIT(2)
#define VMX_PRI_TSC_OFFSET  BIT(3)
#define VMX_PRI_HLT	    BIT(7)
#define VMX_PRI_MWAIT	    BIT(10)
#define VMX_PRI_RDPMC	    BIT(11)
#define VMX_PRI_CR3_LOAD    BIT(15)
#define VMX_PRI_CR3_STORE   BIT(16)
#define VMX_PRI_CR8_LOAD    BIT(19)
#define VMX_PRI_CR8_STORE   BIT(20)
#define VMX_PRI_NMI_WINDOW  BIT(22)
#define VMX_PRI_IO_BITMAPS  BIT(25)
#define VMX_PRI_MSR_BITMAPS BIT(28)
#define VMX_PRI_MONITOR	    BIT(29)
#define VMX_PRI_SECONDARY   BIT(31)

#define VMX_SEC_EPT	     BIT(1)
#define VMX_SEC_RDTSCP	     BIT(3)
#define VMX_SEC_VPID	     BIT(5)
#define VMX_SEC_WBINVD	     BIT(6)
#define VMX_SEC_UNRESTRICTED BIT(7)
#define VMX_SEC_INVPCID	     BIT(12)
#define VMX_SEC_TSC_SCALING  BIT(25)

#define VMX_EXIT_SAVE_DEBUG BIT(2)
#define VMX_EXIT_HOST_64    BIT(9)
#define VMX_EXIT_SAVE_PAT   BIT(18)
#define VMX_EXIT_LOAD_PAT   BIT(19)
#define VMX_EXIT_SAVE_EFER  BIT(20)
#define VMX_EXIT_LOAD_EFER  BIT(21)

#define VMX_ENTRY_LOAD_DEBUG BIT(2)
#define VMX_ENTRY_LONG	     BIT(9)
#define VMX_ENTRY_LOAD_PAT   BIT(14)
#define VMX_ENTRY_LOAD_EFER  BIT(15)

/* Fields: 16, 64, 32 bits, natural width. Those of segments follow each other by 2, in the order of enum vmx_segment. */
enum vmx_field {
	VMCS_VPID = 0x0000,
	VMCS_GUEST_SELECTOR = 0x0800,
	VMCS_HOST_ES = 0x0c00,
	VMCS_HOST_CS = 0x0c02,
	VMCS_HOST_SS = 0x0c04,
	VMCS_HOST_DS = 0x0c06,
	VMCS_HOST_FS = 0x0c08,
	VMCS_HOST_GS = 0x0c0a,
	VMCS_HOST_TR = 0x0c0c,
	VMCS_IO_BITMAP_A = 0x2000,
	VMCS_IO_BITMAP_B = 0x2002,
	VMCS_MSR_BITMAP = 0x2004,
	VMCS_TSC_OFFSET = 0x2010,
	VMCS_EPT_POINTER = 0x201a,
	VMCS_TSC_MULTIPLIER = 0x2032,
	VMCS_GUEST_PHYSICAL = 0x2400,
	VMCS_LINK = 0x2800,
	VMCS_GUEST_DEBUGCTL = 0x2802,
	VMCS_GUEST_PAT = 0x2804,
	VMCS_GUEST_EFER = 0x2806,
	VMCS_GUEST_PDPTE0 = 0x280a,
	VMCS_HOST_PAT = 0x2c00,
	VMCS_HOST_EFER = 0x2c02,
	VMCS_PIN = 0x4000,
	VMCS_PRIMARY = 0x4002,
	VMCS_EXCEPTIONS = 0x4004,
	VMCS_EXIT_CONTROLS = 0x400c,
	VMCS_ENTRY_CONTROLS = 0x4012,
	VMCS_ENTRY_EVENT = 0x4016,
	VMCS_ENTRY_ERROR = 0x4018,
	VMCS_SECONDARY = 0x401e,
	VMCS_INSN_ERROR = 0x4400,
	VMCS_EXIT_REASON = 0x4402,
	VMCS_EXIT_EVENT = 0x4404,
	VMCS_CUT_EVENT = 0x4408,
	VMCS_CUT_ERROR = 0x440a,
	VMCS_INSN_LENGTH = 0x440c,
	VMCS_GUEST_LIMIT = 0x4800,
	VMCS_GUEST_GDTR_LIMIT = 0x4810,
	VMCS_GUEST_IDTR_LIMIT = 0x4812,
	VMCS_GUEST_RIGHTS = 0x4814,
	VMCS_GUEST_SHADOW = 0x4824,
	VMCS_CR0_MASK = 0x6000,
	VMCS_CR4_MASK = 0x6002,
	VMCS_CR0_SHADOW = 0x6004,
	VMCS_CR4_SHADOW = 0x6006,
	VMCS_QUALIFICATION = 0x6400,
	VMCS_GUEST_CR0 = 0x6800,
	VMCS_GUEST_CR3 = 0x6802,
	VMCS_GUEST_CR4 = 0x6804,
	VMCS_GUEST_BASE = 0x6806,
	VMCS_GUEST_GDTR_BASE = 0x6816,
	VMCS_GUEST_IDTR_BASE = 0x6818,
	VMCS_GUEST_DR7 = 0x681a,
	VMCS_GUEST_RSP = 0x681c,
	VMCS_GUEST_RIP = 0x681e,
	VMCS_GUEST_RFLAGS = 0x6820,
	VMCS_GUEST_PENDING_DEBUG = 0x6822,
	VMCS_HOST_CR0 = 0x6c00,
	VMCS_HOST_CR3 = 0x6c02,
	VMCS_HOST_CR4 = 0x6c04,
	VMCS_HOST_GS_BASE = 0x6c08,
	VMCS_HOST_TR_BASE = 0x6c0a,
	VMCS_HOST_GDTR_BASE = 0x6c0c,
	VMCS_HOST_IDTR_BASE = 0x6c0e,
	VMCS_HOST_RSP = 0x6c14, /* enter.S has the number too */
	VMCS_HOST_RIP = 0x6c16,
};

enum vmx_segment {
	VMX_ES,
	VMX_CS,
	VMX_SS,
	VMX_DS,
	VMX_FS,
	VMX_GS,
	VMX_LDTR,
	VMX_TR,
};

#define VMX_SEG_CODE32 0xc09bU /* flat, accessed, present: what PVH guests start with */
#define VMX_SEG_DATA32 0xc093U
#define VMX_SEG_CODE16 0x009bU
#define VMX_SEG_DATA16 0x0093U
#define VMX_SEG_TSS32  0x008bU
#define VMX_SEG_LDT    0x0082U
#define VMX_SEG_DPL    5 /* two bits from here */
#define VMX_SEG_LONG   BIT(13)

#define VMX_SHADOW_STI	  BIT(0)
#define VMX_SHADOW_MOV_SS BIT(1)
#define VMX_SHADOW_NMI	  BIT(3)

#define VMX_EVENT_VECTOR 0xffU
#define VMX_EVENT_TYPE	 (7U << 8)
#define VMX_EVENT_INTR	 (0U << 8)
#define VMX_EVENT_NMI	 (2U << 8)
#define VMX_EVENT_EXCP	 (3U << 8)
#define VMX_EVENT_INT1	 (5U << 8)
#define VMX_EVENT_ERROR	 BIT(11)
#define VMX_EVENT_VALID	 BIT(31)

#define VMX_PENDING_STEP BIT(14)

#define VMX_REASON	  0xffffU
#define VMX_REASON_FAILED BIT(31) /* the entry: the guest was not in */

enum vmx_reason {
	VMX_EXCEPTION = 0, /* or NMI */
	VMX_INTERRUPT = 1,
	VMX_TRIPLE_FAULT = 2,
	VMX_INIT = 3,
	VMX_SIPI = 4,
	VMX_INTR_WINDOW = 7,
	VMX_NMI_WINDOW = 8,
	VMX_CPUID = 10,
	VMX_GETSEC = 11,
	VMX_HLT = 12,
	VMX_INVD = 13,
	VMX_RDPMC = 15,
	VMX_RSM = 17,
	VMX_VMCALL = 18,
	VMX_VMCLEAR = 19,
	VMX_VMXON = 27,
	VMX_CR = 28,
	VMX_PORT = 30,
	VMX_RDMSR = 31,
	VMX_WRMSR = 32,
	VMX_MWAIT = 36,
	VMX_MONITOR = 39,
	VMX_EPT_VIOLATION = 48,
	VMX_INVEPT = 50,
	VMX_RDTSCP = 51,
	VMX_INVVPID = 53,
	VMX_WBINVD = 54,
	VMX_XSETBV = 55,
	VMX_INVPCID = 58,
	VMX_VMFUNC = 59,
};

/* What an EPT has: Intel SDM vol. 3 section 29.3.2. The lowest three are none of a paging entry's. */
#define EPT_R	   BIT(0)
#define EPT_W	   BIT(1)
#define EPT_X	   BIT(2)
#define EPT_UC	   (0UL << 3)
#define EPT_WB	   (6UL << 3)
#define EPTP_WB	   6UL
#define EPTP_WALK4 (3UL << 3)

#endif
