using RecursiveMas.Families;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>One list of laws for the models of every family: what must hold whatever the weights are. A new family is added to <see cref="TinyConfigs"/>.</summary>
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
            Tensor x = Random(2, prompt + 6);
            Tensor whole = model.Forward(x);
            using ModelCache cache = model.CreateCache(2, 1, PositionRule.RowIndex);
            TensorChecks.Close(whole.narrow(1, 0, prompt), model.Forward(x.narrow(1, 0, prompt), null, cache), what: $"prompt of {prompt}");
            for (int t = prompt; t < prompt + 6; t++)
                TensorChecks.Close(whole.narrow(1, t, 1), model.Forward(x.narrow(1, t, 1), null, cache), what: $"prompt of {prompt}, step {t}");
            Assert.Equal(prompt + 6, cache.Length);
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void A_cache_goes_on_with_several_positions_at_once(string family, bool optimized) => Run(family, optimized, model =>
    {
        int[] pieces = [2, 3, 1, 20, 7, 2, 65, 1, 5];
        Tensor x = Random(2, pieces.Sum()), whole = model.Forward(x);
        using ModelCache cache = model.CreateCache(2, 4, PositionRule.MaskCount);
        int at = 0;
        foreach (int piece in pieces)
        {
            TensorChecks.Close(whole.narrow(1, at, piece), model.Forward(x.narrow(1, at, piece), null, cache), what: $"piece of {piece} at {at}");
            at += piece;
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void A_row_of_a_batch_equals_the_row_alone(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor x = Random(3, Long), batch = model.Forward(x);
        for (int row = 0; row < 3; row++)
            TensorChecks.Close(batch.narrow(0, row, 1), model.Forward(x.narrow(0, row, 1)), what: $"row {row}");
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Left_padding_changes_nothing_whatever_stands_there(string family, bool optimized) => Run(family, optimized, model =>
    {
        int[] lengths = [Long, 30, 2, 1];
        Tensor[] rows = [.. lengths.Select(length => Random(1, length))];
        foreach (double garbage in new[] { 0, 1e3, double.NaN, double.PositiveInfinity })
        {
            Tensor x = full([rows.Length, Long, Hidden], garbage), mask = zeros([rows.Length, Long], @bool);
            for (int row = 0; row < rows.Length; row++)
            {
                x[row].narrow(0, Long - lengths[row], lengths[row]).copy_(rows[row][0]);
                mask[row].narrow(0, Long - lengths[row], lengths[row]).fill_(true);
            }

            using ModelCache cache = model.CreateCache(rows.Length, Long, PositionRule.MaskCount);
            Tensor batch = model.Forward(x, mask, cache), next = Random(rows.Length, 4), more = model.Forward(next, null, cache);
            Assert.True(batch.isfinite().all().ToBoolean(), $"{garbage} at padding reached the results");
            for (int row = 0; row < rows.Length; row++)
            {
                using ModelCache alone = model.CreateCache(1, Long, PositionRule.MaskCount);
                TensorChecks.Close(model.Forward(rows[row], null, alone), batch.narrow(0, row, 1).narrow(1, Long - lengths[row], lengths[row]), what: $"row {row} beside {garbage}");
                TensorChecks.Close(model.Forward(next.narrow(0, row, 1), null, alone), more.narrow(0, row, 1), what: $"row {row} beside {garbage}, later positions");
            }
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Both_position_rules_agree_up_to_rounding(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor x = Random(2, 12), mask = ones([2, 12], @bool);
        mask[0].narrow(0, 0, 5).fill_(false);
        Tensor byIndex = model.Forward(x, mask, null, PositionRule.RowIndex), byCount = model.Forward(x, mask, null, PositionRule.MaskCount);
        TensorChecks.Close(byIndex.narrow(1, 5, 7), byCount.narrow(1, 5, 7));
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Padding_after_real_positions_is_refused(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor mask = ones([2, 4], @bool);
        mask[1, 3] = false;
        Assert.Throws<InvalidOptionException>(() => model.Forward(Random(2, 4), mask));
        using ModelCache cache = model.CreateCache(2, 8, PositionRule.RowIndex);
        model.Forward(Random(2, 2), null, cache);
        Assert.Throws<InvalidOptionException>(() => model.Forward(Random(2, 1), zeros([2, 1], @bool), cache));
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Forks_go_their_own_ways(string family, bool optimized) => Run(family, optimized, model =>
    {
        foreach (int prompt in new[] { Short, Long })
        {
            Tensor start = Random(1, prompt), left = Random(1, 6), right = Random(1, 6);
            using ModelCache cache = model.CreateCache(1, prompt + 2, PositionRule.RowIndex);
            model.Forward(start, null, cache);
            using ModelCache fork = cache.Fork();
            for (int t = 0; t < 6; t++)
            {
                Tensor a = model.Forward(left.narrow(1, t, 1), null, cache), b = model.Forward(right.narrow(1, t, 1), null, fork);
                TensorChecks.Close(Last(model.Forward(cat([start, left.narrow(1, 0, t + 1)], 1))), a, what: "the original");
                TensorChecks.Close(Last(model.Forward(cat([start, right.narrow(1, 0, t + 1)], 1))), b, what: "the fork");
            }

            fork.Rewind(prompt);
            TensorChecks.Close(model.Forward(cat([start, left], 1)).narrow(1, prompt, 6), model.Forward(left, null, fork), what: "the fork, gone back to where it began");
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void A_marked_length_can_be_returned_to_again_and_again(string family, bool optimized) => Run(family, optimized, model =>
    {
        foreach (int prompt in new[] { Short, Long })
        {
            Tensor start = Random(2, prompt), mask = ones([2, prompt], @bool);
            mask[0].narrow(0, 0, 2).fill_(false);
            using ModelCache cache = model.CreateCache(2, prompt, PositionRule.MaskCount);
            model.Forward(start, mask, cache);
            cache.Mark();
            for (int round = 0; round < 3; round++)
            {
                Tensor more = Random(2, 30);
                using ModelCache fresh = model.CreateCache(2, prompt, PositionRule.MaskCount);
                model.Forward(start, mask, fresh);
                Tensor expected = cat([model.Forward(more.narrow(1, 0, 29), null, fresh), model.Forward(more.narrow(1, 29, 1), null, fresh)], 1);
                Tensor actual = cat([model.Forward(more.narrow(1, 0, 1), null, cache), model.Forward(more.narrow(1, 1, 29), null, cache)], 1);
                TensorChecks.Close(expected, actual, what: $"round {round}");
                cache.Rewind(prompt);
                Assert.Equal(prompt, cache.Length);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void An_unmarked_length_is_returned_to_or_refused_but_never_wrong(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor x = Random(1, Long), whole = model.Forward(x);
        using ModelCache cache = model.CreateCache(1, Long, PositionRule.RowIndex);
        for (int t = 0; t < Long; t++)
            model.Forward(x.narrow(1, t, 1), null, cache);
        bool croppable = family is not ("qwen3_5_text" or "gemma3_text" or "mistral");
        foreach (int length in new[] { Long - 2, 20, 0 })
        {
            if (croppable || length == 0)
            {
                cache.Rewind(length);
                TensorChecks.Close(whole.narrow(1, length, Long - length), model.Forward(x.narrow(1, length, Long - length), null, cache), what: $"from {length}");
                continue;
            }

            try
            {
                cache.Rewind(length);
            }
            catch (InvalidOptionException error)
            {
                Assert.Contains("They can return to: 0", error.Message, StringComparison.Ordinal);
                Assert.Equal(Long, cache.Length);
                continue;
            }

            // A window that has not been tidied up since can still be returned to.
            Assert.NotEqual("qwen3_5_text", family);
            TensorChecks.Close(whole.narrow(1, length, Long - length), model.Forward(x.narrow(1, length, Long - length), null, cache), what: $"from {length}");
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Rewind(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Rewind(Long + 1));
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Positions_before_a_mark_that_was_passed_back_over_are_forgotten(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor x = Random(1, 12);
        using ModelCache cache = model.CreateCache(1, 12, PositionRule.RowIndex);
        model.Forward(x.narrow(1, 0, 4), null, cache);
        cache.Mark();
        model.Forward(x.narrow(1, 4, 4), null, cache);
        cache.Mark();
        cache.Rewind(4);
        Tensor other = Random(1, 4);
        Tensor expected = model.Forward(cat([x.narrow(1, 0, 4), other, x.narrow(1, 8, 4)], 1)).narrow(1, 8, 4);
        model.Forward(other, null, cache);
        cache.Rewind(8);
        TensorChecks.Close(expected, model.Forward(x.narrow(1, 8, 4), null, cache), what: "the old mark at the same length");
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void A_later_position_never_changes_an_earlier_one(string family, bool optimized) => Run(family, optimized, model =>
    {
        Tensor x = Random(1, Long), other = x.clone();
        other.narrow(1, 40, Long - 40).copy_(Random(1, Long - 40));
        TensorChecks.Close(model.Forward(x).narrow(1, 0, 40), model.Forward(other).narrow(1, 0, 40));
    });

    [Theory]
    [MemberData(nameof(Families))]
    public void Narrow_dtypes_point_the_same_way(string family, bool optimized)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf(family), ScalarType.BFloat16);
        Tensor ids = randint(0, 50, [1, Long], int64, generator: _random);
        using DecoderModel wide = checkpoint.Load(new ModelLoadOptions { Dtype = ModelDtype.Float32, OptimizeWeights = optimized });
        Tensor expected = wide.Logits(wide.Forward(wide.Embed(ids)));
        foreach (ModelDtype dtype in new[] { ModelDtype.BFloat16, ModelDtype.Float16, ModelDtype.Stored })
        {
            using DecoderModel narrow = checkpoint.Load(new ModelLoadOptions { Dtype = dtype, OptimizeWeights = optimized });
            using ModelCache cache = narrow.CreateCache(1, 8, PositionRule.RowIndex);
            Tensor embeddings = narrow.Embed(ids);
            Tensor hidden = cat([narrow.Forward(embeddings.narrow(1, 0, Long - 3), null, cache), narrow.Forward(embeddings.narrow(1, Long - 3, 3), null, cache)], 1);
            Tensor logits = narrow.Logits(hidden);
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
        Tensor start = Random(1, 20), direction = Random(1, 20), x = start.clone().requires_grad_(true);
        Tensor Loss(Tensor input) => model.Forward(input).narrow(1, 15, 5).sin().sum();
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
            using var model = CausalLanguageModel.Load(checkpoint.Folder, new ModelLoadOptions { Dtype = ModelDtype.Float32, OptimizeWeights = optimized });
            using ModelCache cache = model.CreateCache(2, 4, PositionRule.RowIndex);
            model.Forward(model.Embed(zeros([2, 30], int64)), null, cache);
            cache.Mark();
            for (int t = 0; t < 20; t++)
                model.Logits(model.Forward(Random(2, 1), null, cache));
            using (ModelCache fork = cache.Fork())
                model.Forward(Random(2, 12), null, fork);
            cache.Rewind(30);
            model.Forward(Random(2, 3), null, cache);
        });
    }

    public void Dispose() => _random.Dispose();

    private static void Run(string family, bool optimized, Action<DecoderModel> test)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf(family));
        using DecoderModel model = checkpoint.Load(new ModelLoadOptions { Dtype = ModelDtype.Float32, OptimizeWeights = optimized });
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        test(model);
    }

    private Tensor Random(int rows, int length) => randn([rows, length, Hidden], generator: _random);

    private static Tensor Last(Tensor states) => states.narrow(1, states.size(1) - 1, 1);
}
