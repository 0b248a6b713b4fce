using RecursiveMas.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>Hands the weights of a checkpoint to a model one by one and keeps account: nothing may be missing, mis-shaped or left over.</summary>
/// <remarks>For one thread. Names are those of <see cref="WeightNames.Normalize"/>.</remarks>
/// <param name="files">The checkpoint.</param>
/// <param name="progress">Told before each weight how much has been handed out, and again at the end.</param>
/// <param name="cancellationToken">Checked before each weight.</param>
internal sealed class WeightReader(WeightFiles files, IProgress<ModelLoadProgress>? progress = null, CancellationToken cancellationToken = default)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _substitutes = new(StringComparer.Ordinal);
    private readonly long _total = files.Weights.Values.Sum(weight => weight.Tensor.ByteCount);
    private long _bytes;

    /// <summary>Where the weights come from, for messages.</summary>
    public string Source => files.Source;

    /// <summary>Whether the checkpoint has the weight.</summary>
    public bool Has(string name) => files.Weights.ContainsKey(name);

    /// <summary>Hands out another weight in place of one that the checkpoint lacks.</summary>
    /// <param name="name">The weight that is lacking.</param>
    /// <param name="substitute">The weight that stands in for it.</param>
    public void UseFor(string name, string substitute) => _substitutes[name] = substitute;

    /// <summary>Whether two weights of the checkpoint have the same type, shape and values. Neither counts as taken.</summary>
    /// <param name="name">One weight.</param>
    /// <param name="other">The other.</param>
    /// <param name="samples">How many pages to compare at most, spread over the whole; null for all.</param>
    public bool Same(string name, string other, int? samples = null)
    {
        StoredWeight a = Find(name), b = Find(other);
        if (a.Tensor.TypeName != b.Tensor.TypeName || !a.Tensor.Shape.SequenceEqual(b.Tensor.Shape))
            return false;
        using var scope = NewDisposeScope();
        bool same = TensorBytes.Same(a.File.Get(a.Tensor.Name), b.File.Get(b.Tensor.Name), samples);
        LetGo(name);
        LetGo(other);
        return same;
    }

    /// <summary>Element type in which a weight is stored.</summary>
    /// <exception cref="CheckpointException">The weight is missing or of a type that cannot be loaded.</exception>
    public ScalarType TypeOf(string name)
    {
        StoredWeight weight = Find(name);
        return weight.File.TypeOf(weight.Tensor.Name);
    }

    /// <summary>A weight as stored: a view of the mapped file where possible, on the CPU. It joins the current dispose scope.</summary>
    /// <param name="name">Normalised name.</param>
    /// <param name="shape">The shape that the configuration demands.</param>
    /// <exception cref="CheckpointException">The weight is missing, mis-shaped, or of a type that cannot be loaded.</exception>
    public Tensor Take(string name, params long[] shape)
    {
        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report(new ModelLoadProgress(_bytes, _total));
        StoredWeight weight = Find(name);
        if (!weight.Tensor.Shape.SequenceEqual(shape))
            throw new CheckpointException(weight.File.Name, $"the tensor '{weight.Tensor.Name}' has the shape [{string.Join(", ", weight.Tensor.Shape)}] " +
                $"where config.json demands [{string.Join(", ", shape)}]. The files are not of one model.");
        Tensor tensor = weight.File.Get(weight.Tensor.Name);
        if (_taken.Add(weight.Name))
            _bytes += weight.Tensor.ByteCount;
        return tensor;
    }

    /// <summary>Takes the pages of a weight out of memory, after its values went elsewhere.</summary>
    public void LetGo(string name)
    {
        StoredWeight weight = Find(name);
        weight.File.LetGo(weight.Tensor.Name);
    }

    /// <summary>Ends the reading: whatever was neither taken nor may be ignored is an error.</summary>
    /// <param name="ignorable">Names that may be left over, for example "lm_head.weight" of a model with tied embeddings.</param>
    /// <exception cref="CheckpointException">Weights are left over; the message lists them.</exception>
    public void EnsureAllTaken(params IReadOnlyCollection<string> ignorable)
    {
        progress?.Report(new ModelLoadProgress(_total, _total));
        string[] left =
        [
            .. files.Weights.Values
                .Where(w => !_taken.Contains(w.Name) && !ignorable.Contains(w.Name))
                .Select(w => w.Tensor.Name)
                .Order(StringComparer.Ordinal),
        ];
        if (left.Length > 0)
        {
            const int Shown = 20;
            string more = left.Length > Shown ? $" and {left.Length - Shown} more" : "";
            throw new CheckpointException(files.Source, $"holds tensors that this model does not use: {string.Join(", ", left.Take(Shown))}{more}. " +
                "The files are not of the model that config.json describes.");
        }
    }

    private StoredWeight Find(string name) => files.Weights.TryGetValue(_substitutes.GetValueOrDefault(name, name), out StoredWeight? weight)
        ? weight
        : throw new CheckpointException(files.Source, $"lacks the weight '{name}' that config.json demands. {Explain(name)}");

    /// <summary>Why a weight may be missing: it stands behind a prefix, or an adapter beside it.</summary>
    private string Explain(string name)
    {
        if (files.Weights.Values.FirstOrDefault(weight => weight.Name.Contains(".lora_", StringComparison.Ordinal)) is { } adapter)
            return $"The files hold '{adapter.Tensor.Name}' of an adapter that has not been merged into the model. Merge it and save the model.";
        return files.Weights.Values.FirstOrDefault(weight => weight.Name.EndsWith($".{name}", StringComparison.Ordinal)) is { } wrapped
            ? $"It stands there as '{wrapped.Tensor.Name}', behind the unknown prefix '{wrapped.Tensor.Name[..^name.Length]}'. " +
                "Save the model itself rather than what wraps it, or take the prefix off."
            : "The files are incomplete or not of one model.";
    }
}
