#!/usr/bin/env bash
# Fetches uv into .uv/ with what the machine has: a virtual environment, or else pip alone.
# Neither touches the system's own Python packages, so both work where those are managed by the
# operating system.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python="${PYTHON:-python3}"
version=0.13.9

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "$python is missing or older than Python 3.11; name a newer one: make PYTHON=python3.11" >&2
  exit 1
fi

rm -rf .uv
if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  "$python" -m venv .uv
  .uv/bin/python -m pip install --disable-pip-version-check "uv==$version"
elif "$python" -m pip --version >/dev/null 2>&1; then
  "$python" -m pip install --disable-pip-version-check --target .uv "uv==$version"
else
  echo "uv is missing, and $python has neither venv nor pip to fetch it with." >&2
  echo "Install one of them (Debian, Ubuntu: apt install python3-venv) or uv itself, then again." >&2
  exit 1
fi
echo '*' >.uv/.gitignore
.uv/bin/uv --version
