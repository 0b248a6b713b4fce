// The official engine as a process for benchmarks: one JSON command a line on the input, one answer a line.
// {"load": file} loads a tokenizer, {"text": file} a text, {"encode": true} encodes it; answers {"ms", "tokens"}.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { join, resolve } from "node:path";

process.env.TOKENIZERS_PARALLELISM = "false";
const { Tokenizer } = createRequire(join(resolve(process.argv[2]), "x.js"))("tokenizers");
let tokenizer;
let text;
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.text) text = readFileSync(command.text, "utf8");
  const started = performance.now();
  let tokens = 0;
  if (command.load) tokenizer = Tokenizer.fromFile(command.load);
  if (command.encode) tokens = (await tokenizer.encode(text, null, { addSpecialTokens: false })).getLength();
  console.log(JSON.stringify({ ms: performance.now() - started, tokens }));
}
