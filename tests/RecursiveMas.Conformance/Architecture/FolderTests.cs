using System.Reflection;
using System.Xml.Linq;
using Mono.Cecil;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Architecture;

/// <summary>
/// Folders of one project do not refer to each other in circles, its root included, and what is internal lies in the namespace of its folder.
/// Read from the built assemblies, so constants, which the compiler copies, do not count.
/// </summary>
public sealed class FolderTests
{
    /// <summary>Public types lie where users look for them.</summary>
    private static readonly string[] s_publicNamespaces = ["RecursiveMas", "Microsoft.Extensions.DependencyInjection"];

    private static readonly string s_output =
        typeof(FolderTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "ProjectOutput").Value!;

    /// <summary>All libraries with code: the package RecursiveMas has none.</summary>
    public static TheoryData<string> Projects { get; } =
    [
        .. Directory.EnumerateDirectories(Goldens.RepositoryRoot, "RecursiveMas.*")
            .Where(folder => File.Exists(Path.Combine(folder, Path.GetFileName(folder) + ".csproj")))
            .Select(folder => Path.GetFileName(folder))
            .Where(project => project != "RecursiveMas")
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_of_a_project_form_no_circle(string project)
    {
        using ModuleDefinition module = Open(project);
        Dictionary<TypeDefinition, string> folders = SourceFolders.Of(project, module);
        var uses = new HashSet<(string From, string To, string Types)>();
        foreach ((TypeDefinition type, string from) in folders)
        {
            foreach (TypeDefinition used in References.Of(type).Select(Outermost))
            {
                if (folders.TryGetValue(used, out string? to) && to != from)
                    uses.Add((from, to, $"{type.Name} -> {used.Name}"));
            }
        }

        ILookup<string, string> next = uses.Select(use => (use.From, use.To)).Distinct().ToLookup(use => use.From, use => use.To);
        string[] circles =
        [
            .. from use in uses
               where Reach(next, use.To).Contains(use.From)
               group use.Types by $"{use.From} -> {use.To}" into way
               orderby way.Key
               select $"{way.Key}: {string.Join(", ", way.Order(StringComparer.Ordinal).Take(10))}",
        ];
        Assert.True(circles.Length == 0, $"{project}:{Environment.NewLine}{string.Join(Environment.NewLine, circles)}");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Internal_types_lie_in_the_namespace_of_their_folder(string project)
    {
        using ModuleDefinition module = Open(project);
        string root = (string?)XDocument.Load(ProjectFile(project)).Descendants("RootNamespace").FirstOrDefault() ?? "RecursiveMas";
        string[] strays =
        [
            .. from entry in SourceFolders.Of(project, module)
               let wanted = entry.Value == "." ? root : $"{root}.{entry.Value.Replace('/', '.')}"
               where entry.Key.FullName != "Program"
                   && entry.Key.Namespace != wanted
                   && !(entry.Key.IsPublic && s_publicNamespaces.Contains(entry.Key.Namespace))
               select $"{entry.Key.FullName} lies in {entry.Value}",
        ];
        Assert.True(strays.Length == 0, $"{project}:{Environment.NewLine}{string.Join(Environment.NewLine, strays)}");
    }

    private static string ProjectFile(string project) => Path.Combine(Goldens.RepositoryRoot, project, project + ".csproj");

    private static ModuleDefinition Open(string project)
    {
        string path = Path.Combine(Goldens.RepositoryRoot, project, s_output, project + ".dll");
        Assert.True(File.Exists(path), $"{path} is not built: refer to {project} from this project.");
        return ModuleDefinition.ReadModule(path);
    }

    private static HashSet<string> Reach(ILookup<string, string> next, string start)
    {
        var reached = new HashSet<string> { start };
        var open = new Stack<string>([start]);
        while (open.TryPop(out string? folder))
        {
            foreach (string to in next[folder].Where(reached.Add))
                open.Push(to);
        }

        return reached;
    }

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
