using System.Text.Json;
using RecursiveMas.Checkpoints;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>One weight of the text model: where it is stored and how the header describes it.</summary>
internal sealed record StoredWeight(string Name, SafetensorsFile File, SafetensorsTensor Tensor);

/// <summary>The safetensors files of a model: one file, or shards with an index. Only headers are read.</summary>
/// <remarks>Safe for concurrent calls, apart from disposal.</remarks>
internal sealed class WeightFiles : IDisposable
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";
    private const int MaximumIndexBytes = SafetensorsHeader.MaximumLength;

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, StoredWeight> _weights = new(StringComparer.Ordinal);
    private readonly HashSet<SafetensorsTensor> _overruled = new(ReferenceEqualityComparer.Instance);

    private WeightFiles(string source) => Source = source;

    /// <summary>The file, or the index, for messages.</summary>
    public string Source { get; }

    /// <summary>Weights of the text model by normalised name; parts that a text model does not have are left out.</summary>
    public IReadOnlyDictionary<string, StoredWeight> Weights => _weights;

    /// <summary>Bytes of the text model's weights by element type as stored, from the headers alone.</summary>
    /// <exception cref="CheckpointException">A weight has an element type that cannot be loaded.</exception>
    public IReadOnlyDictionary<ScalarType, long> BytesByType => _weights.Values
        .GroupBy(weight => weight.File.TypeOf(weight.Tensor.Name))
        .ToDictionary(group => group.Key, group => group.Sum(weight => weight.Tensor.ByteCount));

    /// <summary>Opens the weights of a model folder and checks all headers and the index. No data are read.</summary>
    /// <exception cref="CheckpointException">
    /// A file is missing, damaged or hostile, or index and shards contradict each other; all missing shards are named.
    /// </exception>
    public static WeightFiles Open(CheckpointFolder folder)
    {
        bool single = folder.Contains(SingleFile);
        if (!single && !folder.Contains(IndexFile))
            throw OtherWeights.Refusal(folder, SingleFile, IndexFile);
        var weights = new WeightFiles(folder.Describe(single ? SingleFile : IndexFile));
        try
        {
            if (single)
                weights._files.Add(SafetensorsFile.Open(folder, SingleFile));
            else
                weights.OpenShards(folder);
            weights.NormalizeNames();
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Files of weights that a folder should have and lacks. An index that cannot be read names none; opening tells why.</summary>
    /// <param name="folder">The model folder.</param>
    public static IReadOnlyList<string> Missing(CheckpointFolder folder)
    {
        if (!folder.IsMissing(SingleFile))
            return [];
        if (folder.IsMissing(IndexFile))
            return [SingleFile];
        try
        {
            return [.. new WeightFiles(folder.Describe(IndexFile)).ReadIndex(folder).Keys.Where(folder.IsMissing).Order(StringComparer.Ordinal)];
        }
        catch (CheckpointException)
        {
            return [];
        }
    }

    /// <summary>Closes the files. Tensors handed out before stay valid.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void OpenShards(CheckpointFolder folder)
    {
        Dictionary<string, List<string>> shards = ReadIndex(folder);
        string[] missing = [.. shards.Keys.Where(shard => !folder.Contains(shard)).Order(StringComparer.Ordinal)];
        if (missing.Length > 0)
            throw new CheckpointException(
                Source,
                $"names {shards.Count} files, of which {missing.Length} are missing: {string.Join(", ", missing)}. Complete the download.");
        var placed = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach ((string shard, List<string> names) in shards.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var file = SafetensorsFile.Open(folder, shard);
            _files.Add(file);
            string? absent = names.Find(name => !file.Tensors.ContainsKey(name));
            if (absent is not null)
                throw new CheckpointException(
                    file.Name,
                    $"lacks the tensor '{absent}', which {IndexFile} places there. Index and files are not of one download; repeat it.");
            foreach (string name in names)
                placed.Add(name, file);
        }

        _overruled.UnionWith(ShardCopies.Overruled(_files, placed, IndexFile));
    }

    private Dictionary<string, List<string>> ReadIndex(CheckpointFolder folder)
    {
        JsonElement index = CheckpointJson.ReadObject(folder, IndexFile, MaximumIndexBytes);
        if (!index.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
            throw new CheckpointException(Source, "has no object 'weight_map'.");
        var shards = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String)
                throw new CheckpointException(Source, $"does not name a file for the tensor '{entry.Name}'.");
            string shard = entry.Value.GetString()!;
            if (!shards.TryGetValue(shard, out List<string>? names))
                shards.Add(shard, names = []);
            names.Add(entry.Name);
        }

        return shards.Count > 0 ? shards : throw new CheckpointException(Source, "maps no tensors.");
    }

    private void NormalizeNames()
    {
        foreach (SafetensorsFile file in _files)
        {
            foreach (SafetensorsTensor tensor in file.Tensors.Values)
            {
                if (_overruled.Contains(tensor) || WeightNames.Normalize(tensor.Name) is not { } name)
                    continue;
                if (!_weights.TryAdd(name, new StoredWeight(name, file, tensor)))
                {
                    StoredWeight first = _weights[name];
                    throw new CheckpointException(file.Name, $"holds '{tensor.Name}', and {first.File.Name} holds '{first.Tensor.Name}': " +
                        $"both are the weight '{name}'. The checkpoint mixes two layouts.");
                }
            }
        }
    }
}
