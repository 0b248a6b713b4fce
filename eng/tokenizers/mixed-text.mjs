// Writes about one megabyte of mixed text: prose of this repository, code, many scripts, numbers, rare words.
// Usage: node eng/tokenizers/mixed-text.mjs <target file> [bytes, default 1000000]
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const wanted = Number(process.argv[3] ?? 1_000_000);
const parts = [];
function collect(folder) {
  for (const name of readdirSync(folder).sort()) {
    if (["bin", "obj", "artifacts", "node_modules", ".git", "TestResults"].includes(name)) continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) collect(path);
    else if ([".cs", ".md", ".mjs", ".jinja", ".py"].includes(extname(name)) && !name.endsWith(".Data.cs")) parts.push(readFileSync(path, "utf8"));
  }
}
collect(root);

// The golden texts hold many scripts; they are long enough to be a good part of the whole.
const golden = join(root, "tests/Goldens/tokenizers/gemma3.jsonl");
const texts = readFileSync(golden, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line).text).filter(Boolean);
let state = 7;
const below = (n) => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) % n;
const syllables = "ka to mi re so la vin dor ent ul pra sti gno che ber ald ox uth qui wem".split(" ");
const word = () => Array.from({ length: 1 + below(4) }, () => syllables[below(syllables.length)]).join("");
const chinese = () => String.fromCodePoint(...Array.from({ length: 2 + below(12) }, () => 0x4e00 + below(0x3000)));
const cyrillic = () => String.fromCodePoint(...Array.from({ length: 3 + below(8) }, () => 0x430 + below(32)));
const blocks = [
  () => parts[below(parts.length)].slice(0, 6000),
  () => texts[below(texts.length)],
  () => Array.from({ length: 60 }, word).join(" ") + ". ",
  () => Array.from({ length: 12 }, chinese).join("\uff0c") + "\u3002",
  () => Array.from({ length: 30 }, cyrillic).join(" ") + ".\n",
  () => Array.from({ length: 20 }, () => below(1_000_000)).join(", ") + "\n",
];
const weights = [0, 0, 0, 1, 1, 2, 2, 2, 3, 4, 5];
let text = "";
let bytes = 0;
while (bytes < wanted) {
  const block = blocks[weights[below(weights.length)]]() + "\n";
  text += block;
  bytes += Buffer.byteLength(block);
}
writeFileSync(process.argv[2], text);
