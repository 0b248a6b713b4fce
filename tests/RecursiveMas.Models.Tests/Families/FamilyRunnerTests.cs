using RecursiveMas.Families;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>
/// One list of laws for the models of every family: what must hold whatever the weights are. One row read at once without a cache is what
/// everything is compared with. A new family is added to <see cref="TinyConfigs"/>.
/// </summary>
[Collection(LiveTensors.Collection)]
public sealed class FamilyRunnerTests : IDisposable
{
    private const int Hidden = 24, Short = 5, Long = 70;
    private readonly Generator _random = new(11);

    public static IEnumerable<object[]> Families =>
        from family in TinyConfigs.Families
        from optimized in new[] { false, true }
        select new object[] { family, optimized };

    public static IEnumerable<object[]> Names => TinyConfigs.Families.Select(family => new object[] { family });

    [Theory]
    [MemberData(nameof(Families))]
    public void Cached_equals_uncached_step_by_step(string family, bool optimized) => Run(family, optimized, model =>
    {
        foreach (int prompt in new[] { 1, 3, 63, 64, 65 })
        {
            Tensor x = Random(prompt + 6), whole = model.Read(x);
            using ModelCache cache = model.CreateCache(1);
            TensorChecks.Close(whole.narrow(0, 0, prompt), model.Read(x.narrow(0, 0, prompt), cache), what: $"prompt of {prompt}");
            for (int t = prompt; t < prompt + 6; t++)
                TensorChecks.Close(whole.narrow(0, t, 1), model.Read(x.narrow(0, t, 1), cache), what: $"prompt of {prompt}, step {t}");
            Assert.Equal(prompt + 6, cache.Length);
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void A_prompt_may_be_read_in_pieces_of_any_size(string family, bool optimized) => Run(family, optimized, model =>
    {
        foreach (int[] pieces in new int[][] { [2, 3, 1, 20, 7, 2, 65, 1, 5], [70], [1, 1, 1, 64, 64], [4, 8, 9, 16, 17, 33] })
        {
            Tensor x = Random(pieces.Sum());
            using ModelCache cache = model.CreateCache();
            TensorChecks.Close(model.Read(x), model.ReadInPieces(x, cache, pieces), what: $"pieces of {string.Join(", ", pieces)}");
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Rows_of_one_call_do_not_see_each_other(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor[] rows = [Random(Long), Random(30), Random(1), Random(2), Random(1), Random(30)];
        Tensor[] next = [Random(1), Random(1), Random(1), Random(1), Random(1), Random(1)];
        ModelCache[] caches = [.. rows.Select(_ => model.CreateCache())];
        Tensor[] read = model.ReadTogether([.. rows.Select((row, i) => (row, (ModelCache?)caches[i]))]);
        Tensor[] stepped = model.ReadTogether([.. next.Select((row, i) => (row, (ModelCache?)caches[i]))]);
        Tensor[] uncached = model.ReadTogether([.. rows.Select(row => (row, (ModelCache?)null))]);
        for (int i = 0; i < rows.Length; i++)
        {
            Tensor alone = model.Read(cat([rows[i], next[i]]));
            TensorChecks.Close(alone.narrow(0, 0, rows[i].size(0)), read[i], what: $"row {i}");
            TensorChecks.Close(alone.narrow(0, 0, rows[i].size(0)), uncached[i], what: $"row {i} without a cache");
            TensorChecks.Close(Reading.Last(alone), stepped[i], what: $"row {i}, next step");
            caches[i].Dispose();
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void A_row_of_NaN_harms_no_other(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor[] rows = [Random(Short), Random(Short), Random(Short)], next = [Random(1), Random(1), Random(1)];
        rows[1].fill_(float.NaN);
        ModelCache[] caches = [.. rows.Select(_ => model.CreateCache())];
        model.ReadTogether([.. rows.Select((row, i) => (row, (ModelCache?)caches[i]))]);
        Tensor[] stepped = model.ReadTogether([.. next.Select((row, i) => (row, (ModelCache?)caches[i]))]);
        Assert.True(stepped[1].isnan().all().ToBoolean());
        foreach (int i in new[] { 0, 2 })
            TensorChecks.Close(Reading.Last(model.Read(cat([rows[i], next[i]]))), stepped[i], what: $"row {i}");
        // What the row leaves behind must not come back from memory that others are given.
        caches[1].Dispose();
        using ModelCache after = model.CreateCache();
        model.ReadTogether((rows[0], after));
        Tensor[] again = model.ReadTogether((next[0], after), (next[1], caches[2]));
        TensorChecks.Close(Reading.Last(model.Read(cat([rows[0], next[0]]))), again[0], what: "a row after it");
        foreach (ModelCache cache in caches)
            cache.Dispose();
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Steps_may_mix_single_positions_with_pieces_of_prompts(string family, bool optimized) => Run(family, optimized, model =>
    {
        // Each row's pieces; a row that has nothing left is out of the later calls, and another may come in.
        int[][] pieces = [[40, 1, 1, 1, 1, 1], [0, 300, 1, 1], [3, 1, 1, 64, 65, 1], [0, 0, 1, 1, 1, 300], [1, 2, 3, 4, 5, 6], [0, 300, 0, 17, 1, 1]];
        Tensor[] rows = [.. pieces.Select(row => Random(row.Sum()))];
        Tensor[] whole = [.. rows.Select(row => model.Read(row))];
        ModelCache[] caches = [.. rows.Select(_ => model.CreateCache())];
        for (int step = 0; step < pieces.Max(row => row.Length); step++)
        {
            int[] takesPart = [.. Enumerable.Range(0, rows.Length).Where(row => step < pieces[row].Length && pieces[row][step] > 0)];
            int[] starts = [.. takesPart.Select(row => caches[row].Length)];
            Tensor[] states =
                model.ReadTogether([.. takesPart.Select((row, i) => (rows[row].narrow(0, starts[i], pieces[row][step]), (ModelCache?)caches[row]))]);
            for (int i = 0; i < takesPart.Length; i++)
                TensorChecks.Close(whole[takesPart[i]].narrow(0, starts[i], states[i].size(0)), states[i], what: $"step {step}, row {takesPart[i]}");
        }

        foreach (ModelCache cache in caches)
            cache.Dispose();
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Random_calls_of_random_rows(string family, bool optimized) => Run(family, optimized, model =>
    {
        var random = new Random(5);
        const int Length = 150;
        Tensor[] rows = [.. Enumerable.Range(0, 5).Select(_ => Random(Length))];
        Tensor[] whole = [.. rows.Select(row => model.Read(row))];
        ModelCache[] caches = [.. rows.Select(_ => model.CreateCache(random.Next(Length)))];
        for (int step = 0; step < 120; step++)
        {
            int row = random.Next(rows.Length);
            switch (random.Next(8))
            {
                case 0:
                    caches[row].Rewind(caches[row].NearestRewind(random.Next(Length)));
                    continue;
                case 1:
                    caches[row].Mark();
                    continue;
                case 2:
                    // The fork goes on in place of the original, which ends at once or first has to read some more.
                    ModelCache fork = caches[row].Fork();
                    if (random.Next(2) == 0 && caches[row].Length < Length)
                        model.Read(Random(1), caches[row]);
                    caches[row].Dispose();
                    caches[row] = fork;
                    continue;
            }

            int[] takesPart = [.. Enumerable.Range(0, rows.Length).Where(i => random.Next(3) > 0 && caches[i].Length < Length)];
            if (takesPart.Length == 0)
                continue;
            int[] starts = [.. takesPart.Select(i => caches[i].Length)];
            int[] lengths = [.. takesPart.Select((i, at) => Math.Min(Length - starts[at], random.Next(4) == 0 ? random.Next(1, 80) : random.Next(1, 3)))];
            Tensor[] states = model.ReadTogether([.. takesPart.Select((i, at) => (rows[i].narrow(0, starts[at], lengths[at]), (ModelCache?)caches[i]))]);
            for (int i = 0; i < takesPart.Length; i++)
                TensorChecks.Close(whole[takesPart[i]].narrow(0, starts[i], lengths[i]), states[i], what: $"step {step}, row {takesPart[i]} from {starts[i]}");
        }

        foreach (ModelCache cache in caches)
            cache.Dispose();
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Calls_may_come_from_several_threads(string family, bool optimized) => Run(family, optimized, model =>
    {
        const int Threads = 4, Prompt = 20, Steps = 12;
        Tensor[] rows = [.. Enumerable.Range(0, Threads * 2).Select(_ => Random(Prompt + Steps))];
        Tensor[] whole = [.. rows.Select(row => model.Read(row))];
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (int turn = 0; turn < 4; turn++)
            {
                using var mode = inference_mode(true);
                using var scope = NewDisposeScope();
                int[] own = [2 * thread, (2 * thread) + 1];
                ModelCache[] caches = [.. own.Select(_ => model.CreateCache())];
                model.ReadTogether([.. own.Select((row, i) => (rows[row].narrow(0, 0, Prompt), (ModelCache?)caches[i]))]);
                for (int step = Prompt; step < Prompt + Steps; step++)
                {
                    Tensor[] states = model.ReadTogether([.. own.Select((row, i) => (rows[row].narrow(0, step, 1), (ModelCache?)caches[i]))]);
                    for (int i = 0; i < own.Length; i++)
                        TensorChecks.Close(whole[own[i]].narrow(0, step, 1), states[i], what: $"thread {thread}, row {i}, step {step}");
                }

                foreach (ModelCache cache in caches)
                    cache.Dispose();
            }
        });
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Forks_go_their_own_ways(string family, bool optimized) => Run(family, optimized, model =>
    {
        foreach (int prompt in new[] { Short, Long })
        {
            Tensor start = Random(prompt), left = Random(6), right = Random(6);
            using ModelCache cache = model.CreateCache(prompt + 2);
            model.Read(start, cache);
            using ModelCache fork = cache.Fork();
            for (int t = 0; t < 6; t++)
            {
                Tensor[] states = model.ReadTogether((left.narrow(0, t, 1), cache), (right.narrow(0, t, 1), fork));
                TensorChecks.Close(Reading.Last(model.Read(cat([start, left.narrow(0, 0, t + 1)]))), states[0], what: "the original");
                TensorChecks.Close(Reading.Last(model.Read(cat([start, right.narrow(0, 0, t + 1)]))), states[1], what: "the fork");
            }

            fork.Rewind(prompt);
            TensorChecks.Close(model.Read(cat([start, left])).narrow(0, prompt, 6), model.Read(left, fork), what: "the fork, gone back to where it began");
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void A_marked_length_can_be_returned_to_again_and_again(string family, bool optimized) => Run(family, optimized, model =>
    {
        foreach (int prompt in new[] { Short, Long })
        {
            Tensor start = Random(prompt);
            using ModelCache cache = model.CreateCache(prompt);
            model.Read(start, cache);
            cache.Mark();
            for (int round = 0; round < 3; round++)
            {
                Tensor more = Random(30), expected = model.Read(cat([start, more])).narrow(0, prompt, 30);
                TensorChecks.Close(expected, model.ReadInPieces(more, cache, 1), what: $"round {round}");
                Assert.Equal(prompt, cache.NearestRewind(prompt));
                cache.Rewind(prompt);
                Assert.Equal(prompt, cache.Length);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void An_unmarked_length_is_returned_to_or_refused_but_never_wrong(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor x = Random(Long), whole = model.Read(x);
        using ModelCache cache = model.CreateCache(Long);
        model.ReadInPieces(x, cache, Enumerable.Repeat(1, Long));
        bool croppable = family is not ("qwen3_5_text" or "gemma3_text" or "mistral");
        foreach (int length in new[] { Long - 2, 20, 0 })
        {
            int nearest = cache.NearestRewind(length);
            Assert.True(!croppable || nearest == length);
            Assert.Equal(0, cache.NearestRewind(0));
            if (nearest < length)
            {
                InvalidOptionException error = Assert.Throws<InvalidOptionException>(() => cache.Rewind(length));
                Assert.Contains("They can return to: 0", error.Message, StringComparison.Ordinal);
                Assert.Equal((Long, 0), (cache.Length, nearest));
                continue;
            }

            // A window that has not moved its buffer since can still be returned to.
            Assert.True(length == 0 || family != "qwen3_5_text");
            cache.Rewind(length);
            TensorChecks.Close(whole.narrow(0, length, Long - length), model.Read(x.narrow(0, length, Long - length), cache), what: $"from {length}");
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Rewind(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Rewind(Long + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.NearestRewind(-1));
        Assert.Equal(Long, cache.NearestRewind(Long + 1));
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void The_nearest_length_is_the_last_mark_where_nothing_nearer_is_left(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor x = Random(200), whole = model.Read(x);
        using ModelCache cache = model.CreateCache();
        foreach (int mark in new[] { 20, 50, 90 })
        {
            model.Read(x.narrow(0, cache.Length, mark - cache.Length), cache);
            cache.Mark();
        }

        model.ReadInPieces(x.narrow(0, 90, 110), cache, Enumerable.Repeat(10, 11));
        bool croppable = family is not ("qwen3_5_text" or "gemma3_text" or "mistral");
        foreach ((int wanted, int marked) in new[] { (200, 200), (110, 90), (90, 90), (89, 50), (30, 20), (19, 0) })
        {
            int nearest = cache.NearestRewind(wanted);
            int length = Math.Min(wanted, cache.Length);
            if (croppable)
                Assert.Equal(length, nearest);
            else // A window may be able to go back without a mark, a recurrent state never.
                Assert.True(nearest == Math.Min(marked, cache.Length) || (family != "qwen3_5_text" && nearest == length), $"from {wanted} to {nearest}");
            cache.Rewind(nearest);
            using ModelCache fork = cache.Fork();
            TensorChecks.Close(
                whole.narrow(0, nearest, 200 - nearest),
                nearest == 200 ? whole.narrow(0, 0, 0) : model.Read(x.narrow(0, nearest, 200 - nearest), fork),
                what: $"from {nearest}");
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Positions_before_a_mark_that_was_passed_back_over_are_forgotten(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor x = Random(12);
        using ModelCache cache = model.CreateCache(12);
        model.Read(x.narrow(0, 0, 4), cache);
        cache.Mark();
        model.Read(x.narrow(0, 4, 4), cache);
        cache.Mark();
        cache.Rewind(4);
        Tensor other = Random(4);
        Tensor expected = model.Read(cat([x.narrow(0, 0, 4), other, x.narrow(0, 8, 4)])).narrow(0, 8, 4);
        model.Read(other, cache);
        cache.Rewind(8);
        TensorChecks.Close(expected, model.Read(x.narrow(0, 8, 4), cache), what: "the old mark at the same length");
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void A_later_position_never_changes_an_earlier_one(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor x = Random(Long), other = x.clone();
        other.narrow(0, 40, Long - 40).copy_(Random(Long - 40));
        TensorChecks.Close(model.Read(x).narrow(0, 0, 40), model.Read(other).narrow(0, 0, 40));
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void What_does_not_fit_is_refused_and_changes_nothing(string family, bool optimized) => Run(family, optimized, model =>
    {
        using var other = new TinyCheckpoint(TinyCheckpoint.ConfigOf(family, ("max_position_embeddings", 77)));
        using DecoderModel stranger = other.Load();
        using ModelCache cache = model.CreateCache(), foreign = stranger.CreateCache();
        Tensor x = Random(9), whole = model.Read(x);
        model.Read(x.narrow(0, 0, 4), cache);
        void Refused(Tensor embeddings, params ForwardRow[] rows) => Assert.Throws<InvalidOptionException>(() => model.Forward(embeddings, rows));
        Refused(Random(3), new(1, cache), new(1, cache), new(1, null));
        Refused(Random(2), new(1, cache), new(1, foreign));
        Refused(Random(2), new ForwardRow(1, cache));
        Refused(Random(2), new ForwardRow(3, cache));
        Refused(Random(2), new(2, cache), new(0, null));
        Refused(Random(0));
        Refused(Random(2).narrow(1, 0, Hidden - 1), new ForwardRow(2, cache));
        Refused(Random(2).unsqueeze(0), new ForwardRow(1, cache));
        Assert.Throws<InvalidOptionException>(() => model.CreateCache(-1));
        TensorChecks.Close(whole.narrow(0, 4, 5), model.Read(x.narrow(0, 4, 5), cache));
        cache.Dispose();
        Refused(Random(1), new ForwardRow(1, cache));
        Assert.Throws<InvalidOptionException>(() => cache.Fork());
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void After_a_call_that_failed_midway_its_caches_are_refused(string family, bool optimized) => Run(family, optimized, model =>
    {
        using ModelCache cache = model.CreateCache();
        Assert.Throws<NotSupportedException>(() => model.Forward(Random(2), [new ForwardRow(2, cache)], (layer, _) => throw new NotSupportedException()));
        Assert.Throws<InvalidOptionException>(() => model.Read(Random(1), cache));
        Assert.Throws<InvalidOptionException>(() => cache.Rewind(0));
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Narrow_dtypes_point_the_same_way(string family, bool optimized)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf(family), ScalarType.BFloat16);
        Tensor ids = randint(0, 50, [Long], int64, generator: _random);
        using DecoderModel wide = checkpoint.Load(Options(optimized));
        Tensor expected = wide.Logits(wide.Read(wide.Embed(ids)));
        foreach (ModelDtype dtype in new[] { ModelDtype.BFloat16, ModelDtype.Float16, ModelDtype.Stored })
        {
            using DecoderModel narrow = checkpoint.Load(Options(optimized, dtype));
            using ModelCache cache = narrow.CreateCache(8);
            Tensor embeddings = narrow.Embed(ids), hidden = narrow.ReadInPieces(embeddings, cache, Long - 6, 3, 1), logits = narrow.Logits(hidden);
            Assert.Equal((narrow.Dtype, narrow.Dtype, narrow.Dtype), (embeddings.dtype, hidden.dtype, logits.dtype));
            Assert.True(TensorChecks.SmallestCosine(expected.reshape(1, -1), logits.reshape(1, -1)) > 0.98, $"{family} in {dtype}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_reach_the_inputs(string family)
    {
        using var scope = NewDisposeScope();
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf(family));
        using DecoderModel model = checkpoint.Load();
        Tensor start = Random(20), direction = Random(20), x = start.clone().requires_grad_(true);
        Tensor Loss(Tensor input) => model.Read(input).narrow(0, 15, 5).sin().sum();
        Loss(x).backward();
        double slope = (x.grad! * direction).sum().ToDouble();
        const double Step = 1e-3;
        double measured = (Loss(start + (direction * Step)) - Loss(start - (direction * Step))).ToDouble() / (2 * Step);
        Assert.True(Math.Abs(slope - measured) < 0.02 * Math.Max(1, Math.Abs(measured)), $"the gradient tells {slope}, a small step {measured}");
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void No_tensor_is_left_over(string family, bool optimized)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf(family));
        checkpoint.Save();
        LiveTensors.Unchanged(() =>
        {
            using var mode = inference_mode(true);
            using var scope = NewDisposeScope();
            using var model = CausalLanguageModel.Load(checkpoint.Folder, Options(optimized));
            using ModelCache cache = model.CreateCache(4), other = model.CreateCache();
            model.Read(model.Embed(zeros([30], int64)), cache);
            cache.Mark();
            for (int t = 0; t < 20; t++)
                model.Logits(model.ReadTogether((Random(1), cache), (Random(2), other))[0]);
            using (ModelCache fork = cache.Fork())
                model.Read(Random(12), fork);
            cache.Rewind(30);
            model.Read(Random(3), cache);
        });
    }

    public void Dispose() => _random.Dispose();

    private static void Run(string family, bool optimized, Action<DecoderModel> test)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf(family));
        using DecoderModel model = checkpoint.Load(Options(optimized));
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        test(model);
    }

    /// <summary>Weights and kernels that compute faster, or neither.</summary>
    private static ModelLoadOptions Options(bool optimized, ModelDtype dtype = ModelDtype.Float32) =>
        new() { Device = TestDevice.Device, Dtype = dtype, Weights = optimized ? WeightFormat.Auto : WeightFormat.Plain, ManagedKernels = optimized };

    private Tensor Random(int length) => randn([length, Hidden], generator: _random);
}
