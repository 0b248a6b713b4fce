using System.Buffers.Binary;

namespace RecursiveMas.Loading;

/// <summary>
/// A system of which only small files and the headers of the weights have been read, over the network where they are not here: enough to tell its memory.
/// </summary>
internal static class RemoteHeaders
{
    private const int FirstRead = 64 << 10;
    private const int LargestSmallFile = 32 << 20;
    private const int LengthField = 8;

    public static async Task<FoundSystem> ReadAsync(HubClient hub, StyleDefinition style, MasOptions options, HubPlan plan, CancellationToken cancellationToken)
    {
        var folders = new Dictionary<string, CheckpointFolder>(StringComparer.Ordinal);
        foreach (HubPlannedRepository repository in plan.Repositories)
        {
            var files = new Dictionary<string, FileBeginning>(StringComparer.Ordinal);
            foreach (HubFile file in repository.Files)
                files.Add(file.Path, new FileBeginning(
                    await StartAsync(hub, repository.Listing, file, cancellationToken).ConfigureAwait(false),
                    file.Size,
                    file.Sha256 ?? file.GitId));
            folders.Add(repository.Listing.Repository.Name, CheckpointFolder.FromBeginnings(repository.Listing.Repository.ToString(), files));
        }

        return new FoundSystem(
            style,
            new Folders(folders),
            Needs.Agents(style, options).ToDictionary(agent => agent, agent => folders[style.RepositoryOf(agent)], StringComparer.Ordinal));
    }

    private static async Task<byte[]> StartAsync(HubClient hub, HubListing listing, HubFile file, CancellationToken cancellationToken)
    {
        if (Path.GetExtension(file.Path) == ".safetensors")
        {
            byte[] start = await hub.ReadStartAsync(listing, file, FirstRead, cancellationToken).ConfigureAwait(false);
            ulong header = start.Length < LengthField ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(start);
            return header + LengthField <= (ulong)start.Length || header > SafetensorsHeader.MaximumLength
                ? start
                : await hub.ReadStartAsync(listing, file, (int)header + LengthField, cancellationToken).ConfigureAwait(false);
        }

        // Sizes are all that is asked of links, and tokenizers are not looked at.
        return file.Path is "config.json" or "generation_config.json" or "model.safetensors.index.json" or "innerlink_config.json" or "outerlink_config.json"
            or "adapter_config.json"
            ? await hub.ReadFileAsync(listing, file, LargestSmallFile, cancellationToken).ConfigureAwait(false)
            : [];
    }

    private sealed class Folders(IReadOnlyDictionary<string, CheckpointFolder> folders) : SystemFolder
    {
        public override string Name => "the hub";

        public override IReadOnlyList<string> Repositories => [.. folders.Keys];

        public override CheckpointFolder? Find(string repository) => folders.GetValueOrDefault(repository);
    }
}
