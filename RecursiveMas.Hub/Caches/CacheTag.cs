namespace RecursiveMas.Caches;

/// <summary><c>CACHEDIR.TAG</c>: tells backup programs that a folder can be made again.</summary>
internal static class CacheTag
{
    public static void Write(string cache)
    {
        Directory.CreateDirectory(cache);
        string path = Path.Combine(cache, "CACHEDIR.TAG");
        if (!File.Exists(path))
            File.WriteAllText(
                path,
                "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of the Hugging Face hub. Its content can be downloaded again.\n");
    }
}
