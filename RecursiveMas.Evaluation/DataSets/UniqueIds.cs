using System.Globalization;

namespace RecursiveMas.DataSets;

/// <summary>Names that are there once.</summary>
internal static class UniqueIds
{
    /// <summary>A name with its place behind it, as often as it takes to be a new one.</summary>
    public static string Add(HashSet<string> known, string id, int place)
    {
        while (!known.Add(id))
            id = string.Create(CultureInfo.InvariantCulture, $"{id}#{place}");
        return id;
    }
}
