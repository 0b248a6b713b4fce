using Xunit;

namespace RecursiveMas.Testing;

/// <summary>The real small model, unpacked by .ci/run into an ignored folder; tests that need it report themselves as not run without it.</summary>
public static class RealModel
{
    public const string Variable = "RECURSIVEMAS_SMOLLM2";

    /// <summary>Its folder; the running test is skipped if it is not there.</summary>
    public static string Folder()
    {
        string folder = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named
            : Path.Combine(Goldens.RepositoryRoot, "artifacts", "models", "smollm2-135m-instruct");
        Assert.SkipUnless(
            File.Exists(Path.Combine(folder, "model.safetensors")),
            $"The real model is not at {folder}; .ci/run unpacks it, and {Variable} may name another folder.");
        return folder;
    }
}
