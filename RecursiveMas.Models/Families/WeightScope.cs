using RecursiveMas.Layers;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>The weights below a name: what a family declares them with.</summary>
internal readonly struct WeightScope(ModelBuilder builder, string prefix)
{
    /// <summary>Where and how the model computes.</summary>
    public ComputePlan Plan => builder.Plan;

    /// <summary>The weights below a further name.</summary>
    public WeightScope At(string name) => new(builder, $"{prefix}{name}.");

    /// <summary>One weight, in the plan's dtype.</summary>
    /// <param name="name">Its name below this one, with ".weight" where it has that.</param>
    /// <param name="shape">Its shape.</param>
    public Tensor Take(string name, params long[] shape) => builder.Take(prefix + name, Plan.Dtype, shape);

    /// <summary>One weight in a dtype of its own.</summary>
    public Tensor Take(string name, ScalarType dtype, params long[] shape) => builder.Take(prefix + name, dtype, shape);

    /// <summary>One weight rounded to the plan's dtype and then widened to float32: a private copy.</summary>
    public Tensor TakeWide(string name, params long[] shape)
    {
        using Tensor narrow = Take(name, shape);
        return narrow.to(float32, copy: true);
    }

    /// <summary>y = w · x̂, see <see cref="PlainRmsNorm"/>.</summary>
    public PlainRmsNorm PlainNorm(string name, long size, double eps) => new(Take($"{name}.weight", size), eps);

    /// <summary>y = (1 + w) · x̂, see <see cref="ZeroCentredRmsNorm"/>.</summary>
    /// <param name="name">Name of the norm.</param>
    /// <param name="size">Channels.</param>
    /// <param name="eps">Added to the mean of squares.</param>
    /// <param name="factor">Constant that the result is multiplied by; costs nothing here.</param>
    public ZeroCentredRmsNorm ZeroCentredNorm(string name, long size, double eps, double factor = 1)
    {
        using Scalar scale = factor.ToScalar();
        return new ZeroCentredRmsNorm(TakeWide($"{name}.weight", size).add_(HeldNumbers.One, HeldNumbers.One).mul_(scale), eps);
    }

    /// <summary>A linear layer of its own.</summary>
    public Linear Linear(string name, long input, long output, bool bias = false)
    {
        var linear = Layers.Linear.Create(TakeLinear(name, output, input), Bias(name, output, bias), Plan);
        if (Plan.Copies(output, input))
            builder.LetGo($"{prefix}{name}.weight");
        return linear;
    }

    /// <summary>Linear layers that read the same input, which become one product where weights may be copied.</summary>
    public LinearGroup Linears(long input, bool bias, params IReadOnlyList<(string Name, long Output)> parts)
    {
        WeightScope scope = this;
        var group = LinearGroup.Create(
            [.. parts.Select(part => (scope.TakeLinear(part.Name, part.Output, input), scope.Bias(part.Name, part.Output, bias)))], Plan);
        string[] names = [.. parts.Select(part => $"{scope.Name(part.Name)}.weight")];
        builder.Join(names);
        if (Plan.FuseWeights || Plan.Layout == WeightLayout.Int8Rows)
        {
            foreach (string name in names)
                builder.LetGo(name);
        }

        return group;
    }

    /// <summary>
    /// The output head: the checkpoint's own, or the embedding where <see cref="OutputHead"/> found them to be one. To be built before the
    /// layers: it is the largest weight, and while little else is loaded its copies are no peak.
    /// </summary>
    public Linear Head(ModelConfiguration config, TokenEmbedding embedding)
    {
        if (!config.TiedHead)
            return Linear(SharedParts.Head, config.HiddenSize, config.VocabularySize);
        var head = Layers.Linear.Create(embedding.Weight.alias(), null, Plan);
        // Of the embedding itself only rows are looked up.
        if (Plan.Copies(config.VocabularySize, config.HiddenSize))
            builder.LetGo(Name(SharedParts.Embedding));
        return head;
    }

    /// <summary>The table of token embeddings; rows of it may be a tied head as well.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="scale">Factor of its rows, 0-dimensional; null for none.</param>
    public TokenEmbedding Embedding(ModelConfiguration config, Tensor? scale = null)
    {
        long[] shape = [config.VocabularySize, config.HiddenSize];
        string name = Name(SharedParts.Embedding);
        return new TokenEmbedding(Plan.Rows ? builder.TakeStored(name, shape) : Take(SharedParts.Embedding, shape), Plan.Dtype, scale);
    }

    private Tensor TakeLinear(string name, long output, long input) =>
        Plan.Rows ? builder.TakeStored(Name($"{name}.weight"), [output, input]) : Take($"{name}.weight", output, input);

    private string Name(string name) => prefix + name;

    private Tensor? Bias(string name, long output, bool has) => has ? Take($"{name}.bias", output) : null;
}
