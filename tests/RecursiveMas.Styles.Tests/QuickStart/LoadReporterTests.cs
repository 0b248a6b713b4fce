using RecursiveMas.QuickStart;
using Xunit;

namespace RecursiveMas.Styles.Tests.QuickStart;

public sealed class LoadReporterTests
{
    [Fact]
    public void Without_a_terminal_a_line_comes_at_once_and_then_every_few_seconds()
    {
        var screen = new RecordedScreen();
        var clock = new Clock();
        var reporter = new LoadReporter(screen.Screen, "light", clock);
        for (int i = 0; i <= 40; i++)
        {
            reporter.Report(new MasLoadProgress(
                i / 20,
                4,
                i < 20 ? "planner" : "critic") { Weights = new ModelLoadProgress(i % 20 * 100_000_000L, 2_000_000_000) });
            reporter.Report(new MasLoadProgress(i / 20, 4, "planner"));
            clock.Now += TimeSpan.FromMilliseconds(500);
        }

        reporter.Finish();
        Assert.Equal(
            [
                "Loading light: planner (1 of 3), 0 bytes of 2.00 GB",
                "Loading light: planner (1 of 3), 1.00 GB of 2.00 GB",
                "Loading light: critic (2 of 3), 0 bytes of 2.00 GB",
                "Loading light: critic (2 of 3), 1.00 GB of 2.00 GB",
                "Loading light: critic (3 of 3), 0 bytes of 2.00 GB",
                "Loaded light.",
                "",
            ],
            screen.Notes.Split('\n'));
        Assert.Equal("", screen.Answers);
    }

    [Fact]
    public void On_a_terminal_one_line_shows_how_far_it_has_come()
    {
        var screen = new RecordedScreen(isLive: true);
        var clock = new Clock();
        var reporter = new LoadReporter(screen.Screen, "light", clock);
        for (int i = 0; i <= 4; i++)
        {
            reporter.Report(new MasLoadProgress(0, 4, "planner") { Weights = new ModelLoadProgress(i * 500_000_000L, 2_000_000_000) });
            clock.Now += TimeSpan.FromSeconds(1);
        }

        reporter.Finish();
        Assert.DoesNotContain('\n', screen.Notes);
        Assert.EndsWith("\rLoading light: planner (1 of 3), 2.00 GB of 2.00 GB", screen.Notes.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(5, screen.Notes.Count(character => character == '\r'));
    }

    [Fact]
    public void A_download_shows_bytes_speed_and_time()
    {
        var screen = new RecordedScreen();
        var download = new DownloadProgress(new HubRepository("owner/name"), "model.safetensors", 1, 2, 1_000_000_000, 4_000_000_000, 0, 3, 50_000_000);
        new LoadReporter(screen.Screen, "light", new Clock()).Report(new MasLoadProgress(0, 0, "model.safetensors") { Download = download });
        Assert.Equal("Downloading model.safetensors: 1.00 GB of 4.00 GB, 50.0 MB/s, 0:01:00 left\n", screen.Notes);
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
