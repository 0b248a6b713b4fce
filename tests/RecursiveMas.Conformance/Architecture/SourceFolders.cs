using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Xunit;
using ModuleDefinition = Mono.Cecil.ModuleDefinition;
using TypeDefinition = Mono.Cecil.TypeDefinition;

namespace RecursiveMas.Conformance.Architecture;

/// <summary>Finds by a library's symbols in which folders its types are written. Files that several libraries compile lie in Shared.</summary>
internal static class SourceFolders
{
    /// <summary>The folder of each type within its project, "." for the root. Types without a source file, made by the compiler, are left out.</summary>
    public static Dictionary<TypeDefinition, string> Of(string project, ModuleDefinition module)
    {
        using MetadataReaderProvider symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(module.FileName, ".pdb")));
        MetadataReader reader = symbols.GetMetadataReader();
        var folders = new Dictionary<TypeDefinition, string>();
        foreach (TypeDefinition type in module.Types)
        {
            string[] own = [.. Sources(reader, type).Select(path => FolderIn(project, path)).OfType<string>().Distinct()];
            Assert.True(own.Length < 2, $"{type.FullName} lies in {string.Join(" and ", own)}");
            if (own.Length == 1)
                folders.Add(type, own[0]);
            else
                Assert.True(IsGenerated(type), $"{type.FullName} has no source file");
        }

        Assert.NotEmpty(folders);
        return folders;
    }

    private static bool IsGenerated(TypeDefinition type) =>
        type.Name.Contains('<', StringComparison.Ordinal) || !type.Namespace.StartsWith("RecursiveMas", StringComparison.Ordinal);

    private static string? FolderIn(string project, string source)
    {
        string path = source.Replace('\\', '/');
        int start = path.LastIndexOf($"/{project}/", StringComparison.Ordinal);
        if (start < 0)
            return path.Contains("/Shared/", StringComparison.Ordinal) ? "Shared" : null;
        string relative = path[(start + project.Length + 2)..];
        if (relative.StartsWith("obj/", StringComparison.Ordinal))
            return null;
        int end = relative.LastIndexOf('/');
        return end < 0 ? "." : relative[..end];
    }

    private static IEnumerable<string> Sources(MetadataReader reader, TypeDefinition type)
    {
        // The compiler lists the files of a type that has no code: an enum, an interface.
        var listed = new Guid("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");
        foreach (CustomDebugInformationHandle handle in reader.GetCustomDebugInformation(MetadataTokens.TypeDefinitionHandle((int)type.MetadataToken.RID)))
        {
            CustomDebugInformation information = reader.GetCustomDebugInformation(handle);
            if (reader.GetGuid(information.Kind) != listed)
                continue;
            BlobReader blob = reader.GetBlobReader(information.Value);
            while (blob.RemainingBytes > 0)
                yield return Name(reader, MetadataTokens.DocumentHandle(blob.ReadCompressedInteger()));
        }

        foreach (Mono.Cecil.MethodDefinition method in type.Methods)
        {
            MethodDebugInformation information = reader.GetMethodDebugInformation(MetadataTokens.MethodDefinitionHandle((int)method.MetadataToken.RID));
            if (!information.Document.IsNil)
                yield return Name(reader, information.Document);
        }

        foreach (string path in type.NestedTypes.SelectMany(nested => Sources(reader, nested)))
            yield return path;
    }

    private static string Name(MetadataReader reader, DocumentHandle document) => reader.GetString(reader.GetDocument(document).Name);
}
