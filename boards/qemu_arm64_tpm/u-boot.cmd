# SPDX-License-Identifier: Apache-2.0
# What U-Boot does, compiled into it (U-Boot's hush): the two slots as on zcu102, but the lowest version that may start is the TPM's. A release
# starts nothing while the TPM does not tell it; another build begins with 0 where there is none yet. It rises when a slot that is not on
# trial was verified, to what was committed, and is locked before anything is started. A committed version that is not in the TPM yet counts
# too. Every way through ends in power-off, or should that fail, in a reset.
echo launcher: root of trust: none: nobody verified this U-Boot, who replaces it has defeated the chain;
if test "${slot}" = b; then first=b; second=a; else first=a; second=b; fi;
fdt addr ${fdtcontroladdr}; fdt get value required /config ashlar,rollback-required;
setenv kept;
if lowest read kept; then
	echo launcher: the TPM keeps the lowest version: ${kept};
else
	if test "${required}" = 0x00000000; then
		if lowest create; then
			echo launcher: the TPM kept no lowest version, it is 0 now;
			lowest read kept;
		fi;
	fi;
fi;
if test -z "${kept}"; then
	echo launcher: stopped: the TPM is missing, damaged or keeps no lowest version, nothing was started;
	poweroff;
	reset;
fi;
if test -z "${ashlar_min}"; then ashlar_min=0; fi;
if test ${ashlar_min} -gt ${kept}; then floor=${ashlar_min}; else floor=${kept}; fi;
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
	if load virtio 0:${part} 0x60000000 ashlar.itb; then
		setenv counter;
		if fdt addr 0x60000000; then fdt get value counter /configurations/conf-1 ashlar,rollback; fi;
		if test -z "${counter}"; then
			echo launcher: slot ${name}: refused: no version in ashlar.itb;
		elif test ${counter} -lt ${floor}; then
			echo launcher: slot ${name}: refused: version ${counter}, the lowest that may start is ${floor};
		else
			if bootm start 0x60000000#conf-1; then
				if test "${upgrade_available}" != 1; then
					if lowest raise ${ashlar_min} ${counter}; then true; else echo launcher: the lowest version of the TPM was not raised; fi;
				fi;
				if lowest lock; then
					bootm loados; bootm ramdisk; bootm fdt;
					if fdt set /chosen ashlar,lowest <${floor}>; then bootm prep; bootm go; fi;
				else
					echo launcher: slot ${name}: refused: the TPM cannot be locked;
				fi;
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
