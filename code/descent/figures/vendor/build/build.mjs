// Joins CodeMirror and the grammar of Python into one file, ../codemirror.js, the same bytes at every build:
//     npm ci && node build.mjs        (in this folder; or: make editor)
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const lock = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
const result = await build({
  entryPoints: ["entry.js"], bundle: true, minify: true, format: "iife", globalName: "codemirror", charset: "utf8",
  legalComments: "none", target: "es2022", metafile: true, write: false,
});
const used = new Set(Object.keys(result.metafile.inputs).map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean));
const names = [...used].sort();
const versions = names.map((name) => `${name} ${lock[`node_modules/${name}`].version}`);
const code = result.outputFiles[0].text.trim().replace(/^(?:"use strict";)?var codemirror=/, "export const codemirror=");
writeFileSync("../codemirror.js", `// ${versions.join(", ")}. MIT licences: codemirror.LICENSES.txt. Made by build/build.mjs; do not edit.\n${code}\n`);
const licences = names.map((name, k) => {
  const folder = `node_modules/${name}`;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${versions[k]}\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
});
writeFileSync("../codemirror.LICENSES.txt", licences.join(`\n${"-".repeat(78)}\n\n`));
