using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using TorchSharp;

namespace RecursiveMas.Kernels;

/// <summary>
/// The threads that help a computing thread. They look for work for a moment after the last one, giving way to every other thread of the process, and
/// then sleep. Nobody waits for a helper that has not come: whoever is there takes the parts of a job, the caller all of them if need be.
/// </summary>
/// <remarks>One job at a time has helpers; whoever calls meanwhile computes alone. Safe for concurrent calls.</remarks>
internal sealed class KernelTeam
{
    // From one run of a step to the next.
    private static readonly long s_patience = Stopwatch.Frequency / 10_000;

    private readonly List<Helper> _helpers = [];
    private TeamJob? _job;
    private int _busy;

    private KernelTeam()
    {
    }

    public static KernelTeam Instance { get; } = new();

    /// <summary>On how many threads the calling thread may compute.</summary>
    public static int Threads => torch.get_num_threads();

    /// <summary>Does a job on the calling thread and on helpers, and returns when it is done.</summary>
    /// <param name="job">The job, ready to begin; it may be used again when <see cref="TeamJob.IsLeft"/>.</param>
    /// <param name="threads">On how many threads.</param>
    public void Run(TeamJob job, int threads)
    {
        if (threads <= 1 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            job.Join(0);
        }
        else
        {
            while (_helpers.Count < threads - 1)
                _helpers.Add(new Helper(this, _helpers.Count + 1));
            Volatile.Write(ref _job, job);
            for (int i = 0; i < threads - 1; i++)
                _helpers[i].Call();
            job.Join(0);
            Volatile.Write(ref _job, null);
            Volatile.Write(ref _busy, 0);
        }

        job.ThrowIfFailed();
    }

    private void Help(int member)
    {
        if (Volatile.Read(ref _job) is not { } job)
            return;
        job.Enter();
        // Between the two lines the job may have ended, and may be about to be used again.
        if (ReferenceEquals(Volatile.Read(ref _job), job))
            job.Join(member);
        job.Leave();
    }

    /// <summary>One thread of the team.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process.")]
    private sealed class Helper
    {
        private const int SpinsAtATime = 30;

        private readonly KernelTeam _team;
        private readonly int _member;
        private readonly AutoResetEvent _awake = new(false);
        private int _calls, _asleep;

        public Helper(KernelTeam team, int member)
        {
            (_team, _member) = (team, member);
            new Thread(Loop) { IsBackground = true, Name = $"RecursiveMas helper {member}" }.Start();
        }

        public void Call()
        {
            Interlocked.Increment(ref _calls);
            if (Interlocked.Exchange(ref _asleep, 0) == 1)
                _awake.Set();
        }

        private void Loop()
        {
            for (int answered = 0; ; answered = Await(answered))
                _team.Help(_member);
        }

        private int Await(int answered)
        {
            long since = Stopwatch.GetTimestamp();
            while (true)
            {
                int calls = Volatile.Read(ref _calls);
                if (calls != answered)
                    return calls;
                Thread.SpinWait(SpinsAtATime);
                Thread.Yield();
                if (Stopwatch.GetTimestamp() - since < s_patience)
                    continue;
                Interlocked.Exchange(ref _asleep, 1);
                // Whoever called in between has seen that this thread sleeps, or is seen here.
                if (Volatile.Read(ref _calls) == answered || Interlocked.CompareExchange(ref _asleep, 0, 1) == 0)
                    _awake.WaitOne();
                since = Stopwatch.GetTimestamp();
            }
        }
    }
}

/// <summary>Work for a team, in phases of independent items: the items of a phase begin when all of the one before are done.</summary>
internal abstract class TeamJob
{
    private int _inside;
    private Exception? _error;

    /// <summary>Whether no helper is in the job any more, so that it can be made ready again.</summary>
    public bool IsLeft => Volatile.Read(ref _inside) == 0;

    public void Enter() => Interlocked.Increment(ref _inside);

    public void Leave() => Interlocked.Decrement(ref _inside);

    /// <summary>Takes part until the job is done.</summary>
    /// <param name="member">Number of the thread; 0 is the caller.</param>
    public void Join(int member)
    {
        try
        {
            Work(member);
        }
        catch (Exception error)
        {
            // The others see it instead of an end.
            Interlocked.CompareExchange(ref _error, error, null);
        }
    }

    /// <summary>Raises what a member ran into, after all have left.</summary>
    public void ThrowIfFailed()
    {
        if (Volatile.Read(ref _error) is not { } error)
            return;
        SpinWait.SpinUntil(() => IsLeft);
        throw new InvalidOperationException("A kernel failed.", error);
    }

    /// <summary>Goes through all phases, taking items of each as long as there are any.</summary>
    protected abstract void Work(int member);

    /// <summary>Waits until every item of a phase is done.</summary>
    protected void Await(ref TeamPhase phase)
    {
        const int Patience = 2_000;
        for (int turn = 0; !phase.IsDone; turn++)
        {
            if (Volatile.Read(ref _error) is not null)
                throw new OperationCanceledException("Another member of the team failed.");
            if (turn < Patience)
                Thread.SpinWait(1);
            else
                Thread.Yield(); // the thread that holds the last items waits for a processor
        }
    }
}

/// <summary>How far the items of a phase are; members write it, so each lies in cache lines of its own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct TeamPhase
{
    [FieldOffset(0)]
    private int _count;
    [FieldOffset(64)]
    private int _next;
    [FieldOffset(128)]
    private int _done;

    public readonly bool IsDone => Volatile.Read(in _done) == _count;

    /// <summary>Makes the phase ready.</summary>
    public void Begin(int count) => (_count, _next, _done) = (count, 0, 0);

    /// <summary>Takes the next items: many at first, a few at the end, so that all members are done at about the same time.</summary>
    /// <param name="threads">Members that may come.</param>
    /// <param name="first">The first one.</param>
    /// <param name="end">The one behind the last.</param>
    /// <returns>False if there are no more.</returns>
    public bool TryTake(int threads, out int first, out int end)
    {
        while (true)
        {
            first = Volatile.Read(in _next);
            end = first + Math.Max(1, (_count - first) / (2 * threads));
            if (first >= _count)
                return false;
            if (Interlocked.CompareExchange(ref _next, end, first) == first)
                return true;
        }
    }

    /// <summary>Notes that taken items are done.</summary>
    public void Finish(int items) => Interlocked.Add(ref _done, items);
}
