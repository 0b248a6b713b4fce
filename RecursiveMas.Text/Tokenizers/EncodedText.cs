namespace RecursiveMas;

/// <summary>Ids of a text and where each stands in it.</summary>
/// <param name="Ids">The ids.</param>
/// <param name="Offsets">
/// For each id the range of the text that it covers, in UTF-16 code units; (0, 0) for special tokens that are not in the text. A token that is a part
/// of a character covers the whole character.
/// </param>
public sealed record EncodedText(IReadOnlyList<int> Ids, IReadOnlyList<(int Start, int End)> Offsets);
