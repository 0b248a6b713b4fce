using RecursiveMas.Kernels;
using Xunit;

namespace RecursiveMas.Models.Tests.Kernels;

public class KernelTeamTests
{
    [Fact]
    public void Every_item_is_done_once_and_phases_follow_each_other()
    {
        var job = new Counting(phases: 40, items: 100, threads: 4);
        for (int run = 0; run < 200; run++)
        {
            SpinWait.SpinUntil(() => job.IsLeft);
            job.Begin();
            KernelTeam.Instance.Run(job, 4);
            Assert.True(job.Done.All(count => count == 1), $"run {run}");
            Assert.False(job.TooEarly, $"run {run}");
        }
    }

    [Fact]
    public async Task Callers_at_once_get_their_own_work_done()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int run = 0; run < 100; run++)
            {
                int[] done = new int[501];
                KernelThreads.For(done.Length, long.MaxValue, (first, end) =>
                {
                    for (int i = first; i < end; i++)
                        Interlocked.Increment(ref done[i]);
                });
                Assert.All(done, count => Assert.Equal(1, count));
            }
        })));
    }

    [Fact]
    public void A_failure_reaches_the_caller_and_the_team_goes_on()
    {
        for (int run = 0; run < 20; run++)
        {
            var failing = new Counting(phases: 3, items: 50, threads: 3, failsAt: 60);
            failing.Begin();
            Exception error = Assert.Throws<InvalidOperationException>(() => KernelTeam.Instance.Run(failing, 3));
            Assert.NotNull(error.InnerException);
            var job = new Counting(phases: 3, items: 50, threads: 3);
            job.Begin();
            KernelTeam.Instance.Run(job, 3);
            Assert.All(job.Done, count => Assert.Equal(1, count));
        }
    }

    private sealed class Counting(int phases, int items, int threads, int failsAt = -1) : TeamJob
    {
        private readonly TeamPhase[] _phases = new TeamPhase[phases];

        public int[] Done { get; } = new int[phases * items];

        public bool TooEarly { get; private set; }

        public void Begin()
        {
            Array.Clear(Done);
            for (int i = 0; i < _phases.Length; i++)
                _phases[i].Begin(items);
        }

        protected override void Work(int member)
        {
            for (int phase = 0; phase < _phases.Length; phase++)
            {
                while (_phases[phase].TryTake(threads, out int first, out int end))
                {
                    if (phase > 0 && Done.AsSpan((phase - 1) * items, items).Contains(0))
                        TooEarly = true;
                    for (int item = first; item < end; item++)
                    {
                        if ((phase * items) + item == failsAt)
                            throw new InvalidDataException("as wanted");
                        Interlocked.Increment(ref Done[(phase * items) + item]);
                    }

                    _phases[phase].Finish(end - first);
                }

                Await(ref _phases[phase]);
            }
        }
    }
}
