using RecursiveMas.Caching;
using RecursiveMas.Configuration;
using RecursiveMas.Models.Tests.Native;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Caching;

/// <summary>Places in a pool belong to one buffer each, keep their values while the pool grows, and leave nothing behind.</summary>
[Collection(LiveTensors.Collection)]
public class KeyValuePoolTests
{
    private static readonly AttentionSizes s_sizes = new(QueryHeads: 2, KeyValueHeads: 1, HeadSize: 4);

    [Fact]
    public void Buffers_keep_their_values_whatever_others_do() => LiveTensors.Unchanged(() =>
    {
        using var mode = inference_mode(true);
        var random = new Random(3);
        KeyValuePool pool = Pool(shared: true);
        var held = new List<(KeyValueBuffer Buffer, float Value)>();
        for (int turn = 0; turn < 2_000; turn++)
        {
            using var scope = NewDisposeScope();
            if (held.Count > 0 && random.Next(held.Count < 20 ? 3 : 2) == 0)
            {
                int gone = random.Next(held.Count);
                held[gone].Buffer.Release();
                held.RemoveAt(gone);
            }
            else
            {
                var buffer = new KeyValueBuffer(pool, random.Next(1, 90));
                Tensor filled = full([1, buffer.Capacity, 4], turn);
                buffer.Write(0, filled, filled);
                held.Add((buffer, turn));
            }

            foreach ((KeyValueBuffer buffer, float value) in turn % 50 == 0 ? held : [])
                Assert.True(buffer.Data.eq(value).all().ToBoolean(), $"turn {turn}");
        }

        // Twice what is held, and gaps between the buffers.
        Assert.InRange(pool.Use(all => all.size(2)), held.Sum(entry => entry.Buffer.Capacity), 20 * 90 * 4);
        held.ForEach(entry => entry.Buffer.Release());
    });

    [Fact]
    public void Places_that_were_given_back_are_taken_again()
    {
        using var mode = inference_mode(true);
        KeyValuePool pool = Pool(shared: true);
        KeyValueBuffer[] buffers = [.. Enumerable.Range(0, 4).Select(_ => new KeyValueBuffer(pool, 16))];
        Assert.Equal([0, 16, 32, 48], buffers.Select(buffer => buffer.Start));
        buffers[1].Release();
        buffers[2].Release();
        var wide = new KeyValueBuffer(pool, 32);
        Assert.Equal((16, 64), (wide.Start, pool.Use(all => all.size(2))));
        wide.Release();
        buffers[0].Release();
        buffers[3].Release();
        var anew = new KeyValueBuffer(pool, 5);
        Assert.Equal((0, 64), (anew.Start, pool.Use(all => all.size(2))));
        anew.Release();
    }

    [Fact]
    public void Where_gradients_flow_each_buffer_has_memory_of_its_own()
    {
        KeyValuePool pool = Pool(shared: true);
        var buffer = new KeyValueBuffer(pool, 8);
        Assert.Null(buffer.Pool);
        Assert.Equal([2, 1, 8, 4], buffer.Data.shape);
        buffer.Release();
    }

    [Fact]
    public void Who_goes_on_where_gradients_flow_leaves_the_pool()
    {
        KeyValuePool pool = Pool(shared: true);
        using var cache = new KeyValueCache(new KeyValueCacheShape(s_sizes, Window: null), 8, pool);
        using var scope = NewDisposeScope();
        Tensor first = randn([1, 2, 4]), second = randn([1, 1, 4]).requires_grad_(true);
        using (no_grad())
        {
            KeyValueSlots slots = cache.Append(2);
            slots.Write(first, first);
            Assert.NotNull(slots.Buffer.Pool);
        }

        KeyValueSlots more = cache.Append(1);
        more.Write(second, second);
        Assert.Null(more.Buffer.Pool);
        Assert.True(more.Keys.eq(cat([first, second], 1)).all().ToBoolean());
        more.Keys.sum().backward();
        Assert.True(second.grad!.eq(ones_like(second)).all().ToBoolean());
    }

    private static KeyValuePool Pool(bool shared) => new(s_sizes, ScalarType.Float32, CPU, shared);
}
