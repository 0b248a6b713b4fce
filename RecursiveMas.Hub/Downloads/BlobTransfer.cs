using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RecursiveMas.Caches;
using RecursiveMas.Protocol;
using RecursiveMas.Shared;

namespace RecursiveMas.Downloads;

/// <summary>Brings one file into the cache: one transfer under the blob's lock, from where an earlier one ended, verified before it gets its name.</summary>
internal sealed class BlobTransfer(HubHttp http, ILogger logger)
{
    /// <param name="layout">Where the repository is in the cache.</param>
    /// <param name="commit">The commit of the snapshot.</param>
    /// <param name="file">The file.</param>
    /// <param name="links">Whether snapshots hold links to blobs.</param>
    /// <param name="meter">Counts bytes.</param>
    /// <param name="cancellationToken">Ends the transfer; what has arrived is kept.</param>
    public async Task RunAsync(CacheLayout layout, string commit, HubFile file, bool links, ProgressMeter.FileMeter meter, CancellationToken cancellationToken)
    {
        using BlobLock held = await BlobLock.AcquireAsync(
            layout.Lock(file),
            () => logger.LogWarning("{Repository}: another process downloads {File}; waiting for it", layout.Repository, file.Path),
            cancellationToken).ConfigureAwait(false);
        if (!SnapshotEntries.IsComplete(layout, commit, file))
        {
            if (SnapshotEntries.LengthOf(layout.Blob(file)) != file.Size)
            {
                await FetchAsync(layout, commit, file, meter, cancellationToken).ConfigureAwait(false);
                if (links)
                    File.Move(layout.Partial(file), layout.Blob(file), overwrite: true);
                else
                    SnapshotEntries.MoveIn(layout, commit, file, layout.Partial(file));
            }

            if (!SnapshotEntries.IsComplete(layout, commit, file))
                SnapshotEntries.Link(layout, commit, file, links);
        }

        meter.Done();
    }

    private async Task FetchAsync(CacheLayout layout, string commit, HubFile file, ProgressMeter.FileMeter meter, CancellationToken cancellationToken)
    {
        string subject = $"{layout.Repository}/{file.Path}";
        BlobSink sink = await BlobSink.OpenAsync(layout.Partial(file), file, http.Settings.Flush, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = sink.ConfigureAwait(false);
        bool resumed = sink.Length > 0;
        meter.Found(sink.Length);
        if (resumed)
            logger.LogInformation("{File}: going on at {Have} of {Size}", subject, ByteText.Of(sink.Length), ByteText.Of(file.Size));
        while (true)
        {
            var call = new HubCall(
                HttpMethod.Head,
                http.Addresses.File(layout.Repository, commit, file.Path),
                subject) { Repository = layout.Repository, StopAtStorage = true };
            await TransferAsync(call, commit, file, sink, meter, cancellationToken).ConfigureAwait(false);
            if (sink.Verify())
                break;
            sink.Restart();
            meter.Restart();
            // Bytes of an earlier process may be what is wrong; bytes that have just come are the hub's.
            if (!resumed)
                throw new HubIntegrityException(subject, $"what arrived does not have the hash {file.BlobName} that the hub states, and was thrown away. " +
                    "Try again; if it happens again, something between this machine and the hub alters files.");
            logger.LogWarning("{File}: what an earlier download left does not fit; starting over", subject);
            resumed = false;
        }

        await sink.FlushAsync().ConfigureAwait(false);
    }

    private async Task TransferAsync(
        HubCall call,
        string commit,
        HubFile file,
        BlobSink sink,
        ProgressMeter.FileMeter meter,
        CancellationToken cancellationToken)
    {
        var retries = new RetrySchedule(http.Settings, logger);
        FileHeaders? headers = null;
        while (sink.Length < file.Size)
        {
            headers ??= await HeadersAsync(call, commit, file, cancellationToken).ConfigureAwait(false);
            HubCall get = call with
            {
                Method = HttpMethod.Get,
                Address = headers.Location,
                StopAtStorage = false,
                Range = sink.Length > 0 ? new RangeHeaderValue(sink.Length, null) : null,
            };
            long before = sink.Length;
            using var idle = new IdleTimeout(http.Settings.DownloadTimeout, cancellationToken);
            try
            {
                using HttpResponseMessage response = await http.SendOnceAsync(get, idle).ConfigureAwait(false);
                if (HubAnswers.MayPass(response.StatusCode))
                {
                    await retries.WaitAsync(get, response, cancellationToken).ConfigureAwait(false);
                }
                else if (!http.Addresses.IsHub(headers.Location)
                    && response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone)
                {
                    // The signed address has expired; the hub gives a new one.
                    headers = null;
                    await retries.WaitAsync(get, response, cancellationToken).ConfigureAwait(false);
                }
                else if (CanAppend(get, response, file, sink, meter))
                {
                    await CopyAsync(get, response, file, sink, meter, idle).ConfigureAwait(false);
                }
                else
                {
                    await retries.WaitAsync(get, response, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception error) when (NetworkFaults.Is(error))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (sink.Length > before)
                    retries.Reset();
                await retries.WaitAsync(get, error, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<FileHeaders> HeadersAsync(HubCall call, string commit, HubFile file, CancellationToken cancellationToken)
    {
        FileHeaders headers =
            await http.SendAsync(call, (response, _) => Task.FromResult(FileHeaders.Read(call, response)), cancellationToken).ConfigureAwait(false);
        if (headers.Commit != commit)
            throw new HubProtocolException(
                call.Subject,
                $"the hub answers with the commit {ShownText.Of(headers.Commit)} where {commit} was asked for. Try again; what has arrived is kept.");
        if (headers.ContentId != file.BlobName)
            throw new HubProtocolException(call.Subject, $"the hub's list gives the content {file.BlobName}, but the file answers with " +
                $"{ShownText.Of(headers.ContentId)}. Try again; nothing of it was kept.");
        return headers.Size == file.Size
            ? headers with { Location = http.Addresses.Own(headers.Location) }
            : throw new HubProtocolException(
                call.Subject,
                $"the hub's list gives {file.Size:N0} bytes, but the file answers with {headers.Size:N0}. Try again; nothing of it was kept.");
    }

    /// <summary>Whether the answer goes on where the partial file ends; a server that starts at the beginning makes it start anew.</summary>
    private static bool CanAppend(HubCall call, HttpResponseMessage response, HubFile file, BlobSink sink, ProgressMeter.FileMeter meter)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent:
                ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
                if (range?.From == sink.Length && (range.Length ?? file.Size) == file.Size)
                    return true;
                throw new HubProtocolException(call.Subject, $"{call.Address.Host} answers with the bytes '{range}' where bytes from {sink.Length} of " +
                    $"{file.Size} were asked for. Try again; what has arrived is kept.");
            case HttpStatusCode.OK:
                if (sink.Length > 0)
                    StartOver(sink, meter);
                return (response.Content.Headers.ContentLength ?? file.Size) == file.Size
                    ? true
                    : throw new HubIntegrityException(call.Subject, $"{call.Address.Host} sends {response.Content.Headers.ContentLength:N0} bytes, but the " +
                        $"hub states {file.Size:N0}. Try again; nothing of it was kept.");
            case HttpStatusCode.RequestedRangeNotSatisfiable when sink.Length > 0:
                StartOver(sink, meter);
                return false;
            default:
                throw new HubProtocolException(
                    call.Subject,
                    $"{call.Address.Host} answers {AnswerStatus.Of(response)} to the download. Try again; what has arrived is kept.");
        }
    }

    private static void StartOver(BlobSink sink, ProgressMeter.FileMeter meter)
    {
        sink.Restart();
        meter.Restart();
    }

    private static async Task CopyAsync(
        HubCall call,
        HttpResponseMessage response,
        HubFile file,
        BlobSink sink,
        ProgressMeter.FileMeter meter,
        IdleTimeout idle)
    {
        using Stream body = await response.Content.ReadAsStreamAsync(idle.Token).ConfigureAwait(false);
        await sink.AppendAsync(body, meter.Arrived, idle).ConfigureAwait(false);
        if (sink.Length < file.Size)
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"the answer ended at {sink.Length:N0} of {file.Size:N0} bytes");
        // A length that was announced has been checked; without one the end has to be looked for.
        if (response.Content.Headers.ContentLength is null && await body.ReadAsync(new byte[1], idle.Token).ConfigureAwait(false) > 0)
        {
            StartOver(sink, meter);
            throw new HubIntegrityException(
                call.Subject,
                $"{call.Address.Host} sends more than the {file.Size:N0} bytes that the hub states; the rest was not read, and nothing of it was kept.");
        }
    }
}
