using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Testing;

/// <summary>
/// A Llama in float64, whole rows at once, with none of the product's layers: what errors of float32 are measured against. Rotary angles are float32, because
/// those are what the reference implementation takes for the model.
/// </summary>
/// <param name="shape">Its sizes.</param>
/// <param name="weight">A weight by its name without "model."; stays the caller's.</param>
public sealed class LlamaOracle(LlamaShape shape, Func<string, Tensor> weight)
{
    /// <summary>States behind the final norm, [T, H] in float64, of token ids.</summary>
    public Tensor States(IReadOnlyList<long> ids)
    {
        using var scope = NewDisposeScope();
        Tensor x = weight("embed_tokens.weight").index_select(0, tensor([.. ids], int64)).to_type(ScalarType.Float64); // [T, H]
        (Tensor cosines, Tensor sines) = Angles(ids.Count, (int)x.size(1) / shape.Heads);
        for (int i = 0; i < shape.Layers; i++)
        {
            using var layer = NewDisposeScope();
            string at = $"layers.{i}.";
            Tensor normed = Norm(x, at + "input_layernorm");
            Tensor query = Turned(Heads(Product(normed, at + "self_attn.q_proj"), shape.Heads), cosines, sines); // [heads, T, D]
            Tensor key = Turned(Heads(Product(normed, at + "self_attn.k_proj"), shape.KeyHeads), cosines, sines);
            Tensor value = Heads(Product(normed, at + "self_attn.v_proj"), shape.KeyHeads);
            int group = shape.Heads / shape.KeyHeads;
            (key, value) = (key.repeat_interleave(group, 0), value.repeat_interleave(group, 0));
            Tensor scores = query.matmul(key.transpose(1, 2)) / Math.Sqrt(query.size(2)); // [heads, T, T]
            scores = scores + full_like(scores, double.NegativeInfinity).triu(1);
            Tensor mixed = scores.softmax(-1).matmul(value).transpose(0, 1).reshape(ids.Count, -1);
            x = x + Product(mixed, at + "self_attn.o_proj");
            normed = Norm(x, at + "post_attention_layernorm");
            Tensor gated = nn.functional.silu(Product(normed, at + "mlp.gate_proj")) * Product(normed, at + "mlp.up_proj");
            x = (x + Product(gated, at + "mlp.down_proj")).MoveToOuterDisposeScope();
        }

        return Norm(x, "norm").MoveToOuterDisposeScope();
    }

    /// <summary>Scores [T, V] in float64, with the embedding as head.</summary>
    public Tensor Logits(Tensor states)
    {
        using var scope = NewDisposeScope();
        return Product(states, "embed_tokens").MoveToOuterDisposeScope();
    }

    private Tensor Product(Tensor x, string name) => x.matmul(weight($"{name}.weight").to_type(ScalarType.Float64).t());

    private Tensor Norm(Tensor x, string name) =>
        x * (x.square().mean([-1], keepdim: true) + shape.Eps).rsqrt() * weight($"{name}.weight").to_type(ScalarType.Float64);

    private static Tensor Heads(Tensor x, int heads) => x.view(x.size(0), heads, -1).transpose(0, 1); // [heads, T, D]

    private static Tensor Turned(Tensor x, Tensor cosines, Tensor sines)
    {
        long half = x.size(2) / 2;
        Tensor swapped = cat([-x.narrow(2, half, half), x.narrow(2, 0, half)], 2);
        return (x * cosines) + (swapped * sines);
    }

    /// <summary>[T, D] each.</summary>
    private (Tensor Cosines, Tensor Sines) Angles(int length, int width)
    {
        Tensor rates = (1.0 / pow(tensor((float)shape.Theta), arange(0, width, 2, ScalarType.Float32) / width)).to_type(ScalarType.Float32);
        Tensor angles = arange(length, ScalarType.Float32).unsqueeze(1) * rates;
        angles = cat([angles, angles], 1).to_type(ScalarType.Float64);
        return (angles.cos(), angles.sin());
    }
}

/// <summary>Sizes of a Llama whose head is its embedding.</summary>
public sealed record LlamaShape(int Layers, int Heads, int KeyHeads, double Theta, double Eps);
