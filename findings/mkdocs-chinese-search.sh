#!/usr/bin/env bash
# MkDocs 1.6.1, its theme `mkdocs`, with Node 20 in the place of the browser's worker.
# A theme in Chinese (`locale: zh_CN`) makes the search Chinese too, and a strict build is content. In the
# browser lunr.zh.js asks for a package of Node to cut words, which no page can load: the worker stops
# before it has an index, and the field finds nothing at all, not even an English word or an identifier.
# With `lang: en` the same page answers.
# Seen: "Cannot read properties of undefined (reading 'cut')" for zh, 2 results for en.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install mkdocs==1.6.1 babel==2.18.0
mkdir docs
printf '# 时钟\n\n函数 clock_init 登记时钟。\n' > docs/index.md
cat > worker.js <<'NODE'
const { readFileSync } = require("fs");
const { createContext, runInContext } = require("vm");
const read = (name) => readFileSync(`${process.argv[2]}/search/${name}`, "utf8");
const said = [];
const context = createContext({ console: { log() {} }, postMessage: (message) => said.push(message) });
context.importScripts = (...names) => names.forEach((name) => runInContext(read(name), context));
context.XMLHttpRequest = class {
  addEventListener(_, loaded) { this.loaded = loaded; }
  open(_, name) { this.responseText = read(name); }
  send() { this.loaded(); }
};
runInContext(read("worker.js"), context);
try {
  context.onmessage({ data: { init: true } });
  context.onmessage({ data: { query: "clock_init" } });
  console.log(said.at(-1).results.length);
} catch (error) { console.log(error.message); }
NODE
for language in zh en; do
  said=$([ $language = zh ] || echo "{lang: $language}")
  printf 'site_name: S\ntheme: {name: mkdocs, locale: zh_CN}\nplugins: [search: %s]\n' "$said" > mkdocs.yml
  venv/bin/mkdocs -q build --strict -d $language
  node worker.js $language | tee $language.txt
done
grep -q "reading 'cut'" zh.txt && grep -qx 2 en.txt
