using RecursiveMas.Checkpoints;
using RecursiveMas.Native;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>
/// An open safetensors file. Tensors are views of a private memory map where the file lies on disk, and stay valid after the file is
/// disposed; a file in a resource is read tensor by tensor.
/// </summary>
/// <remarks>Safe for concurrent calls, apart from disposal. Tensors join the current dispose scope; they are never inference tensors.</remarks>
internal sealed class SafetensorsFile : IDisposable
{
    private readonly CheckpointFolder _folder;
    private readonly string _file;
    private readonly SafetensorsHeader _header;
    private readonly Lazy<Tensor?> _map;

    private SafetensorsFile(CheckpointFolder folder, string file, SafetensorsHeader header, long length)
    {
        (_folder, _file, _header) = (folder, file, header);
        _map = new Lazy<Tensor?>(() => Map(length));
    }

    /// <summary>Full name for messages.</summary>
    public string Name => _folder.Describe(_file);

    /// <summary>Free text that the writer attached.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors by name, as the header describes them.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _header.Tensors;

    /// <summary>Opens a file and checks its header. No data are read.</summary>
    /// <exception cref="CheckpointException">The file is missing, damaged or hostile.</exception>
    public static SafetensorsFile Open(CheckpointFolder folder, string file)
    {
        using Stream stream = folder.OpenRead(file);
        long length = stream.Length;
        return new SafetensorsFile(folder, file, SafetensorsHeader.Read(stream, length, folder.Describe(file)), length);
    }

    /// <summary>Element type of a tensor.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or its element type cannot be loaded.</exception>
    public ScalarType TypeOf(string name)
    {
        if (!Tensors.TryGetValue(name, out SafetensorsTensor? tensor))
            throw new CheckpointException(Name, $"has no tensor '{name}'.");
        return tensor.Type?.ToScalarType()
            ?? throw new UnsupportedCheckpointException(
                Name,
                $"the tensor '{name}' is stored as {tensor.TypeName}, which cannot be loaded. Convert the file to BF16, F16 or F32.");
    }

    /// <summary>A tensor as stored.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <exception cref="CheckpointException">There is no such tensor, or its element type cannot be loaded.</exception>
    public Tensor Get(string name)
    {
        ScalarType type = TypeOf(name);
        SafetensorsTensor tensor = Tensors[name];
        using var mode = inference_mode(false);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Tensor result = tensor.ByteCount == 0
            ? empty([.. tensor.Shape], type)
            : Interpret(Bytes(tensor), type).view([.. tensor.Shape]);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Takes a tensor's pages out of memory, after its values went elsewhere. A view of it stays valid; what it reads comes from the file again.
    /// </summary>
    /// <param name="name">Its name in the file.</param>
    public void LetGo(string name)
    {
        if (_map is { IsValueCreated: true, Value: { } map })
            ProcessMemory.LetGo(map, Tensors[name].Begin, Tensors[name].ByteCount);
    }

    /// <summary>Whether another file holds the same tensor under this name: type, shape and every byte. Both must hold it.</summary>
    public bool HasSame(string name, SafetensorsFile other)
    {
        if (Tensors[name].TypeName != other.Tensors[name].TypeName || !Tensors[name].Shape.SequenceEqual(other.Tensors[name].Shape))
            return false;
        using Stream mine = _folder.OpenRead(_file), theirs = other._folder.OpenRead(other._file);
        (mine.Position, theirs.Position) = (Tensors[name].Begin, other.Tensors[name].Begin);
        const int Block = 1 << 20;
        byte[] first = new byte[Math.Min(Block, Tensors[name].ByteCount)], second = new byte[first.Length];
        for (long left = Tensors[name].ByteCount; left > 0; left -= first.Length)
        {
            int count = (int)Math.Min(first.Length, left);
            mine.ReadExactly(first, 0, count);
            theirs.ReadExactly(second, 0, count);
            if (!first.AsSpan(0, count).SequenceEqual(second.AsSpan(0, count)))
                return false;
        }

        return true;
    }

    /// <summary>Releases the file. Tensors handed out before stay valid.</summary>
    public void Dispose()
    {
        if (_map.IsValueCreated)
            _map.Value?.Dispose();
    }

    private Tensor Bytes(SafetensorsTensor tensor)
    {
        if (_map.Value is not { } map)
            return ReadBytes(tensor);
        Tensor bytes = map.narrow(0, tensor.Begin, tensor.ByteCount);
        // Elements have to begin at a multiple of their size; the format does not promise it.
        return tensor.Begin % tensor.ElementSize == 0 ? bytes : bytes.clone();
    }

    private static Tensor Interpret(Tensor bytes, ScalarType type) => type switch
    {
        ScalarType.Byte => bytes,
        // Any byte may stand in the file, but only 0 and 1 are booleans.
        ScalarType.Bool => bytes.ne(HeldNumbers.Zero),
        _ => TorchNative.ViewDtype(bytes, type),
    };

    private Tensor ReadBytes(SafetensorsTensor tensor)
    {
        using Stream stream = _folder.OpenRead(_file);
        stream.Position = tensor.Begin;
        Tensor bytes = empty(tensor.ByteCount, ScalarType.Byte);
        const long Step = 1 << 24;
        for (long at = 0; at < tensor.ByteCount; at += Step)
        {
            using Tensor part = bytes.narrow(0, at, Math.Min(Step, tensor.ByteCount - at));
            stream.ReadExactly(part.bytes);
        }

        return bytes;
    }

    private Tensor? Map(long length)
    {
        // TorchSharp hands Windows file names over in the code page of the system.
        if (_folder.GetPhysicalPath(_file) is not { } path || (OperatingSystem.IsWindows() && !System.Text.Ascii.IsValid(path)))
            return null;
        try
        {
            return from_file(path, shared: false, length, ScalarType.Byte).DetachFromDisposeScope();
        }
        catch (System.Runtime.InteropServices.ExternalException error)
        {
            throw new CheckpointException(Name, "could not be mapped. Was it changed while it was open?", error);
        }
    }
}
