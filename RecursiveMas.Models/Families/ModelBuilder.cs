using RecursiveMas.Checkpoints;
using RecursiveMas.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>Takes weights from a checkpoint one by one, brings them where the plan wants them, and owns them until the model is whole.</summary>
/// <remarks>For one thread, which must not open dispose scopes across its calls.</remarks>
internal sealed class ModelBuilder : IDisposable
{
    private const string HeadName = "lm_head.weight";

    private readonly WeightReader _weights;
    private readonly DisposeScope _scope = NewDisposeScope();
    // Weights made in inference mode could never take part in training a link through the model.
    private readonly IDisposable _mode = inference_mode(false);
    private readonly IDisposable _noGrad = no_grad();

    public ModelBuilder(WeightReader weights, ComputePlan plan)
    {
        _weights = weights;
        Plan = plan;
    }

    public ComputePlan Plan { get; }

    public bool Has(string name) => _weights.Has(name);

    /// <summary>One weight in the plan's dtype and on its device.</summary>
    public Tensor Take(string name, params long[] shape) => Take(name, Plan.Dtype, shape);

    /// <summary>One weight in a dtype of its own, on the plan's device.</summary>
    public Tensor Take(string name, ScalarType dtype, params long[] shape)
    {
        using var scope = NewDisposeScope();
        return (Plan with { Dtype = dtype }).Place(_weights.Take(name, shape)).MoveToOuterDisposeScope();
    }

    /// <summary>A linear layer of its own.</summary>
    /// <param name="name">Name without ".weight".</param>
    /// <param name="input">Width that goes in.</param>
    /// <param name="output">Width that comes out.</param>
    /// <param name="bias">Whether the checkpoint has a bias.</param>
    public Linear Linear(string name, int input, int output, bool bias) =>
        Layers.Linear.Create(Take($"{name}.weight", output, input), bias ? Take($"{name}.bias", output) : null, Plan);

    /// <summary>Linear layers that read the same input.</summary>
    public LinearGroup Group(int input, bool bias, params (string Name, int Output)[] parts) =>
        LinearGroup.Create(
            [.. parts.Select(part => (Take($"{part.Name}.weight", part.Output, input), bias ? Take($"{part.Name}.bias", part.Output) : null))],
            Plan);

    /// <summary>The output head: the checkpoint's own, or the embedding where they are tied or it has none.</summary>
    public Linear Head(ModelConfiguration config, TokenEmbedding embedding) =>
        config.TiedHead || !Has(HeadName)
            ? Layers.Linear.Create(embedding.Weight.alias(), null, Plan)
            : Linear("lm_head", config.HiddenSize, config.VocabularySize, bias: false);

    /// <summary>Ends the building: nothing may be left over, and the weights become the model's.</summary>
    public void Finish()
    {
        _weights.EnsureAllTaken(HeadName);
        _scope.Detach(_scope.DisposablesView.ToArray());
    }

    public void Dispose()
    {
        _scope.Dispose();
        _noGrad.Dispose();
        _mode.Dispose();
    }
}
