namespace RecursiveMas.Tool.Output;

/// <summary>How wide the columns of a progress line are; 0 leaves one out. Bytes are always there, then time left, speed and name as there is room.</summary>
/// <param name="Name">Name; that of the total is short, so that its bar stands here too.</param>
/// <param name="Bytes">Bytes that are done, and all.</param>
/// <param name="Speed">Speed of the total.</param>
/// <param name="Left">Time left of the total.</param>
internal sealed record ProgressColumns(int Name, int Bytes, int Speed, int Left)
{
    /// <summary>Characters that stay empty: a terminal writes ^C behind the last line, and what wraps would be left behind.</summary>
    public const int Spare = 3;

    private const int BytesWidth = 18, SpeedWidth = 12, LeftWidth = 14;
    private const int ShortestName = 10, LongestName = 60;

    /// <summary>Width of a file's bar, which stands where the total has speed and time left.</summary>
    public int FileBar => Math.Max(0, Speed + Left - 2);

    /// <param name="width">Characters of the terminal.</param>
    public static ProgressColumns For(int width)
    {
        int room = width - Spare - BytesWidth;
        int left = room >= LeftWidth ? LeftWidth : 0;
        int speed = room - left >= SpeedWidth ? SpeedWidth : 0;
        room -= left + speed + 1;
        return new ProgressColumns(room < ShortestName ? 0 : Math.Min(room, LongestName), BytesWidth, speed, left);
    }

    /// <summary>A name of at most so many characters. Names of files differ at their end.</summary>
    public static string Cut(string text, int width) => text.Length <= width ? text : width < 2 ? "" : "…" + text[^(width - 1)..];
}
