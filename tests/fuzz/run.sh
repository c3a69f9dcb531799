#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh [ROUNDS]: the parser of migration streams in user space, under the
# sanitizers of gcc. "run.sh libfuzzer [OPTION...]" has clang's libFuzzer drive
# it instead, for as long as its options say.
set -eu
cd "$(dirname "$0")/../.."

out=build/fuzz
mkdir -p "$out"
set -- "${1:-200000}" "$@"
first=$1
shift

build() {
	"$@" -g -O1 -Wall -Wextra -Itests/fuzz/include -Iinclude \
		-Ivfio_pci/migration -o "$out/stream_fuzz" \
		tests/fuzz/stream_fuzz.c vfio_pci/migration/stream.c
}

if [ "$first" = libfuzzer ]; then
	shift
	build clang -fsanitize=fuzzer,address,undefined -DSTREAM_FUZZ_LIBFUZZER
	mkdir -p "$out/corpus"
	exec "$out/stream_fuzz" "$@" "$out/corpus"
fi

build gcc -fsanitize=address,undefined -fno-sanitize-recover=all
exec "$out/stream_fuzz" "$first"
