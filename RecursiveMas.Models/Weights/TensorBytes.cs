using RecursiveMas.Checkpoints;
using RecursiveMas.Native;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>A tensor that is loaded only when it is written.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Load">Gives the tensor; it is disposed by the writer.</param>
internal sealed record TensorSource(string Name, ScalarType Type, long[] Shape, Func<Tensor> Load)
{
    /// <summary>A source of a tensor at hand, which stays its owner's.</summary>
    public static TensorSource Of(string name, Tensor tensor) => new(name, tensor.dtype, tensor.shape, () => tensor.alias());

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));
}

/// <summary>The bytes of tensors in row-major order.</summary>
internal static class TensorBytes
{
    private const int Step = 1 << 24, Page = 1 << 12;

    /// <summary>Hands the bytes of a tensor on in pieces, from whatever device and strides it has.</summary>
    public static void ForEachPart(Tensor tensor, Action<ReadOnlySpan<byte>> take)
    {
        using var scope = NewDisposeScope();
        if (tensor.numel() == 0)
            return;
        Tensor bytes = Flat(tensor);
        long length = bytes.size(0);
        for (long at = 0; at < length; at += Step)
        {
            using Tensor part = bytes.narrow(0, at, Math.Min(Step, length - at));
            take(part.bytes);
        }
    }

    /// <summary>Whether two tensors of one type and shape hold the same bytes.</summary>
    /// <param name="one">One tensor.</param>
    /// <param name="other">The other.</param>
    /// <param name="samples">How many pages to compare at most, spread over the whole; null for all.</param>
    public static bool Same(Tensor one, Tensor other, int? samples = null)
    {
        using var scope = NewDisposeScope();
        if (one.numel() == 0)
            return true;
        Tensor left = Flat(one), right = Flat(other);
        long length = left.size(0), piece = samples is null ? Step : Page, pieces = (length + piece - 1) / piece;
        long compared = Math.Min(samples ?? pieces, pieces);
        for (long i = 0; i < compared; i++)
        {
            long at = (compared == pieces ? i : i * (pieces - 1) / Math.Max(compared - 1, 1)) * piece, size = Math.Min(piece, length - at);
            using Tensor a = left.narrow(0, at, size), b = right.narrow(0, at, size);
            if (!a.bytes.SequenceEqual(b.bytes))
                return false;
        }

        return true;
    }

    private static Tensor Flat(Tensor tensor) => TorchNative.ViewDtype(tensor.detach().cpu().contiguous().view(-1), ScalarType.Byte);

    /// <summary>Writes a file so that it appears under its name only when it is complete.</summary>
    /// <exception cref="CheckpointException">The system refused to write it.</exception>
    public static void WriteFile(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        string temporary = $"{full}.{Guid.NewGuid():N}.tmp";
        FileFaults.Write(full, () =>
        {
            try
            {
                using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
                {
                    write(stream);
                    stream.Flush(flushToDisk: true);
                }

                File.Move(temporary, full, overwrite: true);
            }
            finally
            {
                if (File.Exists(temporary))
                    File.Delete(temporary);
            }
        });
    }
}
