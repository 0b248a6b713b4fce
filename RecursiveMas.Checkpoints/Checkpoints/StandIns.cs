using System.Globalization;
using System.Text;

namespace RecursiveMas.Checkpoints;

/// <summary>Files that stand in the place of the real ones: pointers of Git LFS, web pages that a download saved, and what macOS keeps beside files.</summary>
internal static class StandIns
{
    /// <summary>How the names of files begin that macOS writes beside others on disks without resource forks.</summary>
    public const string AppleDoublePrefix = "._";

    // A pointer is shorter than this, by the specification of Git LFS.
    private const int LongestPointer = 1024;
    private const int Longest = 24;

    private static readonly string[] s_pointers = ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"];
    private static readonly string[] s_pages = ["<!doctype html", "<html", "<?xml "];

    private static ReadOnlySpan<byte> AppleDouble => [0x00, 0x05, 0x16, 0x07];

    /// <summary>Looks at the start of a file; the stream is at its start again afterwards.</summary>
    /// <exception cref="CheckpointException">It is no file of a checkpoint, but stands where one belongs.</exception>
    public static void Refuse(Stream stream, string file)
    {
        Span<byte> bytes = stackalloc byte[LongestPointer];
        int start = stream.ReadAtLeast(bytes[..Longest], Longest, throwOnEndOfStream: false);
        if (IsText(bytes[..start], s_pointers) && stream.Length < LongestPointer)
        {
            start += stream.ReadAtLeast(bytes[start..], LongestPointer - start, throwOnEndOfStream: false);
            throw new CheckpointException(file, $"is a pointer of Git LFS, not the file itself{SizeIn(bytes[..start])}. Run 'git lfs pull' in the clone, " +
                "or download the repository with a client of the hub.");
        }

        if (IsText(bytes[..start], s_pages))
            throw new CheckpointException(file, "is a web page or an XML message of a server, not the file. The download went wrong; repeat it.");
        if (bytes[..start].StartsWith(AppleDouble))
            throw new CheckpointException(file, $"is an AppleDouble file, which macOS writes beside a real one under a name that begins with " +
                $"'{AppleDoublePrefix}'. Name the real file, or copy it again.");
        stream.Position = 0;
    }

    // Each of the texts, as far as it fits in.
    private static bool IsText(ReadOnlySpan<byte> bytes, string[] texts)
    {
        string found = Encoding.ASCII.GetString(bytes);
        return texts.Any(text => found.StartsWith(text[..Math.Min(text.Length, Longest)], StringComparison.OrdinalIgnoreCase));
    }

    private static string SizeIn(ReadOnlySpan<byte> pointer)
    {
        const string Key = "size ";
        string? line = Encoding.ASCII.GetString(pointer).Split('\n').FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
        return long.TryParse(line?[Key.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long size) ? $", which has {size:N0} bytes" : "";
    }
}
