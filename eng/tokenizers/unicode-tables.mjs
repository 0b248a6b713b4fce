// Writes the Unicode tables of the tokenizer pipeline as C#: every table is read out of the official engine
// (npm tokenizers) by asking it about each code point, because its parts follow different versions of Unicode.
// Usage: node unicode-tables.mjs <folder with node_modules> > UnicodeTables.Data.cs
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const engine = createRequire(join(resolve(process.argv[2]), "x.js"))("tokenizers");

const LAST = 0x10ffff;
const isSurrogate = (c) => c >= 0xd800 && c <= 0xdfff;
const all = [];
for (let c = 0; c <= LAST; c++) if (!isSurrogate(c)) all.push(c);
const chunks = [];
for (let i = 0; i < all.length; i += 0x4000) chunks.push(String.fromCodePoint(...all.slice(i, i + 0x4000)));

// Code points that a pre-tokenizer cuts out of the text.
function removedBy(preTokenizer) {
  const matched = new Uint8Array(LAST + 1).fill(1);
  for (let c = 0xd800; c <= 0xdfff; c++) matched[c] = 0;
  for (const chunk of chunks)
    for (const [piece] of preTokenizer.preTokenizeString(chunk)) for (const c of piece) matched[c.codePointAt(0)] = 0;
  return matched;
}

const regexClass = (pattern) => removedBy(engine.Tokenizer.fromString(JSON.stringify({
  version: "1.0", added_tokens: [], normalizer: null, post_processor: null, decoder: null, model: { type: "BPE", vocab: {}, merges: [] },
  pre_tokenizer: { type: "Split", pattern: { Regex: pattern }, behavior: "Removed", invert: false },
})).getPreTokenizer());

// Code points that a pre-tokenizer isolates between two letters a.
function isolatedBy(preTokenizer, between = "a") {
  const matched = new Uint8Array(LAST + 1);
  for (const c of all)
    if (preTokenizer.preTokenizeString(between + String.fromCodePoint(c) + between).length === 3) matched[c] = 1;
  return matched;
}

function mapping(normalizer) {
  const result = new Map();
  for (const c of all) {
    const text = String.fromCodePoint(c);
    const mapped = normalizer.normalizeString(text);
    if (mapped !== text) result.set(c, [...mapped].map((x) => x.codePointAt(0)));
  }
  return result;
}

const varint = (value, out) => {
  for (; value >= 0x80; value >>>= 7) out.push((value & 0x7f) | 0x80);
  out.push(value);
};

function runs(values, withValue) {
  const out = [];
  let start = 0;
  let current = withValue ? values[0] : 0;
  for (let c = 0; c <= LAST + 1; c++) {
    if (c <= LAST && values[c] === current) continue;
    varint(c - start, out);
    if (withValue) out.push(current);
    start = c;
    current = values[c];
  }
  return out;
}

function mapBytes(map) {
  const out = [];
  let previous = 0;
  for (const [c, to] of [...map].sort((a, b) => a[0] - b[0])) {
    varint(c - previous, out);
    out.push(to.length);
    for (const x of to) varint(x, out);
    previous = c;
  }
  return out;
}

// In the order of System.Globalization.UnicodeCategory.
const categoryNames = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Cn".split(" ");
const categories = new Uint8Array(LAST + 1).fill(255);
categoryNames.forEach((name, index) => {
  if (name === "Cs") {
    for (let c = 0xd800; c <= 0xdfff; c++) categories[c] = index;
    return;
  }
  regexClass(`\\p{${name}}`).forEach((hit, c) => {
    if (!hit) return;
    if (categories[c] !== 255) throw new Error(`two categories for ${c.toString(16)}`);
    categories[c] = index;
  });
});
if (categories.includes(255)) throw new Error(`no category for ${categories.indexOf(255).toString(16)}`);

const nfd = mapping(engine.nfdNormalizer());
const nfkd = mapping(engine.nfkdNormalizer());
for (const map of [nfd, nfkd]) for (let c = 0xac00; c <= 0xd7a3; c++) map.delete(c);
const compatibility = new Map([...nfkd].filter(([c, to]) => nfd.get(c)?.join() !== to.join()));
for (const c of nfd.keys()) if (!nfkd.has(c)) throw new Error("NFKD leaves a canonical decomposition alone");

// Primary composites: pairs that the composing normaliser joins.
const nfc = engine.nfcNormalizer();
const compose = (points) => [...nfc.normalizeString(String.fromCodePoint(...points))].map((x) => x.codePointAt(0));
const compositions = new Map();
for (const [c, to] of nfd) {
  if (to.length < 2) continue;
  const whole = compose(to);
  if (whole.length !== 1 || whole[0] !== c) continue;
  const first = compose(to.slice(0, -1));
  if (first.length !== 1) throw new Error(`no pair for ${c.toString(16)}`);
  compositions.set(c, [first[0], to.at(-1)]);
}

// Combining classes: found by which marks of known class a character changes places with.
const representatives = new Map(Object.entries({
  1: 0x334, 7: 0x93c, 8: 0x3099, 9: 0x94d, 10: 0x5b0, 11: 0x5b1, 12: 0x5b2, 13: 0x5b3, 14: 0x5b4, 15: 0x5b5, 16: 0x5b6,
  17: 0x5b7, 18: 0x5b8, 19: 0x5b9, 20: 0x5bb, 21: 0x5bc, 22: 0x5bd, 23: 0x5bf, 24: 0x5c1, 25: 0x5c2, 26: 0xfb1e, 27: 0x64b,
  28: 0x64c, 29: 0x64d, 30: 0x64e, 31: 0x64f, 32: 0x650, 33: 0x651, 34: 0x652, 35: 0x670, 36: 0x711, 84: 0xc55, 91: 0xc56,
  103: 0xe38, 107: 0xe48, 118: 0xeb8, 122: 0xec8, 129: 0xf71, 130: 0xf72, 132: 0xf74, 202: 0x321, 214: 0x1dce, 216: 0x31b,
  218: 0x302a, 220: 0x316, 222: 0x59a, 224: 0x302e, 226: 0x1d16d, 228: 0x5ae, 230: 0x301, 232: 0x315, 233: 0x35c, 234: 0x35d, 240: 0x345,
}).map(([k, v]) => [Number(k), v]));
const order = engine.nfdNormalizer();
const swaps = (x, y) => {
  const text = "\u4e00" + String.fromCodePoint(x, y);
  return order.normalizeString(text) !== text;
};
const combining = new Uint8Array(LAST + 1);
for (const c of all) {
  if (nfd.has(c) || categories[c] < 5 || (categories[c] > 7 && categories[c] !== 29)) continue;
  if (!swaps(c, 0x334) && !swaps(0x345, c)) {
    if (c === 0x334 || (swaps(0x301, c) && !swaps(c, 0x334))) combining[c] = 1;
    continue;
  }
  const above = [...representatives].filter(([, r]) => r !== c && swaps(c, r)).map(([k]) => k);
  const below = [...representatives].filter(([, r]) => r !== c && swaps(r, c)).map(([k]) => k);
  const rest = [...representatives.keys()].filter((k) => !above.includes(k) && !below.includes(k));
  if (rest.length === 1) combining[c] = rest[0];
  else if (rest.length === 0) combining[c] = Math.max(...above) + 1; // a class of its own between two known ones
  else throw new Error(`class of ${c.toString(16)}: ${rest}`);
}

const scripts = ["Arabic", "Cyrillic", "Devanagari", "Greek", "Han", "Hangul", "Hebrew", "Hiragana", "Katakana", "Latin", "Thai"];
const letters = (name) => name.replace(/^./, (c) => c.toUpperCase());

const tables = [
  ["Categories", "General categories: runs of length and UnicodeCategory.", runs(categories, true)],
  ["RegexWord", "\\w of regular expressions in Split: run lengths outside, inside, outside ...", runs(regexClass("\\w"))],
  ["RegexSpace", "\\s of regular expressions in Split.", runs(regexClass("\\s"))],
  ["Word", "Word characters of the Whitespace pre-tokenizer and of single_word.", runs(isolatedBy(engine.whitespacePreTokenizer(), "-"))],
  ["Spaces", "White space of the WhitespaceSplit pre-tokenizer.", runs(removedBy(engine.whitespaceSplitPreTokenizer()))],
  ["Punctuation", "Characters that the Punctuation pre-tokenizer isolates.", runs(isolatedBy(engine.punctuationPreTokenizer()))],
  ["Numeric", "Characters that the Digits pre-tokenizer isolates.", runs(isolatedBy(engine.digitsPreTokenizer(true)))],
  ["Accents", "Characters that StripAccents removes.", (() => {
    const removed = new Uint8Array(LAST + 1);
    for (const [c, to] of mapping(engine.stripAccentsNormalizer())) if (to.length === 0) removed[c] = 1;
    return runs(removed);
  })()],
  ["CombiningClasses", "Canonical combining classes: runs of length and class.", runs(combining, true)],
  ["CanonicalDecompositions", "Full canonical decompositions without Hangul: distance, count, code points.", mapBytes(nfd)],
  ["CompatibilityDecompositions", "Full compatibility decompositions where they differ from the canonical ones.", mapBytes(compatibility)],
  ["Compositions", "Primary composites: composite, 2, the pair.", mapBytes(compositions)],
  ["LowerCase", "Lower-case mappings.", mapBytes(mapping(engine.lowercase()))],
  ...scripts.map((name) => [`Script${letters(name)}`, `\\p{${name}}.`, runs(regexClass(`\\p{${name}}`))]),
];

const lines = [
  "// Generated by eng/tokenizers/unicode-tables.mjs.",
  "namespace RecursiveMas.Tokenizers;",
  "",
  "internal static partial class UnicodeTables",
  "{",
];
tables.forEach(([name, comment, bytes], index) => {
  if (index) lines.push("");
  lines.push(`    // ${comment}`);
  lines.push(`    private static ReadOnlySpan<byte> ${name}Data =>`, "    [");
  for (let i = 0; i < bytes.length; i += 44) lines.push(`        ${bytes.slice(i, i + 44).join(",")},`);
  lines.push("    ];");
});
lines.push("}");
console.log(lines.join("\n"));
