using RecursiveMas.Native;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>Turns descriptions of tensors into tensors with memory of their own.</summary>
internal sealed class PtTensors(PtFile file) : IDisposable
{
    private const int Step = 1 << 24;

    private readonly Dictionary<string, StorageUse> _storages = new(StringComparer.Ordinal);
    private long _copyLimit = (1 << 20) + file.Length;

    /// <summary>
    /// Announces a tensor that will be loaded, after checking that its bytes are there. Every tensor is announced before the first is loaded.
    /// </summary>
    /// <exception cref="CheckpointException">
    /// Its storage is missing, of another size than claimed, or used as two types; or a dense copy would be far larger than the file.
    /// </exception>
    public void Announce(PtTensor tensor)
    {
        PtStorage storage = tensor.Storage;
        if (!_storages.TryGetValue(storage.Key, out StorageUse? use))
        {
            // Only to see that it is there.
            file.OpenStorage(storage).Dispose();
            _storages.Add(storage.Key, use = new StorageUse(storage));
        }

        if (use.Storage != storage)
            throw Bad($"uses its storage {storage.Key} as {use.Storage.ClassName} and as {storage.ClassName}, or with two sizes");
        use.Users++;
        use.Pending++;
        if (use.Users > 1 || !FillsStorage(tensor))
        {
            _copyLimit -= tensor.ByteCount;
            if (_copyLimit < 0)
                throw Bad("expands a small storage to tensors that are far larger than the file");
        }
    }

    /// <summary>A tensor as stored, dense, in row-major order and with memory of its own, on the CPU. It joins the current dispose scope.</summary>
    /// <exception cref="CheckpointException">The record is damaged.</exception>
    public Tensor Load(PtTensor tensor)
    {
        StorageUse use = _storages[tensor.Storage.Key];
        using var mode = inference_mode(false);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        use.Elements ??= Read(use).DetachFromDisposeScope();
        Tensor result = use.Users == 1 && FillsStorage(tensor)
            ? use.Elements.view([.. tensor.Shape])
            : empty([.. tensor.Shape], tensor.Type.ToScalarType()).copy_(use.Elements.as_strided([.. tensor.Shape], [.. tensor.Strides], tensor.Offset));
        if (--use.Pending == 0)
        {
            use.Elements.Dispose();
            use.Elements = null;
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Releases storages that are still held for tensors not loaded.</summary>
    public void Dispose()
    {
        foreach (StorageUse use in _storages.Values)
            use.Elements?.Dispose();
    }

    private static bool FillsStorage(PtTensor tensor) => tensor.IsContiguous && tensor.Count == tensor.Storage.Count;

    private Tensor Read(StorageUse use)
    {
        ScalarType type = use.Storage.Type.ToScalarType();
        if (use.Storage.Count == 0)
            return empty(0, type);
        Tensor bytes = empty(use.Storage.ByteCount, ScalarType.Byte);
        using Stream stream = file.OpenStorage(use.Storage);
        for (long at = 0; at < stream.Length; at += Step)
        {
            using Tensor part = bytes.narrow(0, at, Math.Min(Step, stream.Length - at));
            stream.ReadExactly(part.bytes);
        }

        return type switch
        {
            ScalarType.Byte => bytes,
            // Any byte may stand in the file, but only 0 and 1 are booleans.
            ScalarType.Bool => bytes.ne(HeldNumbers.Zero),
            _ => TorchNative.ViewDtype(bytes, type),
        };
    }

    private CheckpointException Bad(string fault) => new(file.Name, $"{fault}. The file was refused; write it again with torch.save.");

    private sealed class StorageUse(PtStorage storage)
    {
        public PtStorage Storage { get; } = storage;

        public int Users { get; set; }

        public int Pending { get; set; }

        public Tensor? Elements { get; set; }
    }
}
