using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>How the weights of a model on a CPU lie in memory, which decides about its speed and size.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WeightFormat>))]
public enum WeightFormat
{
    /// <summary>
    /// Models that compute in float32 read weights in the type that they are stored in, from the mapped file: no memory beside it, results of float32.
    /// Models that compute in another type, or without managed kernels, take <see cref="Packed"/>. On other devices than the CPU weights of the same input
    /// are joined.
    /// </summary>
    Auto,

    /// <summary>
    /// Copies in the model's element type, laid out for oneDNN: twice the stored size where float32 models were stored in 16 bits. Fastest for prompts and for
    /// many sessions at once, slower for few. Where oneDNN is missing, copies in which weights of the same input are joined. For models on a CPU.
    /// </summary>
    Packed,

    /// <summary>
    /// Copies rounded to a byte for each element and a factor for each row, made while the model is loaded: half the memory of 16 bits. Answers differ from
    /// those of the stored weights. For models that compute in float32.
    /// </summary>
    Int8,

    /// <summary>
    /// As they are in the model's element type, each on its own, multiplied by libtorch: the mapped file where that is stored in this type. Takes a multiple of
    /// the time of the others for each token.
    /// </summary>
    Plain,
}
