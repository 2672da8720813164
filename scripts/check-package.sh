#!/usr/bin/env bash
# What a user gets: packs the package, installs the tarball in an empty project, runs the command and a program there.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cd "$root"
tarball=$(npm pack --silent --pack-destination "$folder")
cd "$folder"
npm init -y >/dev/null
npm pkg set type=module >/dev/null
npm install --no-progress "./$tarball" xstate@^5.33 zod@^4

echo "== one xstate, one zod"
for package in xstate zod; do
  [ "$(npm ls "$package" --all --parseable | wc -l)" -eq 1 ] || { npm ls "$package" --all; exit 1; }
done

echo "== the command"
npx needful-worker --version
npx needful-worker send noop:Any --with noop

echo "== the program of the README"
sed -n '/^\/\/ examples\/greet.ts$/,/^```$/p' "$root/README.md" | sed '1d;$d' >greet.mjs
node greet.mjs | tee output
grep -q 'Hello, world!' output

echo "== every subpath loads"
for subpath in $(node -p "Object.keys(require('needful-worker/package.json').exports).filter((path) => !path.endsWith('.json')).map((path) => 'needful-worker' + path.slice(1)).join(' ')"); do
  node -e "import('$subpath').catch((error) => { console.error(error); process.exit(1); })"
  echo "$subpath"
done
