using RecursiveMas.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>Hands the weights of a checkpoint to a model one by one and keeps account: nothing may be missing, mis-shaped or left over.</summary>
/// <remarks>For one thread. Names are those of <see cref="WeightNames.Normalize"/>.</remarks>
internal sealed class WeightReader(WeightFiles files)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Where the weights come from, for messages.</summary>
    public string Source => files.Source;

    /// <summary>Whether the checkpoint has the weight.</summary>
    public bool Has(string name) => files.Weights.ContainsKey(name);

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
        StoredWeight weight = Find(name);
        if (!weight.Tensor.Shape.AsSpan().SequenceEqual(shape))
            throw new CheckpointException(weight.File.Name, $"the tensor '{weight.Tensor.Name}' has the shape [{string.Join(", ", weight.Tensor.Shape)}] where config.json demands [{string.Join(", ", shape)}]. The files are not of one model.");
        Tensor tensor = weight.File.Get(weight.Tensor.Name);
        _taken.Add(name);
        return tensor;
    }

    /// <summary>Ends the reading: whatever was neither taken nor may be ignored is an error.</summary>
    /// <param name="ignorable">Names that may be left over, for example "lm_head.weight" of a model with tied embeddings.</param>
    /// <exception cref="CheckpointException">Weights are left over; the message lists them.</exception>
    public void EnsureAllTaken(params IReadOnlyCollection<string> ignorable)
    {
        string[] left = [.. files.Weights.Values.Where(w => !_taken.Contains(w.Name) && !ignorable.Contains(w.Name)).Select(w => w.Tensor.Name).Order(StringComparer.Ordinal)];
        if (left.Length > 0)
        {
            const int Shown = 20;
            string more = left.Length > Shown ? $" and {left.Length - Shown} more" : "";
            throw new CheckpointException(files.Source, $"holds tensors that this model does not use: {string.Join(", ", left.Take(Shown))}{more}. The files are not of the model that config.json describes.");
        }
    }

    private StoredWeight Find(string name) => files.Weights.TryGetValue(name, out StoredWeight? weight)
        ? weight
        : throw new CheckpointException(files.Source, $"lacks the weight '{name}' that config.json demands. The files are incomplete or not of one model.");
}
