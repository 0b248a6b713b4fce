using RecursiveMas.Checkpoints;

namespace RecursiveMas.Weights;

/// <summary>Tensors that lie in several shards of a model.</summary>
internal static class ShardCopies
{
    /// <summary>
    /// The copies that do not count. The index says which one does; transformers takes the one in the last file instead, so that the two may only differ where
    /// the index names that one.
    /// </summary>
    /// <param name="shards">The files in ordinal order of their names.</param>
    /// <param name="placed">The file of each tensor by the index.</param>
    /// <param name="index">Name of the index, for messages.</param>
    /// <exception cref="CheckpointException">A tensor is not in the index, or copies differ and it is open which one counts.</exception>
    public static IEnumerable<SafetensorsTensor> Overruled(
        IReadOnlyList<SafetensorsFile> shards,
        IReadOnlyDictionary<string, SafetensorsFile> placed,
        string index)
    {
        var last = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach (SafetensorsFile file in shards)
        {
            string? unplaced = file.Tensors.Keys.FirstOrDefault(name => !placed.ContainsKey(name));
            if (unplaced is not null)
                throw new CheckpointException(
                    file.Name,
                    $"holds the tensor '{unplaced}', which {index} does not place anywhere. Index and files are not of one download; repeat it.");
            foreach (string name in file.Tensors.Keys)
                last[name] = file;
        }

        foreach ((string name, SafetensorsFile file) in last)
        {
            if (placed[name] != file && !placed[name].HasSame(name, file))
                throw new CheckpointException(placed[name].Name, $"holds the tensor '{name}' as {index} says, but {file.Name} holds another one of this " +
                    "name, which transformers would take. Remove the wrong one.");
        }

        return shards.SelectMany(file => file.Tensors.Values.Where(tensor => placed[tensor.Name] != file));
    }
}
