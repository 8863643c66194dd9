# SPDX-License-Identifier: Apache-2.0
# What U-Boot does, compiled into it (U-Boot's hush). Slot a is the card's first partition, slot b its second. The one on trial is
# left after two starts that nobody confirmed; one that is refused is left at once, and for good: a slot on trial that runs is the one that
# the environment names. What bootm verifies is the memory that the version
# was read from; the hypervisor is told the lowest version, to compare again. Every way through ends in power-off, or should that fail, in a reset.
echo launcher: root of trust: none: nobody verified this U-Boot, who replaces it has defeated the chain;
if test "${slot}" = b; then first=b; second=a; else first=a; second=b; fi;
fdt addr ${fdtcontroladdr}; fdt get value required /config ashlar,rollback-required;
if test -z "${ashlar_min}"; then
	if test "${required}" != 0x00000000; then
		echo launcher: stopped: the environment on the card is missing or damaged, so the lowest version that may start is not known, nothing was started;
		poweroff;
		reset;
	fi;
	ashlar_min=0;
fi;
if test "${upgrade_available}" = 1; then
	if test ${bootcount} -gt 2; then
		echo launcher: slot ${first} was started twice and never confirmed: back to slot ${second};
		last=${first}; first=${second}; second=${last};
		setenv slot ${first}; setenv upgrade_available 0; setenv bootcount 0; saveenv;
	fi;
fi;
for name in ${first} ${second}; do
	if test ${name} = b; then part=2; else part=1; fi;
	echo launcher: loading ashlar.itb of slot ${name};
	if load mmc 0:${part} 0x20000000 ashlar.itb; then
		setenv counter;
		if fdt addr 0x20000000; then fdt get value counter /configurations/conf-1 ashlar,rollback; fi;
		if test -z "${counter}"; then
			echo launcher: slot ${name}: refused: no version in ashlar.itb;
		elif test ${counter} -lt ${ashlar_min}; then
			echo launcher: slot ${name}: refused: version ${counter}, the lowest that may start is ${ashlar_min};
		else
			if bootm start 0x20000000#conf-1; then
				bootm loados; bootm ramdisk; bootm fdt;
				if fdt set /chosen ashlar,lowest <${ashlar_min}>; then bootm prep; bootm go; fi;
			fi;
			echo launcher: slot ${name}: U-Boot refused ashlar.itb, see above;
		fi;
	else
		echo launcher: slot ${name}: there is no ashlar.itb;
	fi;
	if test "${upgrade_available}" = 1; then
		echo launcher: slot ${name} is no longer on trial;
		setenv slot ${second}; setenv upgrade_available 0; setenv bootcount 0; saveenv;
	fi;
done;
echo launcher: stopped: U-Boot refused ashlar.itb of both slots, nothing was started;
poweroff;
reset
