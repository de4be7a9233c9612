#!/usr/bin/env bash
# Builds the S3 server that the tests of `make test-services` start into .servers/, where it is
# missing: Versity Gateway, which needs Go 1.25 or newer and two minutes. Starts nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=v1.8.0
if [[ -x .servers/versitygw ]]; then
  exit 0
fi
PATH="$PATH:/usr/local/go/bin" # where Go's own installer puts it
if ! command -v go >/dev/null; then
  echo "Install Go 1.25 or newer (golang.org/dl), or put versitygw $version into .servers/." >&2
  exit 1
fi
GOBIN="$PWD/.servers" go install "github.com/versity/versitygw/cmd/versitygw@$version"
