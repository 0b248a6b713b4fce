using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using RecursiveMas.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>Products of a handful of inputs with weights in each format, on shapes of a model of 135 million weights and of one of a billion.</summary>
[MemoryDiagnoser]
public class KernelBenchmark : IDisposable
{
    // More than the processor's caches hold, so that weights come from memory as they do in a model.
    private const long Bytes = 512L << 20;

    private readonly List<RowsLinear> _rows = [];
    private readonly List<Linear> _packed = [];
    private Tensor? _x;
    private int _next;

    [Params("576x1536", "2048x5632")]
    public string Shape { get; set; } = "";

    [Params("Float32", "BFloat16", "Float16", "Int8")]
    public string Format { get; set; } = "";

    [Params(1, 2, 4, 8, 16, 32)]
    public int Inputs { get; set; }

    /// <summary>Runs all, or those that BenchmarkDotNet's own arguments choose.</summary>
    public static int Run(string[] arguments)
    {
        ManualConfig config = ManualConfig.Create(DefaultConfig.Instance).AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        BenchmarkSwitcher.FromTypes([typeof(KernelBenchmark)]).Run(arguments.Length == 0 ? ["--filter", "*"] : arguments, config);
        return 0;
    }

    [GlobalSetup]
    public void Make()
    {
        long[] sizes = [.. Shape.Split('x').Select(size => long.Parse(size, System.Globalization.CultureInfo.InvariantCulture))];
        (long inputs, long outputs) = (sizes[0], sizes[1]);
        bool int8 = Format == "Int8";
        ScalarType type = int8 ? ScalarType.BFloat16 : Enum.Parse<ScalarType>(Format);
        var packed = new ComputePlan(ScalarType.Float32, CPU, WeightLayout.Packed);
        for (long made = 0; made < Bytes; made += inputs * outputs * 2)
        {
            Tensor weight = randn(outputs, inputs).to_type(type).DetachFromDisposeScope();
            if (Format == "Float32")
                _packed.Add(Linear.Create(weight.clone().DetachFromDisposeScope(), null, packed));
            _rows.Add(RowsLinear.Create([(weight, null)], int8));
        }

        _x = randn(Inputs, inputs);
    }

    [GlobalCleanup]
    public void Clear()
    {
        foreach (Linear linear in _rows.Concat(_packed))
            linear.Dispose();
        _rows.Clear();
        _packed.Clear();
        _x?.Dispose();
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Rows() => Forward(_rows);

    [Benchmark]
    public void Packed()
    {
        if (_packed.Count > 0)
            Forward(_packed);
    }

    protected virtual void Dispose(bool disposing) => Clear();

    private void Forward<T>(List<T> linears)
        where T : Linear
    {
        using var mode = inference_mode(true);
        linears[_next++ % linears.Count].Forward(_x!).Dispose();
    }
}
