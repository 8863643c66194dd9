# SPDX-License-Identifier: Apache-2.0
# U-Boot's launcher. It is not signed and need not be: U-Boot starts only what the key in its control tree has
# signed. Load address and names come from the board's image.cfg.
echo "launcher: loading @ITB@"
if load ${devtype} ${devnum}:${distro_bootpart} @LOAD_ADDRESS@ @ITB@; then
	bootm @LOAD_ADDRESS@#conf-1
	echo "launcher: stopped: U-Boot refused @ITB@, see above; nothing was started"
else
	echo "launcher: stopped: there is no @ITB@ on ${devtype} ${devnum}:${distro_bootpart}"
fi
while true; do sleep 60; done
