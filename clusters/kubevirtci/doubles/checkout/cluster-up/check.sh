#!/usr/bin/env bash
# Prints what is wrong and goes on, as the original does.
if [ -c /dev/kvm ]; then echo "[ OK ] found /dev/kvm"; else echo "[ERR ] missing /dev/kvm"; fi
if grep -qs '[1Yy]' /sys/module/kvm_*/parameters/nested; then
  echo "[ OK ] nested virtualization enabled"
else
  echo "[ERR ] nested virtualization not enabled"
fi
