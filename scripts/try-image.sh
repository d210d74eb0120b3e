#!/usr/bin/env bash
# What the Dockerfile does, without Docker: the npm commands that it names, on a copy of no more than .dockerignore lets
# through, then the gateway as the image starts it, asked by the image's health check. `npm ci` is the one that made the
# node_modules here: to repeat it may take minutes, as the database module is compiled where it has no prebuilt binary.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
gateway=
trap '[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true; rm -rf "$work"' EXIT

say() { echo "try-image: $*"; }
words_of() { grep -oP "$1 \K\[.*\]" Dockerfile | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).join(" ")'; }
start=$(words_of '^CMD')
check=$(words_of '^HEALTHCHECK.* CMD')
mapfile -t commands < <(sed -n 's/^RUN npm/npm/p' Dockerfile)
[ "${commands[0]}" = 'npm ci' ] || { say 'the Dockerfile no longer begins with npm ci'; exit 1; }

mkdir "$work/build"
sed -n 's/^!//p' .dockerignore | tar -c -T - | tar -x -C "$work/build"
cp -a node_modules "$work/build/"
for command in "${commands[@]:1}"; do
  say "$command"
  (cd "$work/build" && $command >/dev/null)
done

mkdir -p "$work/image/deploy"
cd "$work/image"
mv "$work/build"/{package.json,node_modules,dist} .
mv "$work/build/deploy/healthcheck.js" deploy/
say "the image holds $(du -sh . | cut -f1) beside Node.js"

port=$(node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close(); })')
environment=(env -i "PATH=$PATH" NODE_ENV=production HOST=0.0.0.0 "PORT=$port")
healthy() { "${environment[@]}" $check; }

if healthy; then say 'the health check says yes where no gateway is' && exit 1; fi
keys=$(node -p 'crypto.randomBytes(32).toString("base64")')
"${environment[@]}" "STORE_KEYS=$keys" LOG_LEVEL=warn $start &
gateway=$!
for _ in $(seq 60); do
  kill -0 "$gateway" 2>/dev/null || { say 'the gateway ended' && exit 1; }
  if healthy; then
    say "mekong $("${environment[@]}" node dist/cli.js --version): '$start' is up, and '$check' says so"
    kill "$gateway"
    wait "$gateway"
    gateway=
    exit 0
  fi
  sleep 0.5
done
say 'the health check never said yes'
exit 1
