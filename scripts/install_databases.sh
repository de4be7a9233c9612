#!/usr/bin/env bash
# Installs the database servers that the tests of `make test-services` start, where they are missing:
# PostgreSQL and MariaDB of the distribution (Debian, Ubuntu). Starts nothing.
set -euo pipefail

packages=()
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || packages+=(postgresql)
command -v psql >/dev/null || packages+=(postgresql-client)
PATH="$PATH:/usr/sbin:/sbin" command -v mariadbd >/dev/null || packages+=(mariadb-server-core)
command -v mariadb >/dev/null || packages+=(mariadb-client-core)
if ((${#packages[@]} == 0)); then
  exit 0
fi

root=()
if ((EUID != 0)); then
  root=(sudo)
fi
if ! command -v apt-get >/dev/null; then
  echo "Install ${packages[*]}, or what they are called here, then again." >&2
  exit 1
fi
"${root[@]}" apt-get update --quiet
"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install --yes --quiet --no-install-recommends "${packages[@]}"
