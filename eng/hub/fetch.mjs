// Installs the official JavaScript client of the hub into an ignored folder; what is already there is kept.
// Usage: node eng/hub/fetch.mjs [target folder, default artifacts/hub]
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, "../../artifacts/hub"));
const wanted = JSON.parse(readFileSync(join(here, "package.json"), "utf8")).dependencies["@huggingface/hub"];
const installed = join(target, "node_modules/@huggingface/hub/package.json");
if (!existsSync(installed) || JSON.parse(readFileSync(installed, "utf8")).version !== wanted) {
  mkdirSync(target, { recursive: true });
  copyFileSync(join(here, "package.json"), join(target, "package.json"));
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund"], { cwd: target, stdio: "inherit" });
}
console.log(`the client of the hub is in ${target}`);
