#!/usr/bin/env bash
# Functions that this project does without. Usage: banned.sh ROOT
set -euo pipefail
root=$1
banned='sprintf|vsprintf|strcpy|strcat|strtok|sscanf|gets|system|popen|localtime|gmtime|ctime|asctime|strncpy|alloca|rand|srand|tmpnam|mktemp|atoi|atol|atof'
found=$(grep -rnE "(^|[^A-Za-z0-9_>.\"])($banned) *\(" "$root/src" "$root/ui" "$root/include" --include='*.c' --include='*.h' |
    grep -vE ':[0-9]+: *(\*|/\*|//)' || true)
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
echo "none of: ${banned//|/ }"
