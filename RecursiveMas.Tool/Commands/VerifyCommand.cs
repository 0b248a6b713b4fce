using RecursiveMas.Tool.Output;

namespace RecursiveMas.Tool.Commands;

/// <summary>Reads files again and compares their hashes.</summary>
internal static class VerifyCommand
{
    public static async Task<int> RunAsync(CommandContext context, string[] names, bool repair, CancellationToken cancellationToken)
    {
        HubCache cache = context.Client.Cache;
        List<(HubListing Listing, IReadOnlyList<HubFile> Files)> wanted = await FilesAsync(context, names, cancellationToken);
        var results = new List<(HubListing Listing, IReadOnlyList<CachedFile> Files)>();
        var lines = new ProgressLines(
            "verifying",
            wanted.Sum(entry => entry.Files.Where(file => cache.Contains(entry.Listing, file)).Sum(file => file.Size)));
        var meter = new ReadMeter(lines);

        void Verify()
        {
            foreach ((HubListing listing, IReadOnlyList<HubFile> files) in wanted)
                results.Add((listing, cache.Verify(listing, files, meter.Next(), cancellationToken)));
        }

        if (context.Output.IsInteractive)
            await context.Output.DrawAsync(lines, () => Task.Run(Verify, CancellationToken.None));
        else
            Verify();
        foreach ((HubListing listing, IReadOnlyList<CachedFile> states) in results)
        {
            context.Output.Say($"{listing.Repository} at {listing.Commit}");
            foreach (CachedFile file in states.Where(file => file.State != CachedFileState.Verified))
                context.Output.Say($"  {file.Path}: {Text(file.State)}");
            if (repair)
                cache.Discard(listing, states.Where(file => file.State == CachedFileState.Corrupt).Select(file => listing.Find(file.Path)!));
        }

        int Count(CachedFileState state) => results.Sum(result => result.Files.Count(file => file.State == state));
        (int good,
            int corrupt,
            int missing,
            int unknown) = (Count(CachedFileState.Verified), Count(CachedFileState.Corrupt), Count(CachedFileState.Missing), Count(CachedFileState.Unknown));
        context.Output.Result(
            new
            {
                Verified = good, Corrupt = corrupt, Missing = missing, Unknown = unknown, Repaired = repair && corrupt > 0,
                Repositories = results.Select(result => new { Repository = result.Listing.Repository.ToString(), result.Listing.Commit, result.Files }),
            },
            () =>
            {
                CommandOutput.Line($"{good} verified, {corrupt} damaged, {missing} missing, {unknown} of unknown hash");
                if (corrupt + missing > 0)
                    CommandOutput.Line(corrupt > 0 && !repair
                        ? "Remove the damaged files with --repair, then download again."
                        : "Download again to complete them.");
            });
        return corrupt + missing > 0 ? ExitCode.Missing : ExitCode.Done;
    }

    /// <summary>What is verified: the files of systems, and those that repositories should have.</summary>
    private static async Task<List<(HubListing, IReadOnlyList<HubFile>)>> FilesAsync(
        CommandContext context,
        string[] names,
        CancellationToken cancellationToken)
    {
        HubCache cache = context.Client.Cache;
        var files = new List<(HubListing, IReadOnlyList<HubFile>)>();
        if (names.Length == 0)
        {
            foreach (CachedRepository cached in cache.List())
                files.AddRange(cached.Commits
                    .Select(commit => cache.FindListing(cached.Repository, commit))
                    .OfType<HubListing>()
                    .Select(listing => (listing, cache.Wanted(listing))));
            return files;
        }

        foreach (Target target in names.Select(Target.Parse))
        {
            if (target.System is { } system)
            {
                SystemState state = await SystemState.FindAsync(context.Client, system, cancellationToken);
                files.AddRange(state.Require().Repositories.Select(repository => (repository.Listing, repository.Files)));
            }
            else
            {
                HubListing listing = cache.FindListing(target.Repository!)
                    ?? throw new HubNotFoundException(target.Name, $"is not in the cache {cache.Folder}.");
                files.Add((listing, cache.Wanted(listing)));
            }
        }

        return files;
    }

    private static string Text(CachedFileState state) => state switch
    {
        CachedFileState.Corrupt => "damaged",
        CachedFileState.Missing => "missing or incomplete",
        CachedFileState.Unknown => "there, but the cache does not know its hash; download the repository once to learn it",
        _ => "verified",
    };

    /// <summary>Tells lines how fast files are read.</summary>
    private sealed class ReadMeter(ProgressLines lines) : IProgress<long>
    {
        private readonly long _started = Environment.TickCount64;
        private long _before;
        private long _now;

        /// <summary>For the next list of files, which counts from nothing again.</summary>
        public ReadMeter Next()
        {
            _before += _now;
            _now = 0;
            return this;
        }

        public void Report(long value)
        {
            _now = value;
            long elapsed = Math.Max(1, Environment.TickCount64 - _started);
            double speed = (_before + _now) * 1000.0 / elapsed;
            lines.Move(_before + _now, speed, TimeSpan.FromSeconds((lines.Size - _before - _now) / speed));
        }
    }
}
