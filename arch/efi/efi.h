/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the stub uses of a UEFI firmware, and no more: services that it never calls are words without a type.
 * Spec: UEFI 2.10, sections 4.2 to 4.4 (system table, boot services), 4.5 and 8.2 (variables), 7.2 (memory), 7.4 (images),
 * 8.5 (reset), 9.1, 13.4 and 13.5 (where we come from, files), 10.2 (device paths), 13.9 (disks), 12.4 (text output), 37.5 (RNG).
 */
#ifndef EFI_H
#define EFI_H

#include <asm/efi.h>
#include <hyp/types.h>

#define EFI_SUCCESS	     0UL
#define EFI_LOAD_ERROR	     (BIT(63) | 1)
#define EFI_BUFFER_TOO_SMALL (BIT(63) | 5)
#define EFI_NOT_FOUND	     (BIT(63) | 14)
#define EFI_ACCESS_DENIED    (BIT(63) | 15)
#define EFI_SECURITY	     (BIT(63) | 26)

#define EFI_PAGE_SIZE 4096UL

enum efi_allocate {
	EFI_ALLOCATE_ANY,
	EFI_ALLOCATE_MAX,
	EFI_ALLOCATE_AT
};

enum efi_search {
	EFI_ALL_HANDLES,
	EFI_BY_NOTIFY,
	EFI_BY_PROTOCOL
};

enum efi_reset {
	EFI_RESET_COLD,
	EFI_RESET_WARM,
	EFI_POWER_OFF
};

/* Memory types that are nobody's once boot services have ended; of all others nothing is known here. */
#define EFI_LOADER_CODE	 1U
#define EFI_LOADER_DATA	 2U
#define EFI_BOOT_CODE	 3U
#define EFI_BOOT_DATA	 4U
#define EFI_CONVENTIONAL 7U
#define EFI_ATTRIBUTE_WB BIT(3)

struct efi_guid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

/* Names of what is asked for. */
#define EFI_LOADED_IMAGE                                               \
	{                                                              \
		0x5b1b31a1, 0x9562, 0x11d2,                            \
		{                                                      \
			0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b \
		}                                                      \
	}
#define EFI_FILE_SYSTEM                                                \
	{                                                              \
		0x964e5b22, 0x6459, 0x11d2,                            \
		{                                                      \
			0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b \
		}                                                      \
	}
#define EFI_BLOCK_IO                                                   \
	{                                                              \
		0x964e5b21, 0x6459, 0x11d2,                            \
		{                                                      \
			0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b \
		}                                                      \
	}
#define EFI_DEVICE_PATH                                                \
	{                                                              \
		0x09576e91, 0x6d3f, 0x11d2,                            \
		{                                                      \
			0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b \
		}                                                      \
	}

struct efi_memory {
	uint32_t type;
	uint32_t padding;
	uint64_t base;
	uint64_t virt;
	uint64_t pages;
	uint64_t attributes;
};

struct efi_header {
	uint64_t signature;
	uint32_t revision, size, crc, reserved;
};

struct efi_text_output {
	void *reset;
	uint64_t(EFIAPI *output)(struct efi_text_output *self, const uint16_t *text);
};

struct efi_rng {
	void *info;
	uint64_t(EFIAPI *get)(struct efi_rng *self, const struct efi_guid *algorithm, size_t bytes,
			      uint8_t *value);
};

struct efi_boot_services {
	struct efi_header header;
	void *tpl[2];
	uint64_t(EFIAPI *allocate_pages)(enum efi_allocate how, uint32_t type, size_t pages,
					 uint64_t *at);
	void *free_pages;
	uint64_t(EFIAPI *memory_map)(size_t *bytes, void *map, size_t *key, size_t *line_bytes,
				     uint32_t *version);
	uint64_t(EFIAPI *allocate_pool)(uint32_t type, size_t bytes, void **at);
	void *free_pool;
	void *events[6];
	void *install[3];
	uint64_t(EFIAPI *handle_protocol)(void *handle, const struct efi_guid *guid,
					  void **interface);
	void *protocols[3];
	uint64_t(EFIAPI *locate_device_path)(const struct efi_guid *guid, const uint8_t **path,
					     void **handle);
	void *install_table;
	uint64_t(EFIAPI *load_image)(uint8_t by_policy, void *parent, const uint8_t *path,
				     const void *data, size_t bytes, void **image);
	uint64_t(EFIAPI *start_image)(void *image, size_t *exit_bytes, uint16_t **exit_data);
	void *exit;
	uint64_t(EFIAPI *unload_image)(void *image);
	uint64_t(EFIAPI *exit_boot_services)(void *image, size_t key);
	void *misc[3];
	uint64_t(EFIAPI *connect)(void *handle, void **drivers, const uint8_t *remaining,
				  uint8_t is_recursive);
	void *disconnect;
	void *open[3];
	void *protocols_of;
	uint64_t(EFIAPI *locate_handles)(enum efi_search how, const struct efi_guid *guid,
					 void *key, size_t *nr, void ***handles);
	uint64_t(EFIAPI *locate_protocol)(const struct efi_guid *guid, void *registration,
					  void **interface);
};

struct efi_runtime {
	struct efi_header header;
	void *time[4];
	void *virtual[2];
	uint64_t(EFIAPI *get_variable)(const uint16_t *name, const struct efi_guid *guid,
				       uint32_t *attributes, size_t *bytes, void *data);
	void *next_name;
	uint64_t(EFIAPI *set_variable)(const uint16_t *name, const struct efi_guid *guid,
				       uint32_t attributes, size_t bytes, const void *data);
	void *next_count;
	void(EFIAPI *reset)(enum efi_reset how, uint64_t status, size_t bytes, const void *data);
};

struct efi_loaded_image {
	uint32_t revision;
	void *parent;
	void *table;
	void *device;
};

struct efi_file {
	uint64_t revision;
	uint64_t(EFIAPI *open)(struct efi_file *self, struct efi_file **opened,
			       const uint16_t *path, uint64_t mode, uint64_t attributes);
	void *close[2];
	uint64_t(EFIAPI *read)(struct efi_file *self, size_t *bytes, void *to);
};

struct efi_file_system {
	uint64_t revision;
	uint64_t(EFIAPI *open)(struct efi_file_system *self, struct efi_file **root);
};

struct efi_media {
	uint32_t id;
	uint8_t is_removable, is_present, is_partition, is_read_only, is_caching;
	uint32_t block_bytes;
	uint32_t io_align;
	uint64_t last_block;
};

struct efi_block_io {
	uint64_t revision;
	const struct efi_media *media;
	void *reset;
	uint64_t(EFIAPI *read)(struct efi_block_io *self, uint32_t id, uint64_t block, size_t bytes,
			       void *to);
	uint64_t(EFIAPI *write)(struct efi_block_io *self, uint32_t id, uint64_t block,
				size_t bytes, const void *from);
	uint64_t(EFIAPI *flush)(struct efi_block_io *self);
};

struct efi_table {
	struct efi_guid guid;
	void *at;
};

struct efi_system_table {
	struct efi_header header;
	uint16_t *vendor;
	uint32_t revision;
	void *in_handle, *in;
	void *out_handle;
	struct efi_text_output *out;
	void *error_handle, *error;
	struct efi_runtime *runtime;
	struct efi_boot_services *boot;
	size_t nr_tables;
	const struct efi_table *tables;
};

_Static_assert(offsetof(struct efi_boot_services, handle_protocol) == 152, "UEFI 2.10, 4.4");
_Static_assert(offsetof(struct efi_runtime, get_variable) == 72, "UEFI 2.10, 4.5");
_Static_assert(offsetof(struct efi_runtime, set_variable) == 88, "UEFI 2.10, 4.5");
_Static_assert(offsetof(struct efi_loaded_image, device) == 24, "UEFI 2.10, 9.1.1");
_Static_assert(offsetof(struct efi_runtime, reset) == 104, "UEFI 2.10, 4.5");
_Static_assert(offsetof(struct efi_boot_services, load_image) == 200, "UEFI 2.10, 4.4");
_Static_assert(offsetof(struct efi_boot_services, connect) == 264, "UEFI 2.10, 4.4");
_Static_assert(offsetof(struct efi_boot_services, locate_handles) == 312, "UEFI 2.10, 4.4");
_Static_assert(offsetof(struct efi_media, block_bytes) == 12, "UEFI 2.10, 13.9.1");
_Static_assert(offsetof(struct efi_boot_services, exit_boot_services) == 232, "UEFI 2.10, 4.4");
_Static_assert(offsetof(struct efi_boot_services, locate_protocol) == 320, "UEFI 2.10, 4.4");
_Static_assert(offsetof(struct efi_system_table, boot) == 96, "UEFI 2.10, 4.3");

#endif
