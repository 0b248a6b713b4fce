using RecursiveMas.Benchmarks;

var benchmarks = new Dictionary<string, Func<string[], int>>(StringComparer.Ordinal)
{
    ["checkpoints"] = CheckpointBenchmark.Run,
    ["loading"] = LoadingBenchmark.Run,
    ["compare"] = CompareBenchmark.Run,
    ["kernels"] = KernelBenchmark.Run,
    ["change-over"] = ChangeOverBenchmark.Run,
    ["steps"] = StepBenchmark.Run,
    ["loss"] = LossBenchmark.Run,
    ["device"] = DeviceBenchmark.Run,
    ["callers"] = CallerBenchmark.Run,
    ["chat-templates"] = ChatTemplateBenchmark.Run,
    ["tokenizers"] = TokenizerBenchmark.Run,
    ["hub"] = HubBenchmark.Run,
    ["scoring"] = ScoringBenchmark.Run,
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out Func<string[], int>? benchmark))
{
    Console.Error.WriteLine(
        $"usage: dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- ({string.Join(" | ", benchmarks.Keys)}) [arguments]");
    return 2;
}

return benchmark(args[1..]);
