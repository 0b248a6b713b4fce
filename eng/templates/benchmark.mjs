// Times @huggingface/jinja on one template. Reads {source, variables, runs} from standard input, writes {text, parse, render}: the
// rendered text and the median milliseconds of parsing and of rendering after a warm-up.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const engine = join(root, "artifacts/templates/node_modules/@huggingface/jinja/dist/index.js");
const { Template } = await import(pathToFileURL(engine));
const { source, variables, runs } = JSON.parse(readFileSync(0, "utf8"));

function median(action) {
  for (let i = 0; i < runs; i++) action();
  const times = [];
  for (let i = 0; i < runs; i++) {
    const start = process.hrtime.bigint();
    action();
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return times.sort((a, b) => a - b)[runs >> 1];
}

const template = new Template(source);
console.log(JSON.stringify({ text: template.render(variables), parse: median(() => new Template(source)), render: median(() => template.render(variables)) }));
