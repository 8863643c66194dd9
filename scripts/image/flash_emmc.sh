#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# flash-emmc.sh /dev/mmcblkN: a board's image onto its eMMC, on the board itself or wherever the eMMC is a disk. The card's image goes
# onto the user area, emmc-boot0.img into the first boot partition, from which the boot ROM is then told to start (mmc-utils). All is
# read back and compared; the boot ROM is told last. FORCE=1 takes what is no block device, YES=1 is the answer to the question.
# Spec: JEDEC JESD84-B51, 6.2 (partitions), 7.4.69 (PARTITION_CONFIG); Linux, Documentation/driver-api/mmc/mmc-dev-parts.rst.
set -eu

end() {
	echo "flash-emmc: $*" >&2
	exit 1
}

# put <file> <device>: written, and read back.
put() {
	echo "flash-emmc: $1 onto $2"
	dd if="$here/$1" of="$2" bs=1M conv=fsync,notrunc 2>/dev/null || end "$2 cannot be written"
	[ ! -b "$2" ] || blockdev --flushbufs "$2"
	cmp -n "$(stat -c %s "$here/$1")" "$here/$1" "$2" || end "$2 does not keep what was written: do not start the board with it"
}

# lock <0 or 1>: the kernel keeps boot partitions read-only.
lock() {
	[ ! -e "/sys/block/$name/force_ro" ] || echo "$1" >"/sys/block/$name/force_ro"
}

[ $# = 1 ] || end "usage: flash-emmc.sh /dev/mmcblkN"
here=$(dirname "$0")
boot=$1boot0
name=$(basename "$boot")
[ -b "$1" ] || [ -n "${FORCE:-}" ] || end "$1 is no disk; FORCE=1 writes a file"
[ -e "$boot" ] || end "$1 has no boot partition $boot: it is no eMMC; a card takes sdcard.img alone, by make flash"
command -v mmc >/dev/null || end "mmc is not installed: apt-get install mmc-utils"
if grep -q "^$1\(p[0-9]*\)\? " /proc/mounts; then
	end "$1 is mounted: start the board from a card, or by USB, and unmount it"
fi
room=$(if [ -b "$boot" ]; then blockdev --getsize64 "$boot"; else stat -c %s "$boot"; fi)
[ "$(stat -c %s "$here/emmc-boot0.img")" -le "$room" ] || end "$boot has $room bytes, and emmc-boot0.img more"

if [ -z "${YES:-}" ]; then
	echo "flash-emmc: all that is on $1 ($(cat "/sys/block/$(basename "$1")/device/name" 2>/dev/null || echo "no model named")) will be lost. Write it? (yes/no)"
	read -r answer || answer=no
	[ "$answer" = yes ] || end "nothing was written"
fi
put sdcard.img "$1"
lock 0
trap 'lock 1' EXIT
put emmc-boot0.img "$boot"
mmc bootpart enable 1 1 "$1" || end "the boot ROM was not told: mmc bootpart enable 1 1 $1"
echo "flash-emmc: done; the board starts from $boot"
