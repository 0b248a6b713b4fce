using RecursiveMas.Checkpoints;
using RecursiveMas.Layers;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>Takes weights from a checkpoint one by one, brings them where the plan wants them, and owns them until the model is whole.</summary>
/// <remarks>For one thread, which must not open dispose scopes across its calls.</remarks>
internal sealed class ModelBuilder : IDisposable
{
    private readonly WeightReader _weights;
    private readonly WeightShapes _shapes;
    private readonly DisposeScope _scope = NewDisposeScope();
    // Weights made in inference mode could never take part in training a link through the model.
    private readonly IDisposable _mode = inference_mode(false);
    private readonly IDisposable _noGrad = no_grad();

    public ModelBuilder(WeightReader weights, WeightShapes shapes, ComputePlan plan)
    {
        (_weights, _shapes) = (weights, shapes);
        Plan = plan;
    }

    public ComputePlan Plan { get; }

    /// <summary>One weight in the plan's dtype and on its device; the mapped file itself where that is possible.</summary>
    public Tensor Take(string name) => Take(name, Plan.Dtype);

    /// <summary>One weight in a dtype of its own, on the plan's device.</summary>
    public Tensor Take(string name, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        Tensor stored = _weights.Take(name, _shapes[name]), placed = (Plan with { Dtype = dtype }).Place(stored);
        if (!ReferenceEquals(placed, stored))
            _weights.LetGo(name);
        return placed.MoveToOuterDisposeScope();
    }

    /// <summary>One weight rounded to the plan's dtype and then widened to float32: a private copy.</summary>
    public Tensor TakeWide(string name)
    {
        using var scope = NewDisposeScope();
        return Take(name).to(float32, copy: true).MoveToOuterDisposeScope();
    }

    /// <summary>A linear layer of its own.</summary>
    /// <param name="name">Name without ".weight".</param>
    public Linear Linear(string name)
    {
        var linear = Layers.Linear.Create(Take($"{name}.weight"), Bias(name), Plan);
        if (linear is PackedLinear)
            _weights.LetGo($"{name}.weight");
        return linear;
    }

    /// <summary>Linear layers that read the same input.</summary>
    /// <param name="at">The layer, for example "layers.0".</param>
    /// <param name="names">A group of <see cref="JoinedLinears"/>.</param>
    public LinearGroup Group(string at, IReadOnlyList<string> names)
    {
        var group = LinearGroup.Create([.. names.Select(name => (Take($"{at}.{name}.weight"), Bias($"{at}.{name}")))], Plan);
        if (Plan.FuseWeights)
        {
            foreach (string name in names)
                _weights.LetGo($"{at}.{name}.weight");
        }

        return group;
    }

    /// <summary>
    /// The output head: the checkpoint's own, or the embedding where <see cref="OutputHead"/> found them to be one. To be built before the layers: it is the largest weight, and
    /// while little else is loaded its copies are no peak.
    /// </summary>
    public Linear Head(TokenEmbedding embedding)
    {
        if (_shapes.Contains($"{SharedParts.Head}.weight"))
            return Linear(SharedParts.Head);
        var head = Layers.Linear.Create(embedding.Weight.alias(), null, Plan);
        // Of the embedding itself only rows are looked up.
        if (head is PackedLinear)
            _weights.LetGo(SharedParts.Embedding);
        return head;
    }

    /// <summary>Ends the building: nothing may be left over, and the weights become the model's.</summary>
    public void Finish()
    {
        _weights.EnsureAllTaken($"{SharedParts.Head}.weight");
        _scope.Detach(_scope.DisposablesView.ToArray());
    }

    public void Dispose()
    {
        _scope.Dispose();
        _noGrad.Dispose();
        _mode.Dispose();
    }

    private Tensor? Bias(string name) => _shapes.Contains($"{name}.bias") ? Take($"{name}.bias") : null;
}
