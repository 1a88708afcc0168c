#!/usr/bin/env bash
# zensical 0.0.73, the setting `separator` of its search, in the browser's part (its worker, run by Node 20).
# The text becomes a regular expression of JavaScript with the flag `u`, as it does not in Material, whose
# settings Zensical reads: a backslash before a plain sign (`\"`, `\:`, `\_`), nothing without the flag, is an
# error with it. The reader is told "Search is unavailable"; a strict build finds no issue.
# Seen: the worker answers 4 (failed) with `\"` in the class of the separator, 1 (ready) with `"`.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install zensical==0.0.73
mkdir docs
printf '# Clock\n\nRead `clock_init` first.\n' > docs/index.md
cat > ask.js <<'NODE'
const { readFileSync, readdirSync } = require("fs");
const data = JSON.parse(readFileSync("site/search.json", "utf8"));
new RegExp(data.config.separator); // no error without the flag
globalThis.self = { postMessage: ({ type }) => console.log(type) };
const folder = "site/assets/javascripts/workers";
(0, eval)(readFileSync(`${folder}/${readdirSync(folder).find((name) => name.startsWith("search"))}`, "utf8"));
self.onmessage({ data: { type: 0, data } });
NODE
for separator in '[\s\"]+' '[\s"]+'; do
  printf "site_name: S\nplugins: [search: {separator: '%s'}]\n" "$separator" > mkdocs.yml
  venv/bin/zensical build --strict -f mkdocs.yml
  echo "$separator $(node ask.js)" | tee -a said.txt
done
grep -qxF '[\s\"]+ 4' said.txt && grep -qxF '[\s"]+ 1' said.txt
