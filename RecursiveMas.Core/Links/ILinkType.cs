using System.Text.Json.Serialization;
using TorchSharp;

namespace RecursiveMas;

/// <summary>What a link joins.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LinkKind>))]
public enum LinkKind
{
    /// <summary>An agent to itself: what comes out of a latent step becomes its next input.</summary>
    Inner,

    /// <summary>An agent to another one.</summary>
    Outer,
}

/// <summary>A tensor that the file of a link must hold.</summary>
/// <param name="Name">Name in the file, for example "proj1.weight".</param>
/// <param name="Shape">Sizes, outermost first.</param>
public sealed record LinkTensor(string Name, IReadOnlyList<long> Shape)
{
    /// <summary>Name in the file.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Name { get; init => field = Shared.Given.NotNull(value, nameof(Name)); } = Shared.Given.NotNull(Name);

    /// <summary>Sizes, outermost first.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<long> Shape { get; init => field = Shared.Given.NotNull(value, nameof(Shape)); } = Shared.Given.NotNull(Shape);
}

/// <summary>
/// A type of link, by the name that stands in checkpoints as <c>adapter_type</c>: which tensors its file holds, and what it computes with them.
/// </summary>
/// <remarks>Stateless and safe for concurrent calls. A type of one's own is made known by <see cref="LinkTypeRegistry.With"/>.</remarks>
public interface ILinkType
{
    /// <summary>Name in checkpoints, for example <c>outer_ln_res_adapter</c>.</summary>
    string AdapterType { get; }

    /// <summary>What links of this type join.</summary>
    LinkKind Kind { get; }

    /// <summary>
    /// Every tensor of a link of these widths, in the order of its file. A file with other names or shapes is refused before <see cref="Create"/>.
    /// </summary>
    /// <param name="inputSize">Width of the sender.</param>
    /// <param name="outputSize">Width of the receiver; the same as <paramref name="inputSize"/> for an inner link.</param>
    IReadOnlyList<LinkTensor> GetTensors(int inputSize, int outputSize);

    /// <summary>Makes a link.</summary>
    /// <param name="weights">
    /// The tensors of <see cref="GetTensors"/> by name, all in the element type and on the device in which the link computes, without gradient and
    /// outside of any dispose scope. The link takes them over: its Dispose disposes them.
    /// </param>
    /// <param name="inputSize">Width of the sender.</param>
    /// <param name="outputSize">Width of the receiver.</param>
    IRecursiveLink Create(IReadOnlyDictionary<string, torch.Tensor> weights, int inputSize, int outputSize);
}
