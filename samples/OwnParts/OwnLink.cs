using System.Reflection;
using TorchSharp;

namespace RecursiveMas.OwnParts;

/// <summary>
/// A link type of one's own: the published outer link, and a gain behind it. Its name stands in the manifest of the links, as that of any other type.
/// </summary>
internal sealed class GainLinkType : ILinkType
{
    private const string Gain = "gain";
    private static readonly ILinkType s_body = LinkTypeRegistry.BuiltIn.Find(LinkTypeRegistry.DefaultOuter, nameof(GainLinkType));

    public string AdapterType => "outer_gain_adapter";

    public LinkKind Kind => LinkKind.Outer;

    public IReadOnlyList<LinkTensor> GetTensors(int inputSize, int outputSize) => [.. s_body.GetTensors(inputSize, outputSize), new LinkTensor(Gain, [1])];

    public IRecursiveLink Create(IReadOnlyDictionary<string, torch.Tensor> weights, int inputSize, int outputSize) =>
        new Link(AdapterType, s_body.Create(weights.Where(weight => weight.Key != Gain).ToDictionary(), inputSize, outputSize), weights[Gain]);

    private sealed class Link(string type, IRecursiveLink body, torch.Tensor gain) : IRecursiveLink
    {
        public string AdapterType => type;

        public int InputSize => body.InputSize;

        public int OutputSize => body.OutputSize;

        public LatentBlock Apply(LatentBlock states, torch.ScalarType outputDtype)
        {
            using LatentBlock mapped = body.Apply(states, torch.ScalarType.Float32);
            using var scope = torch.NewDisposeScope();
            return new LatentBlock((mapped.Values * gain).to_type(outputDtype)); // [m, OutputSize]
        }

        public void Dispose()
        {
            body.Dispose();
            gain.Dispose();
        }
    }
}

/// <summary>Gives the links of the tiny system a gain and asks with it.</summary>
internal static class OwnLink
{
    private const string System = "sequential_tiny", Links = "Sequential-Tiny-Outerlinks", Manifest = "outerlink_config.json";

    public static async Task ShowAsync(TextWriter output)
    {
        await output.WriteLineAsync("A link type of one's own:");
        foreach (float gain in new[] { 1f, 0f })
        {
            string folder = Directory.CreateTempSubdirectory("own-link-").FullName;
            try
            {
                WriteSystem(folder, gain);
                await using MasSystem mas = await MasSystem.LoadAsync(folder, new MasOptions { LinkTypes = LinkTypeRegistry.BuiltIn.With(new GainLinkType()) });
                MasAnswer answer = await mas.AskAsync("Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?");
                await output.WriteLineAsync($"  gain {gain}: {mas.Links["outer_12"].AdapterType} says {answer.Extracted?.Value ?? "nothing"}");
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static void WriteSystem(string folder, float gain)
    {
        Assembly embedded = TinySystemFiles.Assembly;
        foreach (string name in embedded.GetManifestResourceNames().Where(name => name.StartsWith(System + "/", StringComparison.Ordinal)))
        {
            string path = Path.Combine(folder, name[(System.Length + 1)..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using Stream source = embedded.GetManifestResourceStream(name)!;
            using FileStream target = File.Create(path);
            source.CopyTo(target);
        }

        string links = Path.Combine(folder, Links);
        foreach (string file in Directory.GetFiles(links, "*.pt"))
            AddGain(file, gain);
        string manifest = Path.Combine(links, Manifest);
        File.WriteAllText(
            manifest,
            File.ReadAllText(manifest).Replace(LinkTypeRegistry.DefaultOuter, new GainLinkType().AdapterType, StringComparison.Ordinal));
    }

    /// <summary>A link's file is a state dictionary in the form of torch.save; its tensors are bytes until somebody computes with them.</summary>
    private static void AddGain(string path, float gain)
    {
        var written = new MemoryStream();
        using (var file = PtFile.Open(CheckpointFolder.FromFile(path, out string name), name, PtRules.Link))
        {
            PtTensorSource[] tensors =
            [
                .. file
                    .GetStateDictionary()
                    .Select(tensor => new PtTensorSource(tensor.Key, tensor.Value.Type, tensor.Value.Shape, take => take(Bytes(file, tensor.Value.Storage)))),
                new PtTensorSource("gain", ElementType.Float32, [1], take => take(BitConverter.GetBytes(gain))),
            ];
            PtWriter.Write(written, tensors, "adapter", [""]);
        }

        File.WriteAllBytes(path, written.ToArray());
    }

    private static byte[] Bytes(PtFile file, PtStorage storage)
    {
        byte[] bytes = new byte[storage.ByteCount];
        using Stream stream = file.OpenStorage(storage);
        stream.ReadExactly(bytes);
        return bytes;
    }
}
