// Encodes and decodes generated texts with the official engine, for the tests to compare with ours.
// Usage: node eng/tokenizers/cross-check.mjs [texts per tokenizer, default 20000] [seed, default 1] [folder, default artifacts/tokenizers]
// Writes cross-check/<name>.jsonl: {text, ids, special, offsets, decoded} for every real and every tiny tokenizer (fewer texts for those).
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const count = Number(process.argv[2] ?? 20000);
const seed = Number(process.argv[3] ?? 1);
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const folder = resolve(process.argv[4] ?? join(root, "artifacts/tokenizers"));
const { Tokenizer } = createRequire(join(folder, "x.js"))("tokenizers");
const replaced = process.env.RECURSIVEMAS_GOLDENS && join(process.env.RECURSIVEMAS_GOLDENS, "tokenizers");
const goldens = replaced && existsSync(replaced) ? replaced : join(root, "tests/Goldens/tokenizers");

function generator(state) {
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return ((t ^ (t >>> 15)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { next, below, pick: (list) => list[below(list.length)] };
}

const words = "the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years where much your way down should because long each just state those people too mr how little good world make very year still see own work men day get here between both life being under three never know same last another while us might great go come since against right came take used himself few house use place during without again home around small however found thought went say part once general high upon school every don't I'm we've they'll it's you'd CAN'T It'S function return class public static void int string if else for while var let const null true false import export async await".split(" ");
const scripts = [
  [0x20, 0x7e], [0x20, 0x7e], [0xa0, 0xff], [0x100, 0x24f], [0x300, 0x36f], [0x370, 0x3ff], [0x400, 0x4ff], [0x5d0, 0x5ea], [0x600, 0x6ff],
  [0x900, 0x97f], [0xe00, 0xe7f], [0x1100, 0x11ff], [0x1e00, 0x1fff], [0x2000, 0x206f], [0x20a0, 0x214f], [0x2190, 0x22ff], [0x2500, 0x27bf],
  [0x3000, 0x30ff], [0x4e00, 0x9fff], [0xac00, 0xd7a3], [0xf900, 0xfaff], [0xfe00, 0xfe0f], [0xff00, 0xffef], [0x10330, 0x1034f], [0x1d400, 0x1d7ff],
  [0x1f300, 0x1f64f], [0x1f900, 0x1f9ff], [0x20000, 0x2a6d6], [0x2f800, 0x2fa1d], [0xe000, 0xe0ff],
];
const assigned = /^\P{Cn}$/u;

function text(random, specials) {
  const parts = [];
  const length = 1 + random.below(random.pick([3, 12, 40]));
  for (let i = 0; i < length; i++) {
    switch (random.below(14)) {
      case 0: case 1: case 2: case 3:
        parts.push(" ", random.pick(words));
        break;
      case 4:
        parts.push(random.pick([" ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", " \n ", "\u00a0", "\u3000", "\u2028", "\u0085", "\u200b", "    "]));
        break;
      case 5:
        parts.push(String(random.below(10 ** (1 + random.below(9)))), random.pick(["", ".", ",", "\u0664\u0665", "\u00b2", "\u2167", "\u0967"]));
        break;
      case 6: {
        const [from, to] = random.pick(scripts);
        for (let k = random.below(8); k >= 0; k--) {
          const c = String.fromCodePoint(from + random.below(to - from + 1));
          if (assigned.test(c)) parts.push(c);
        }
        break;
      }
      case 7:
        parts.push(random.pick(["'s", "'T", "'re", "'VE", "'m", "'Ll", "'d", "'\u017f", "n't", "''", "\u2019s"]));
        break;
      case 8:
        for (let k = random.below(6); k >= 0; k--) parts.push(random.pick([..."!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"]));
        break;
      case 9:
        parts.push(random.pick(["e\u0301", "A\u030a", "\u1100\u1161\u11a8", "\u0928\u093f", "a\u0323\u0302", "\u05d1\u05bc", "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67", "\ud83c\uddeb\ud83c\uddf7", "\ufb01", "\u212b", "\u0130", "\u1e9e", "\u01c5", "\u2126"]));
        break;
      case 10:
        parts.push(random.pick(words).toUpperCase(), random.pick(words), random.pick(["", "_", "A", "3"]));
        break;
      case 11:
        if (specials.length && random.below(3) === 0) parts.push(random.pick(["", " ", "a"]), random.pick(specials), random.pick(["", " ", "b", "\n"]));
        break;
      case 12:
        parts.push(random.pick([..."aeE=-*# \n."]).repeat(random.below(40)));
        break;
      default:
        parts.push(random.pick(["https://a.b/c?d=1&e=%20", "x^2 + y_1 = \\frac{1}{2}", "def f(x):\n    return x\n", "\u4f60\u597d\uff0c\u4e16\u754c\u3002", "\u3053\u3093\u306b\u3061\u306f", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "\uc548\ub155\ud558\uc138\uc694", "\u0645\u0631\u062d\u0628\u0627", "\u041f\u0440\u0438\u0432\u0435\u0442"]));
    }
  }
  return parts.join("");
}

// Offsets of the engine count code points; ours count UTF-16 units.
function units(source, offsets) {
  const at = [0];
  let position = 0;
  for (const c of source) at.push((position += c.length));
  return offsets.map(([start, end]) => [at[start], at[end]]);
}

async function check(name, json, texts) {
  const parsed = JSON.parse(json);
  const specials = parsed.added_tokens.map((token) => token.content);
  const tokenizer = Tokenizer.fromString(json);
  const limit = tokenizer.getVocabSize();

  // Version 0.23 of the engine decodes normalised added tokens in their normalised form, 0.22 (the reference of the golden data) as they are.
  const renamed = new Set();
  const normalizer = tokenizer.getNormalizer();
  for (const { content, normalized } of parsed.added_tokens)
    if (normalized && normalizer?.normalizeString(content) !== content) renamed.add(tokenizer.tokenToId(content));
  const decodable = (ids) => !ids.some((id) => renamed.has(id));

  // The engine adds up lengths, so that its offsets are off where characters vanish or come out of order (only some bytes have a token);
  // and it cuts an astral character where it takes away the space that it put in front itself.
  const { vocab, unk_token: unknown, byte_fallback: bytes } = parsed.model;
  const partial = bytes && Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`).some((token) => !(token in vocab));
  const vanishing = !unknown && !bytes && !JSON.stringify(parsed.pre_tokenizer).includes('"ByteLevel"');
  const prefixed = parsed.pre_tokenizer?.type === "ByteLevel" && parsed.pre_tokenizer.add_prefix_space;
  const locatable = (source) => !partial && !vanishing && !(prefixed && /[\u{10000}-\u{10ffff}]/u.test(source));
  const random = generator(seed);
  const rows = [];
  for (let i = 0; i < texts; i++) {
    const source = text(random, specials);
    const plain = await tokenizer.encode(source, null, { addSpecialTokens: false });
    const special = i % 4 === 0 ? (await tokenizer.encode(source, null, { addSpecialTokens: true })).getIds() : null;
    const ids = plain.getIds();
    const row = { text: source, ids };
    if (locatable(source)) row.offsets = units(source, plain.getOffsets());
    if (decodable(ids)) {
      row.decoded = await tokenizer.decode(ids, false);
      const skipped = await tokenizer.decode(ids, true);
      if (skipped !== row.decoded) row.decoded_skip = skipped;
    }
    if (special) row.ids_special = special;
    rows.push(JSON.stringify(row));
    if (i % 10 === 0) {
      const drawn = Array.from({ length: 1 + random.below(12) }, () => random.below(limit + 5));
      if (decodable(drawn)) rows.push(JSON.stringify({ ids: drawn, decoded: await tokenizer.decode(drawn, false), decoded_skip: await tokenizer.decode(drawn, true) }));
    }
  }
  writeFileSync(join(folder, "cross-check", `${name}.jsonl`), rows.join("\n") + "\n");
}

// How the engine's regular expressions cut texts, for constructs that the tokenizers above do not use.
const patterns = [
  "(?i:'s|'t|'re|'ve)|\\p{L}+|.", "a(?=b)|ab", "(?:a|ab)(?:c|bcd)(?:d*)", "a??b|a+?", "(a|b)*?c", "(?:a*)*b|a", "x*", "$|a", "^a|b$", "[^a]+\\z|a", "a{0,2}b{2,}", "a{,2}b", "a{b}|\\{",
  "(?i)k|s", "(?x) a b # comment", "(?m).+", ".", "[a-c&&[^b]]+", "[\\]\\-x]", "\\x41\\x{1F600}?", "\\p{^L}+", "\\P{Lu}", "(?<=l)l", "(?<!a)b", "(?>l+)l|\\s++", "\\bword\\b", "\\Aab", "(?<=ab|c)d",
  "(?=.*x)a", "\\B.", "(?!ab)\\w+", "\\p{Han}+|\\p{Hiragana}+|\\p{Katakana}+", "\\p{Latin}+|\\p{Cyrillic}+|\\p{Greek}+", "\\h+", "[^\\S\\n]+", "[\\w&&[^\\d_]]+", "(?:a|b(?i)c|d)e", "a|b(?i:C)d", "(?-i:a)B", "a+b?c{2}+",
  "[a\\-z]", "[-az]", "[az-]", "]", "\\d{1,3}(?=(?:\\d{3})*\\b)", "[\\s\\S]", "(?:\\r\\n|\\n)+", "\\p{M}+", "\\p{Mn}|\\p{Nd}|\\p{Zs}|\\p{Cc}|\\p{Pd}|\\p{Sm}|\\p{Cf}", "(?#x)a", "(?<name>a)b",
];
function patternRows(texts) {
  const random = generator(seed + 1);
  const rows = [];
  for (const pattern of patterns) {
    let cut;
    try {
      cut = Tokenizer.fromString(JSON.stringify({
        version: "1.0", added_tokens: [], normalizer: null, post_processor: null, decoder: null, model: { type: "BPE", vocab: {}, merges: [] },
        pre_tokenizer: { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
      })).getPreTokenizer();
    } catch {
      rows.push(JSON.stringify({ pattern, refused: true }));
      continue;
    }
    for (let i = 0; i < texts; i++) {
      const source = i % 3 ? Array.from({ length: random.below(14) }, () => random.pick([..."aabbccdxlls \n01AB-_'K\u017f\u212a\u4e00\u3042\u30a2\u0416\u03b1\u0301\u00e9\u{1f600}]{", "word", "ab", "\r\n"])).join("") : text(random, []);
      rows.push(JSON.stringify({ pattern, text: source, pieces: cut.preTokenizeString(source).map(([piece]) => piece) }));
    }
  }
  writeFileSync(join(folder, "cross-check", "regex.patterns.jsonl"), rows.join("\n") + "\n");
}

mkdirSync(join(folder, "cross-check"), { recursive: true });
patternRows(Math.ceil(count / 100));
const started = Date.now();
for (const entry of readdirSync(folder).sort()) {
  const file = join(folder, entry, "tokenizer.json");
  if (existsSync(file)) await check(entry, readFileSync(file, "utf8"), count);
}
for (const { key, base, patch } of JSON.parse(readFileSync(join(goldens, "sources.json"), "utf8")).derived ?? []) {
  const file = join(folder, base, "tokenizer.json");
  if (!existsSync(file)) continue;
  const json = JSON.parse(readFileSync(file, "utf8"));
  for (const { path, value } of patch) {
    const steps = path.split("/").slice(1);
    steps.slice(0, -1).reduce((node, step) => node[step], json)[steps.at(-1)] = value;
  }
  await check(key, JSON.stringify(json), count);
}
const tiny = join(goldens, "tiny");
for (const entry of existsSync(tiny) ? readdirSync(tiny).sort() : []) {
  const file = join(tiny, entry, "tokenizer.json");
  if (existsSync(file)) await check(`tiny-${entry}`, readFileSync(file, "utf8"), Math.ceil(count / 20));
}
console.log(`${count} texts per real tokenizer, ${Math.ceil(count / 20)} per tiny one, in ${((Date.now() - started) / 1000).toFixed(0)} s`);
