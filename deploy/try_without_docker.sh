#!/usr/bin/env bash
# Builds the container where no Docker daemon runs, starts it, and asks it: as root, on Debian with
#   apt-get install --no-install-recommends buildah debootstrap
#   deploy/try_without_docker.sh MODEL.onnx [FOLDER]
# The base of the Dockerfile is replaced by a Debian with its own Python, and packages come from a folder of wheels, since
# the build has no network. The service runs with the image's own user and command, on a read-only file system. FOLDER
# (a new one without it) keeps the base and the wheels, which take minutes, for the next time.
set -euo pipefail
cd "$(dirname "$0")/.."
model=${1:?the model, an ONNX file} && model=$(realpath "$model")
work=${2:-$(mktemp -d)} && mkdir -p "$work" && work=$(realpath "$work")
base=$work/base wheels=$work/wheels context=$work/context root=""
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
store=(--root "$work/store" --runroot "$work/run")

say() { printf '%s\n' "$*" >&2; }

[ -e "$base/complete" ] || {
    say "1. Debian's base"
    rm -rf "$base"
    debootstrap --variant=minbase --include=python3-venv,python-is-python3 bookworm "$base" >"$work/debootstrap.log"
    printf '[global]\nno-index = true\nfind-links = /wheels\n' >"$base/etc/pip.conf"
    touch "$base/complete"
}
say "2. the wheels that the image installs"
python="$(chroot "$base" python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
python3 -m pip download --quiet --only-binary :all: --python-version "$python" --dest "$wheels" \
    --requirement deploy/requirements.txt --constraint constraints.txt 'setuptools>=77' wheel

say "3. the image"
rm -rf "$context" && mkdir "$context"
cp -r deploy nnlab constraints.txt pyproject.toml README.md LICENSE "$context"
cp "$model" "$context/model.onnx"
from=$(buildah "${store[@]}" from scratch)
buildah "${store[@]}" copy --quiet "$from" "$base" / >/dev/null
buildah "${store[@]}" commit --quiet "$from" localhost/base >/dev/null
buildah "${store[@]}" build --file "$context/deploy/Dockerfile" --ignorefile deploy/Dockerfile.dockerignore --format docker \
    --volume "$wheels:/wheels:ro" --build-arg PYTHON=localhost/base --build-arg MODEL=model.onnx --tag served "$context"

say "4. the container: its user, its command, a read-only file system, no network but its own loopback"
root=$(buildah "${store[@]}" mount "$(buildah "${store[@]}" from served)")
buildah "${store[@]}" inspect served >"$work/image.json"
config() { python3 -c 'import json, sys
found = json.load(open(sys.argv[1]))["Docker"]["config"]
for key in sys.argv[2:]: print(*found[key], sep="\n")' "$work/image.json" "$@"; }
user=$(config User | tr --delete "\n")
mapfile -t set < <(config Env)
mapfile -t start < <(config Entrypoint Cmd)
mapfile -t health < <(python3 -c 'import json, sys; print(*json.load(open(sys.argv[1]))["Docker"]["config"]["Healthcheck"]["Test"][1:], sep="\n")' "$work/image.json")
export root user
export -f say
trap 'buildah "${store[@]}" rm --all >/dev/null' EXIT
unshare --mount --net --pid --fork --kill-child bash -euo pipefail -s "${#start[@]}" "${start[@]}" "${set[@]}" -- "${health[@]}" <<'INSIDE'
start=("${@:2:$1}") && shift "$(($1 + 1))"
set=() && while [ "$1" != -- ]; do set+=("$1") && shift; done && shift
ip link set lo up
mount --bind "$root" "$root"
mount --options remount,bind,ro "$root"
mount --types tmpfs tmpfs "$root/tmp"
mount --types proc proc "$root/proc"
inside=(env --ignore-environment "${set[@]}" setpriv --no-new-privs chroot --userspec="$user" --groups= "$root")
"${inside[@]}" sh -c 'test "$(id -u)" != 0 && ! touch /written /model/written 2>/dev/null' || { say "it is root, or can write" && exit 1; }
"${inside[@]}" "${start[@]}" &
for _ in $(seq 60); do
    "${inside[@]}" "$@" 2>/dev/null && break
    sleep 0.5
done
"${inside[@]}" "$@" && say "its health check: well"
"${inside[@]}" python -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8000/health").read().decode().strip())'
kill $! && wait $! && say "stopped by SIGTERM, status 0"
INSIDE
