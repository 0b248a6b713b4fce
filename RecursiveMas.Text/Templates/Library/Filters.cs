using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Library;

/// <summary>What may stand after a pipe.</summary>
internal static class Filters
{
    public static readonly Dictionary<string, NativeFunction> Table = Build();

    private static Dictionary<string, NativeFunction> Build()
    {
        var table = new Dictionary<string, NativeFunction>();
        foreach (NativeFunction filter in TextFilters.All.Concat(SequenceFilters.All).Concat(SelectionFilters.All).Concat(ValueFilters.All))
            table.Add(filter.Name, filter);
        foreach ((string alias, string name) in new[] { ("d", "default"), ("e", "escape"), ("count", "length") })
            table.Add(alias, table[name]);
        return table;
    }

    public static TemplateFault ArgumentError(string message) => new("FilterArgumentError", message);
}
