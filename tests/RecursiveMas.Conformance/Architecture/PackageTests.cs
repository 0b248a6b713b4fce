using System.Runtime.CompilerServices;
using System.Xml.Linq;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Architecture;

/// <summary>References lead downward only, and libraries leave the choice of native binaries to applications.</summary>
public class PackageTests
{
    /// <summary>From the bottom up; a project may refer to those before it. A new library takes its place here.</summary>
    private static readonly string[] s_order =
    [
        "RecursiveMas.Checkpoints",
        "RecursiveMas.Text",
        "RecursiveMas.Hub",
        "RecursiveMas.Tool",
        "RecursiveMas.TinySystems",
        "RecursiveMas.AgentTools",
        "RecursiveMas.Core",
        "RecursiveMas.Models",
        "RecursiveMas.Styles",
        "RecursiveMas",
        "RecursiveMas.Training",
        "RecursiveMas.Evaluation",
        "RecursiveMas.Extensions.AI",
    ];

    /// <summary>Useful without 480 MB of native code.</summary>
    private static readonly string[] s_managed =
    [
        "RecursiveMas.Checkpoints", "RecursiveMas.Text", "RecursiveMas.Hub", "RecursiveMas.Tool", "RecursiveMas.TinySystems",
        "RecursiveMas.AgentTools",
    ];

    private static IEnumerable<string> Projects =>
        Directory.EnumerateDirectories(Goldens.RepositoryRoot, "RecursiveMas.*")
            .Select(folder => Path.Combine(folder, Path.GetFileName(folder) + ".csproj"))
            .Where(File.Exists);

    [Fact]
    public void Every_library_has_its_place_in_the_order()
    {
        Assert.NotEmpty(Projects);
        Assert.Empty(Projects.Select(project => Path.GetFileNameWithoutExtension(project)).Except(s_order));
    }

    [Fact]
    public void Projects_refer_downward_only()
    {
        foreach (string project in Projects)
        {
            string name = Path.GetFileNameWithoutExtension(project);
            foreach (string reference in References(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))))
            {
                Assert.True(Array.IndexOf(s_order, reference) < Array.IndexOf(s_order, name), $"{name} refers to {reference}, which stands above it.");
            }
        }
    }

    [Fact]
    public void Assemblies_refer_downward_only()
    {
        foreach (System.Reflection.Assembly assembly in new[]
        {
            typeof(CheckpointFolder), typeof(HuggingFaceTokenizer), typeof(IMasTool), typeof(RecursionEngine), typeof(CausalLanguageModel),
            typeof(TinySystemFiles), typeof(MasSystem), typeof(MasChatClient),
        }.Select(type => type.Assembly))
        {
            string name = assembly.GetName().Name!;
            foreach (string reference in assembly
                .GetReferencedAssemblies()
                .Select(reference => reference.Name!)
                .Where(reference => reference.StartsWith("RecursiveMas.", StringComparison.Ordinal)))
                Assert.True(Array.IndexOf(s_order, reference) < Array.IndexOf(s_order, name), $"{name} refers to {reference}, which stands above it.");
        }
    }

    [Fact]
    public void No_library_sees_the_inside_of_another()
    {
        Type[] libraries =
        [
            typeof(CheckpointFolder), typeof(HuggingFaceTokenizer), typeof(HubClient), typeof(RecursionEngine), typeof(CausalLanguageModel),
            typeof(TinySystemFiles), typeof(IMasTool), typeof(MasSystem), typeof(MasChatClient),
        ];
        foreach (System.Reflection.Assembly assembly in libraries.Select(type => type.Assembly))
        {
            string[] friends = [.. assembly
                .GetCustomAttributes(typeof(InternalsVisibleToAttribute), false)
                .Cast<InternalsVisibleToAttribute>()
                .Select(friend => friend.AssemblyName)];
            Assert.NotEmpty(friends);
            Assert.Empty(friends.Intersect(s_order));
        }
    }

    [Fact]
    public void Files_text_and_network_do_without_TorchSharp()
    {
        string[] managed = [.. Projects.Where(project => s_managed.Contains(Path.GetFileNameWithoutExtension(project)))];
        Assert.NotEmpty(managed);
        foreach (string project in managed)
        {
            Assert.DoesNotContain(References(project, "PackageReference"), package => package.StartsWith("TorchSharp", StringComparison.OrdinalIgnoreCase));
            Assert.All(References(project, "ProjectReference"), path => Assert.Contains(Path.GetFileNameWithoutExtension(path.Replace('\\', '/')), s_managed));
        }
    }

    [Fact]
    public void Libraries_bring_no_native_binaries()
    {
        foreach (string project in Projects)
            Assert.DoesNotContain(References(project, "PackageReference"), package => package.StartsWith("TorchSharp-", StringComparison.OrdinalIgnoreCase)
                || package.StartsWith("libtorch", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Libraries_bring_no_host_and_only_Styles_knows_of_one()
    {
        string[] hosts = ["Microsoft.Extensions.Hosting", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Logging", "Microsoft.AspNetCore"];
        // The registration of a health check is not among the abstractions.
        string[] hosted = ["Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Diagnostics.HealthChecks"];
        foreach (string project in Projects)
        {
            string[] packages = [.. References(project, "PackageReference").Concat(References(project, "FrameworkReference"))];
            Assert.DoesNotContain(packages, package => hosts.Contains(package) || package.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal));
            string[] expected = Path.GetFileNameWithoutExtension(project) == "RecursiveMas.Styles" ? hosted : [];
            Assert.Equal(expected, hosted.Intersect(packages));
        }
    }

    [Fact]
    public void Restore_settings_name_no_package_source()
    {
        XDocument settings = XDocument.Load(Path.Combine(Goldens.RepositoryRoot, "nuget.config"));
        Assert.Empty(settings.Descendants("packageSources"));
    }

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(project).Descendants(kind).Select(element => (string)element.Attribute("Include")!);
}
