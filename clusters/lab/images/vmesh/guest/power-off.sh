#!/bin/sh
poweroff -f
