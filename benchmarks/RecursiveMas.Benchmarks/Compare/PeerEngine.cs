using System.Numerics.Tensors;
using LLama;
using LLama.Common;
using LLama.Native;

namespace RecursiveMas.Benchmarks;

/// <summary>llama.cpp in this process, through LLamaSharp.</summary>
internal sealed class PeerEngine : IEngine
{
    private const int Context = 1024, MostRows = 8;

    private readonly LLamaWeights _weights;
    private readonly ModelParams _parameters;
    private LLamaContext _context;
    private int _length;

    /// <param name="file">A GGUF file.</param>
    public PeerEngine(string file)
    {
        NativeLibraryConfig.All.WithLogCallback((_, _) => { });
        _parameters = new ModelParams(file)
        {
            ContextSize = Context * MostRows,
            Threads = Environment.ProcessorCount,
            BatchThreads = Environment.ProcessorCount,
            BatchSize = Context,
            UBatchSize = 512,
            SeqMax = MostRows,
        };
        _weights = LLamaWeights.LoadFromFile(_parameters);
        _context = _weights.CreateContext(_parameters);
    }

    public void Reset()
    {
        _context.Dispose();
        _context = _weights.CreateContext(_parameters);
        _length = 0;
    }

    public int[] Read(int[] prompt, int rows)
    {
        int[] tokens = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            var batch = new LLamaBatch();
            int last = 0;
            for (int i = 0; i < prompt.Length; i++)
                last = batch.Add((LLamaToken)prompt[i], i, (LLamaSeqId)row, i == prompt.Length - 1);
            Decode(batch);
            tokens[row] = Likeliest(last);
        }

        _length = prompt.Length;
        return tokens;
    }

    public int[] Step(int[] tokens)
    {
        var batch = new LLamaBatch();
        int[] places = [.. tokens.Select((token, row) => batch.Add((LLamaToken)token, _length, (LLamaSeqId)row, true))];
        Decode(batch);
        _length++;
        return [.. places.Select(Likeliest)];
    }

    public void Dispose()
    {
        _context.Dispose();
        _weights.Dispose();
    }

    private void Decode(LLamaBatch batch)
    {
        if (_context.Decode(batch) != DecodeResult.Ok)
            throw new InvalidOperationException("llama.cpp did not decode.");
    }

    private int Likeliest(int place) => TensorPrimitives.IndexOfMax(_context.NativeHandle.GetLogitsIth(place));
}
