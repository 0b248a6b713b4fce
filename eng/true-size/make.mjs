// Makes a folder with the repositories of sequential_light in their real shapes (9 GB) and random weights, to measure memory and time at true size.
// What such agents write means nothing. Tokenizers and templates are those that eng/tokenizers/fetch.mjs brought; the solver has the planner's, which
// is of the same kind. Links are safetensors files. Not part of CI.
// Usage: node eng/true-size/make.mjs TARGET_FOLDER [--width 0.25] [--tokenizers FOLDER, default artifacts/tokenizers]
//   --width scales hidden sizes, head counts and middle widths: 0.5 makes 2.6 GB, 0.25 makes 0.9 GB.
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { width: { type: "string", default: "1" }, tokenizers: { type: "string", default: join(root, "artifacts/tokenizers") } },
});
const width = Number(values.width);
if (positionals.length !== 1 || !(width > 0 && width <= 1)) {
  console.error("Usage: node eng/true-size/make.mjs TARGET_FOLDER [--width 0.25] [--tokenizers FOLDER]");
  process.exit(2);
}
const target = resolve(positionals[0]);

const llamaRope = { rope_type: "llama3", factor: 32, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };
const agents = [
  {
    role: "planner", repository: "Sequential-Light-Planner-Qwen3-1.7B", tokenizer: "qwen3", norms: true,
    config: {
      model_type: "qwen3", hidden_size: 2048, intermediate_size: 6144, num_hidden_layers: 28, num_attention_heads: 16, num_key_value_heads: 8, head_dim: 128,
      vocab_size: 151936, max_position_embeddings: 40960, rope_theta: 1e6, rms_norm_eps: 1e-6,
    },
  },
  {
    role: "critic", repository: "Sequential-Light-Critic-Llama3.2-1B", tokenizer: "llama3_1",
    config: {
      model_type: "llama", hidden_size: 2048, intermediate_size: 8192, num_hidden_layers: 16, num_attention_heads: 32, num_key_value_heads: 8, head_dim: 64,
      vocab_size: 128256, max_position_embeddings: 131072, rope_theta: 5e5, rope_scaling: llamaRope, rms_norm_eps: 1e-5,
    },
  },
  {
    role: "solver", repository: "Sequential-Light-Solver-Qwen2.5-Math-1.5B", tokenizer: "qwen3", biases: true,
    config: {
      model_type: "qwen2", hidden_size: 1536, intermediate_size: 8960, num_hidden_layers: 28, num_attention_heads: 12, num_key_value_heads: 2, head_dim: 128,
      vocab_size: 151936, max_position_embeddings: 4096, rope_theta: 1e4, rms_norm_eps: 1e-6,
    },
  },
];

const bytesPerValue = 2;
const randomValues = (() => {
  let state = 1;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  // A prime count, so that rows of a matrix differ although the same values come again and again.
  const floats = new Float32Array(4194301).map(() => 0.02 * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
  const bits = new Uint32Array(floats.buffer);
  return Buffer.from(Uint16Array.from(bits, (value) => value >>> 16).buffer);
})();
const ones = Buffer.from(new Uint16Array(1 << 20).fill(0x3f80).buffer);

/** Writes a safetensors file of bfloat16 tensors, each { name, shape, ones }. */
function write(file, tensors) {
  let end = 0;
  const entries = tensors.map(({ name, shape }) => {
    const begin = end;
    end += shape.reduce((product, size) => product * size, bytesPerValue);
    return [name, { dtype: "BF16", shape, data_offsets: [begin, end] }];
  });
  const text = JSON.stringify({ __metadata__: { format: "pt" }, ...Object.fromEntries(entries) });
  const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const handle = openSync(file, "w");
  writeSync(handle, length);
  writeSync(handle, header);
  tensors.forEach((tensor, i) => {
    const [begin, stop] = entries[i][1].data_offsets;
    const source = tensor.ones ? ones : randomValues;
    // Another place of the source for each tensor, so that no two are equal.
    let at = tensor.ones ? 0 : ((i * 104729) % (source.length / bytesPerValue)) * bytesPerValue;
    for (let left = stop - begin; left > 0; ) {
      const part = Math.min(left, source.length - at);
      left -= writeSync(handle, source, at, part);
      at = 0;
    }
  });
  closeSync(handle);
  return end;
}

function scaled(config) {
  const heads = Math.max(1, Math.round(config.num_attention_heads * width));
  const keyValueHeads = Math.max(1, Math.round(config.num_key_value_heads * width));
  return {
    ...config,
    hidden_size: Math.round((config.hidden_size * width) / 64) * 64,
    intermediate_size: Math.round((config.intermediate_size * width) / 64) * 64,
    num_attention_heads: Math.max(keyValueHeads, heads - (heads % keyValueHeads)),
    num_key_value_heads: keyValueHeads,
    tie_word_embeddings: true,
    hidden_act: "silu",
    dtype: "bfloat16",
  };
}

function modelTensors({ norms, biases }, config) {
  const { hidden_size: hidden, intermediate_size: middle, head_dim: head } = config;
  const queries = config.num_attention_heads * head, keys = config.num_key_value_heads * head;
  const linear = (name, output, input, bias) => [{ name: `${name}.weight`, shape: [output, input] }, ...(bias ? [{ name: `${name}.bias`, shape: [output] }] : [])];
  const norm = (name, size) => ({ name: `${name}.weight`, shape: [size], ones: true });
  const layers = Array.from({ length: config.num_hidden_layers }, (_, i) => `model.layers.${i}`);
  return [
    { name: "model.embed_tokens.weight", shape: [config.vocab_size, hidden] },
    ...layers.flatMap((at) => [
      norm(`${at}.input_layernorm`, hidden),
      ...linear(`${at}.mlp.down_proj`, hidden, middle),
      ...linear(`${at}.mlp.gate_proj`, middle, hidden),
      ...linear(`${at}.mlp.up_proj`, middle, hidden),
      norm(`${at}.post_attention_layernorm`, hidden),
      ...(norms ? [norm(`${at}.self_attn.k_norm`, head), norm(`${at}.self_attn.q_norm`, head)] : []),
      ...linear(`${at}.self_attn.k_proj`, keys, hidden, biases),
      ...linear(`${at}.self_attn.o_proj`, hidden, queries),
      ...linear(`${at}.self_attn.q_proj`, queries, hidden, biases),
      ...linear(`${at}.self_attn.v_proj`, keys, hidden, biases),
    ]),
    norm("model.norm", hidden),
  ];
}

/** An inner link (of a width to itself) or an outer one, as the released systems have them. */
function linkTensors(input, output, outer) {
  const middle = outer ? 2 * output : output;
  const affine = (name, out, size) => [{ name: `${name}.weight`, shape: [out, size] }, { name: `${name}.bias`, shape: [out] }];
  const norm = (name, size) => [{ name: `${name}.weight`, shape: [size], ones: true }, { name: `${name}.bias`, shape: [size] }];
  return [
    ...affine("proj1", middle, input),
    ...affine("proj2", output, middle),
    ...norm(outer ? "ln_source" : "pre_ln", input),
    ...norm(outer ? "ln_target" : "post_ln", output),
    ...(outer ? affine("residual_proj", output, input) : []),
  ];
}

const json = (folder, file, value) => writeFileSync(join(folder, file), JSON.stringify(value, null, 2));
const byTask = (value) => ({ math: value, code: value });
let total = 0;
const widths = {};
for (const agent of agents) {
  const folder = join(target, agent.repository);
  const tokenizer = join(values.tokenizers, agent.tokenizer);
  if (!existsSync(join(tokenizer, "tokenizer.json"))) throw new Error(`${tokenizer} holds no tokenizer. Run node eng/tokenizers/fetch.mjs first.`);
  mkdirSync(folder, { recursive: true });
  for (const file of ["tokenizer.json", "tokenizer_config.json"]) copyFileSync(join(tokenizer, file), join(folder, file));
  const config = scaled(agent.config);
  widths[agent.role] = config.hidden_size;
  json(folder, "config.json", config);
  json(folder, "adapter_config.json", { adapter_type: "ln_res_adapter" });
  json(folder, "innerlink_config.json", { tasks: byTask({ "adapter.pt": "adapter.safetensors" }) });
  total += write(join(folder, "model.safetensors"), modelTensors(agent, config));
  total += write(join(folder, "adapter.safetensors"), linkTensors(config.hidden_size, config.hidden_size, false));
  console.log(`${agent.repository}: hidden size ${config.hidden_size}, ${config.num_hidden_layers} layers`);
}

const folder = join(target, "Sequential-Light-Outerlinks");
mkdirSync(folder, { recursive: true });
const edges = [["outer_12", "planner", "critic"], ["outer_23", "critic", "solver"], ["outer_31", "solver", "planner"]];
const adapters = edges.map(([key, from, to]) => {
  const filename = `${key}.safetensors`;
  total += write(join(folder, filename), linkTensors(widths[from], widths[to], true));
  return { legacy_key: key, filename, source_role: from, target_role: to, adapter_type: "outer_ln_res_adapter", in_dim: widths[from], out_dim: widths[to] };
});
json(folder, "outerlink_config.json", { format_version: 1, paradigm: "sequential", variant: "light", tasks: byTask({ adapters }) });
console.log(`${(total / 2 ** 30).toFixed(2)} GiB in ${target}`);
