namespace RecursiveMas.Weights;

/// <summary>Weights in forms that are not read, and what can be done about each.</summary>
internal static class OtherWeights
{
    private static readonly (Func<string, bool> Is, string What)[] s_forms =
    [
        (name => name == "pytorch_model.bin",
            "pickled weights, which are read as data by the converter only: CheckpointConverter.ToSafetensors(\"pytorch_model.bin\", " +
            "\"model.safetensors\") writes what is read here"),
        (name => name.EndsWith(".bin", StringComparison.Ordinal)
            || name.EndsWith(".bin.index.json", StringComparison.Ordinal)
            || name.EndsWith(".pth", StringComparison.Ordinal),
            "pickled weights, which are not read because reading a pickle means running it. " +
            "Load them with a Python that you trust and save them with save_pretrained, which writes safetensors"),
        (name => name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".safetensors.index.json", StringComparison.Ordinal),
            "safetensors under another name: of a variant, an adapter, or another program. Take the file of the original repository"),
        (name => name.EndsWith(".gguf", StringComparison.Ordinal), "weights for llama.cpp. Take the original repository"),
        (name => name.EndsWith(".h5", StringComparison.Ordinal)
            || name.EndsWith(".msgpack", StringComparison.Ordinal)
            || name.EndsWith(".npz", StringComparison.Ordinal)
            || name.EndsWith(".onnx", StringComparison.Ordinal),
            "weights for another framework. Take a repository with safetensors"),
    ];

    /// <summary>What is thrown for a folder without safetensors: it names the weights that are there instead.</summary>
    public static CheckpointException Refusal(CheckpointFolder folder, string single, string index)
    {
        string missing = $"has neither {single} nor {index}";
        IReadOnlyList<string> files = folder.Files;
        foreach ((Func<string, bool> isForm, string what) in s_forms)
        {
            string[] found = [.. files.Where(name => isForm(name) && !IsLink(name))];
            if (found.Length > 0)
                return new UnsupportedCheckpointException(folder.Name, $"{missing}, but {Listed(found)}: {what}.");
        }

        return new CheckpointException(folder.Name, $"{missing}. Complete the download of this repository.");
    }

    // Those of links are no weights of a model.
    private static bool IsLink(string name) => name.EndsWith(".pt" + CheckpointConverter.Extension, StringComparison.Ordinal);

    private static string Listed(string[] names)
    {
        const int Shown = 3;
        return string.Join(", ", names.Take(Shown)) + (names.Length > Shown ? $" and {names.Length - Shown} more" : "");
    }
}
