using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>The one thread that computes on a device. Jobs run in order of arrival, each in inference mode and in a dispose scope of its own.</summary>
/// <remarks>
/// Dispose scopes and inference mode belong to a thread, so a job must not await; a tensor that is to outlive it leaves by DetachFromDisposeScope. Safe for
/// concurrent calls; lives as long as the process.
/// </remarks>
public sealed class DeviceWorker
{
    private static readonly ConcurrentDictionary<(DeviceType, int), DeviceWorker> s_workers = new();

    private readonly BlockingCollection<Action> _jobs = [];

    private DeviceWorker(string name)
    {
        var thread = new Thread(Run) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>The worker of a device.</summary>
    /// <param name="device">The device.</param>
    public static DeviceWorker For(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        // A device without a number is the first of its type.
        return s_workers.GetOrAdd((device.type, Math.Max(device.index, 0)), key => new DeviceWorker($"RecursiveMas {key.Item1}:{key.Item2}"));
    }

    /// <summary>Runs a job on the device's thread. A job that has not begun is dropped when the token is cancelled.</summary>
    /// <param name="job">The job. Others of the device wait for its end.</param>
    /// <param name="cancellationToken">Drops the job.</param>
    /// <returns>What the job returns.</returns>
    public Task<T> RunAsync<T>(Func<T> job, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _jobs.Add(
            () =>
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    completion.TrySetCanceled(cancellationToken);
                    return;
                }

                try
                {
                    completion.TrySetResult(InScope(job));
                }
                catch (OperationCanceledException cancelled) when (cancelled.CancellationToken == cancellationToken)
                {
                    completion.TrySetCanceled(cancellationToken);
                }
                catch (Exception error)
                {
                    completion.TrySetException(error);
                }
            },
            CancellationToken.None);
        return completion.Task;
    }

    /// <summary>The scope closes before anyone learns of the result, so that whoever waits finds no temporary tensors.</summary>
    private static T InScope<T>(Func<T> job)
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        return job();
    }

    private void Run()
    {
        foreach (Action job in _jobs.GetConsumingEnumerable())
            job();
    }
}
