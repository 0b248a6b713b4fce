using System.IO.Enumeration;

namespace RecursiveMas;

/// <summary>Chooses the files of a repository that are wanted.</summary>
public sealed class HubFileFilter
{
    private static readonly string[] s_otherFormats =
    [
        "*.bin", "*.pth", "*.h5", "*.msgpack", "*.onnx", "*.onnx_data", "*.gguf", "*.ot", "*.tflite", "*.mlmodel", "*.mlpackage/*",
        "consolidated*", "original/*", "onnx/*", "openvino/*", "flax_model*", "tf_model*", "rust_model*",
    ];

    private readonly Chooser _choose;

    private HubFileFilter(Chooser choose) => _choose = choose;

    /// <summary>Chooses files of a listing; may read some of them to do so.</summary>
    internal delegate Task<IReadOnlyList<HubFile>> Chooser(HubListing listing, Func<HubFile, Task<byte[]>> read);

    /// <summary>Every file.</summary>
    public static HubFileFilter All { get; } = Of(files => files);

    /// <summary>Every file, but where weights are there as safetensors, not the same weights again in other formats. The default.</summary>
    public static HubFileFilter WeightsOnce { get; } = Of(files =>
        files.Any(file => Matches("*.safetensors", file.Path))
            ? files.Where(file => !s_otherFormats.Any(pattern => Matches(pattern, file.Path)))
            : files);

    /// <summary>Files by pattern: '*' stands for any characters, '?' for one; case counts.</summary>
    /// <param name="include">A file must match one of these; empty or null lets all in.</param>
    /// <param name="exclude">A file must match none of these.</param>
    public static HubFileFilter Patterns(IReadOnlyCollection<string>? include, IReadOnlyCollection<string>? exclude = null) => Of(files => files.Where(file =>
        (include is null or { Count: 0 } || include.Any(pattern => Matches(pattern, file.Path)))
            && !(exclude?.Any(pattern => Matches(pattern, file.Path)) ?? false)));

    /// <summary>Files by a rule of your own.</summary>
    /// <param name="choose">Gets all files and returns those that are wanted.</param>
    public static HubFileFilter Of(Func<IReadOnlyList<HubFile>, IEnumerable<HubFile>> choose)
    {
        ArgumentNullException.ThrowIfNull(choose);
        return new((listing, _) => Task.FromResult<IReadOnlyList<HubFile>>([.. choose(listing.Files)]));
    }

    /// <summary>Files by a rule that has to read some of them.</summary>
    internal static HubFileFilter OfContent(Chooser choose) => new(choose);

    /// <summary>The files that are wanted.</summary>
    /// <param name="listing">All files.</param>
    /// <param name="read">Reads a file, verified.</param>
    internal Task<IReadOnlyList<HubFile>> ChooseAsync(HubListing listing, Func<HubFile, Task<byte[]>> read) => _choose(listing, read);

    private static bool Matches(string pattern, string path) => FileSystemName.MatchesSimpleExpression(pattern, path, ignoreCase: false);
}
