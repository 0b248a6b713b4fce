// Downloads a repository with the official client and reads the cache with it; writes one line of JSON.
// Usage: node eng/hub/snapshot.mjs FOLDER_OF_THE_CLIENT HUB_ADDRESS OWNER/NAME CACHE_FOLDER
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [client, hubUrl, repo, cacheDir] = process.argv.slice(2);
console.debug = console.info = () => {};
const { snapshotDownload, scanCacheDir } = await import(pathToFileURL(createRequire(join(client, "package.json")).resolve("@huggingface/hub")).href);
const snapshot = await snapshotDownload({ repo, cacheDir, hubUrl });
const cache = await scanCacheDir(cacheDir);
console.log(JSON.stringify({ snapshot, cache: { ...cache, warnings: cache.warnings.map(String) } }));
