using RecursiveMas.Layers;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>
/// Takes weights from a checkpoint one by one, brings them where the plan wants them, and owns them until the model is whole. A family says what
/// it needs through <see cref="WeightScope"/>, each weight in one place: name, shape and layer. The same walk without a checkpoint gives the list of weights.
/// </summary>
/// <remarks>For one thread, which must not open dispose scopes across its calls.</remarks>
internal sealed class ModelBuilder : IDisposable
{
    private readonly WeightReader? _weights;
    private readonly WeightShapes _shapes = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    // Weights made in inference mode could never take part in training a link through the model.
    private readonly IDisposable _mode = inference_mode(false);
    private readonly IDisposable _noGrad = no_grad();

    public ModelBuilder(WeightReader weights, ComputePlan plan) => (_weights, Plan) = (weights, plan);

    // Tensors of this device have a shape and no memory, whatever a configuration asks for.
    private ModelBuilder() => Plan = new ComputePlan(float32, META, WeightLayout.Plain);

    public ComputePlan Plan { get; }

    /// <summary>Elements of all weights asked for so far.</summary>
    public long ElementCount => _shapes.ElementCount;

    /// <summary>The whole model.</summary>
    public WeightScope Root => new(this, "");

    /// <summary>The weights that a build asks for; nothing is read.</summary>
    public static WeightShapes Record(Func<ModelBuilder, DecoderParts> build)
    {
        using var builder = new ModelBuilder();
        build(builder).Dispose();
        return builder._shapes;
    }

    /// <summary>One weight in a dtype of its own, on the plan's device; the mapped file itself where that is possible.</summary>
    /// <param name="name">Normalised name.</param>
    /// <param name="dtype">Element type.</param>
    /// <param name="shape">The shape that the configuration demands.</param>
    public Tensor Take(string name, ScalarType dtype, long[] shape)
    {
        _shapes.Add(name, shape);
        using var scope = NewDisposeScope();
        Tensor stored = _weights?.Take(name, shape) ?? empty(shape, dtype, Plan.Device), placed = (Plan with { Dtype = dtype }).Place(stored);
        if (!ReferenceEquals(placed, stored))
            LetGo(name);
        return placed.MoveToOuterDisposeScope();
    }

    /// <summary>One weight as it is stored: the mapped file itself where there is one.</summary>
    /// <param name="name">Normalised name.</param>
    /// <param name="shape">The shape that the configuration demands.</param>
    public Tensor TakeStored(string name, long[] shape) => Take(name, _weights!.TypeOf(name), shape);

    /// <summary>Notes weights that become one product.</summary>
    public void Join(IReadOnlyList<string> names) => _shapes.Join(names);

    /// <summary>Takes the pages of a weight out of memory, after its values went elsewhere.</summary>
    public void LetGo(string name) => _weights?.LetGo(name);

    /// <summary>Ends the building: nothing may be left over, and the weights become the model's.</summary>
    public void Finish()
    {
        _weights?.EnsureAllTaken($"{SharedParts.Head}.weight");
        _scope.Detach(_scope.DisposablesView.ToArray());
    }

    public void Dispose()
    {
        _scope.Dispose();
        _noGrad.Dispose();
        _mode.Dispose();
    }
}
