using System.Collections.Concurrent;
using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>
/// The one thread that computes on a device, or those that share its small jobs. Jobs begin in order of arrival, each in inference mode and in a
/// dispose scope of its own.
/// </summary>
/// <remarks>
/// Dispose scopes and inference mode belong to a thread, so a job must not await; a tensor that is to outlive it leaves by DetachFromDisposeScope. Safe for
/// concurrent calls; lives as long as the process.
/// </remarks>
public sealed class DeviceWorker
{
    private static readonly ConcurrentDictionary<(DeviceType, int), DeviceWorker> s_workers = new();
    private static readonly Lazy<DeviceWorker?> s_small = new(() => ThreadCount.CanBeSet ? new DeviceWorker(Environment.ProcessorCount) : null);

    [ThreadStatic]
    private static bool t_computes;

    private readonly BlockingCollection<Action> _jobs = [];

    private DeviceWorker(string name) => Start(name, Run);

    private DeviceWorker(int threads)
    {
        for (int i = 0; i < threads; i++)
        {
            Start($"RecursiveMas small {i}", () =>
            {
                ThreadCount.SetOne();
                Run();
            });
        }
    }

    /// <summary>The worker of a device.</summary>
    /// <param name="device">The device.</param>
    public static DeviceWorker For(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        // A device without a number is the first of its type.
        return s_workers.GetOrAdd((device.type, Math.Max(device.index, 0)), key => new DeviceWorker($"RecursiveMas {key.Item1}:{key.Item2}"));
    }

    /// <summary>
    /// The worker of a device for jobs that are over before other threads would be awake: on a CPU each keeps to one thread, and as many of them run side
    /// by side as there are processors. On other devices, and where libtorch cannot be told to keep to a thread, it is the one of <see cref="For"/>.
    /// </summary>
    /// <param name="device">The device.</param>
    public static DeviceWorker ForSmallJobs(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return (device.type == DeviceType.CPU ? s_small.Value : null) ?? For(device);
    }

    /// <summary>Runs a job on a thread of this worker. A job that has not begun is dropped when the token is cancelled.</summary>
    /// <param name="job">The job. Where there is one thread, others wait for its end.</param>
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

    private static void Start(string name, ThreadStart run) => new Thread(run) { IsBackground = true, Name = name }.Start();

    /// <summary>
    /// Refuses what would wait, on a thread that computes, for something that this thread has to do: a logits processor, or whatever else runs between two
    /// steps, cannot ask a question and wait for the answer.
    /// </summary>
    /// <param name="what">What was asked for, as the beginning of a sentence.</param>
    /// <exception cref="ReentrantCallException">The calling thread computes.</exception>
    public static void RequireOther(string what)
    {
        ArgumentNullException.ThrowIfNull(what);
        if (t_computes)
        {
            throw new ReentrantCallException(
                $"{what} on a thread that computes, in a logits processor or a listener of latent steps, would wait for itself. Do it elsewhere, " +
                "and do not wait for it there.");
        }
    }

    private void Run()
    {
        t_computes = true;
        foreach (Action job in _jobs.GetConsumingEnumerable())
            job();
    }
}
