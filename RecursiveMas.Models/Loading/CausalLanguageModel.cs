using Microsoft.Extensions.Logging;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Families;
using RecursiveMas.Kernels;
using RecursiveMas.Layers;
using RecursiveMas.Memory;
using RecursiveMas.Native;
using RecursiveMas.Shared;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>Loads language models from folders in the Hugging Face layout.</summary>
public static class CausalLanguageModel
{
    /// <summary>Name of the file with a model's configuration.</summary>
    public const string ConfigurationFile = ConfigReader.FileName;

    private const int SamplesOfEstimate = 64;

    /// <summary>
    /// Names of the weight files that a folder lacks: of shards those that the index names. None if the index cannot be read, which loading reports.
    /// </summary>
    /// <param name="folder">The model's folder.</param>
    public static IReadOnlyList<string> FindMissingWeights(CheckpointFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return WeightFiles.Missing(folder);
    }

    /// <summary>Loads a model.</summary>
    /// <param name="folder">A folder with <c>config.json</c> and safetensors weights.</param>
    /// <param name="options">Where and how. Default: on the CPU.</param>
    /// <param name="logger">
    /// Receives the chosen element type and layout of weights, and the reasons, at Information, and a warning if memory is too small. Default: none.
    /// </param>
    /// <param name="progress">Receives before each weight how much has been read, on the thread that loads. Default: none.</param>
    /// <param name="cancellationToken">Checked before each weight; what has been loaded is released.</param>
    /// <exception cref="CheckpointException">A file is missing, damaged, or not of the model that the configuration describes.</exception>
    /// <exception cref="UnsupportedCheckpointException">The family, or a setting of it, is not known.</exception>
    /// <exception cref="NotEnoughMemoryException">The weights do not fit into memory, see <see cref="ModelLoadOptions.MemoryCheck"/>.</exception>
    /// <exception cref="NativeLibraryException">libtorch is missing.</exception>
    /// <exception cref="OperationCanceledException">Loading was cancelled.</exception>
    public static ICausalLanguageModel Load(
        CheckpointFolder folder,
        ModelLoadOptions? options = null,
        ILogger? logger = null,
        IProgress<ModelLoadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        RecursiveMasRuntime.Initialize();
        options ??= new ModelLoadOptions();
        ConfigReader config = ConfigReader.Open(folder);
        DecoderConfiguration model = ModelFamilies.Find(config).Read(config);
        using WeightFiles files = OpenWeights(folder);
        ScalarType stored = StoredType(config, files);
        ComputePlan plan = Plan(options, stored);
        var weights = new WeightReader(files, progress, cancellationToken);
        model = OutputHead.Settle(model, weights, logger: logger);
        CheckMemory(folder, options, MemoryPlanner.Estimate(model, weights, stored, plan, new MemoryWorkload { LatentSteps = 0 }), logger);
        logger?.LogInformation(
            "{Folder}: {Family}, stored in {Stored}, computed in {Dtype} on {Device}; {Layout}",
            folder.Name, model.ModelType, stored, plan.Dtype, options.Device, Describe(plan));
        return DecoderModel.Build(model, weights, plan);
    }

    /// <summary>
    /// Estimates the memory that a model takes, from its configuration and the headers of its files. No weights are read, except for a few pages where
    /// an output head is stored beside the embedding, because a head that equals the embedding takes no memory.
    /// </summary>
    /// <param name="folder">A folder with <c>config.json</c> and safetensors weights.</param>
    /// <param name="options">Where and how it would be loaded. Default: on the CPU.</param>
    /// <param name="workload">What it would be asked to do. Default: to think about one question.</param>
    /// <exception cref="CheckpointException">A file is missing, damaged, or not of the model that the configuration describes.</exception>
    /// <exception cref="UnsupportedCheckpointException">The family, or a setting of it, is not known.</exception>
    /// <exception cref="NativeLibraryException">libtorch is missing.</exception>
    public static MemoryEstimate EstimateMemory(CheckpointFolder folder, ModelLoadOptions? options = null, MemoryWorkload? workload = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        RecursiveMasRuntime.Initialize();
        options ??= new ModelLoadOptions();
        workload ??= new MemoryWorkload();
        ConfigReader config = ConfigReader.Open(folder);
        DecoderConfiguration model = ModelFamilies.Find(config).Read(config);
        using WeightFiles files = OpenWeights(folder);
        var weights = new WeightReader(files);
        ScalarType stored = StoredType(config, files);
        // Without the weights themselves the configuration is believed.
        if (folder.HasWholeFiles)
            model = OutputHead.Settle(model, weights, SamplesOfEstimate);
        return MemoryPlanner.Estimate(model, weights, stored, Plan(options, stored), workload);
    }

    private static void CheckMemory(CheckpointFolder folder, ModelLoadOptions options, MemoryEstimate estimate, ILogger? logger)
    {
        if (estimate.Device.type != DeviceType.CPU)
            return;
        string? warning = options.Host()?.Require(
            folder.Name,
            Math.Max(estimate.LoadingPeak, estimate.ResidentWeights),
            options.MemoryCheck,
            _ => $"Choose a smaller model, {nameof(WeightFormat)}.{nameof(WeightFormat.Int8)}, which takes about half of 16 bits, " +
                $"or go on regardless by ModelLoadOptions.{nameof(ModelLoadOptions.MemoryCheck)}.");
        if (warning is not null)
            logger?.LogWarning("{Warning}", warning);
    }

    private static WeightFiles OpenWeights(CheckpointFolder folder)
    {
        WeightFiles files = WeightFiles.Open(folder);
        try
        {
            Quantization.Refuse(files);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private static ComputePlan Plan(ModelLoadOptions options, ScalarType stored)
    {
        ScalarType dtype = DtypeChoice.Resolve(options.Dtype, stored, options.Device.type);
        bool cpu = options.Device.type == DeviceType.CPU, kernels = cpu && options.ManagedKernels && dtype is ScalarType.Float32 or ScalarType.BFloat16;
        return new ComputePlan(dtype, options.Device, Layout(options, dtype, cpu, kernels)) { DeltaRounding = options.DeltaRounding, Kernels = kernels };
    }

    /// <summary>The one place that decides how linear weights lie.</summary>
    private static WeightLayout Layout(ModelLoadOptions options, ScalarType dtype, bool cpu, bool kernels)
    {
        bool rows = cpu && kernels && dtype == ScalarType.Float32;
        return options.Weights switch
        {
            WeightFormat.Plain => WeightLayout.Plain,
            WeightFormat.Int8 when rows => WeightLayout.Int8Rows,
            WeightFormat.Int8 => throw new InvalidOptionException(
                nameof(ModelLoadOptions.Weights),
                $"{WeightFormat.Int8} is for models that compute in float32 on a CPU, with {nameof(ModelLoadOptions.ManagedKernels)}; this one is to " +
                $"compute in {dtype} on {options.Device}{(options.ManagedKernels ? "" : " without them")}."),
            WeightFormat.Packed when !cpu => throw new InvalidOptionException(
                nameof(ModelLoadOptions.Weights), $"{WeightFormat.Packed} is for models on a CPU; this one is to compute on {options.Device}."),
            _ when !cpu => WeightLayout.Joined,
            WeightFormat.Auto when rows => WeightLayout.Rows,
            _ => TorchNative.HasPackedLinear(dtype, 64, 64) ? WeightLayout.Packed : WeightLayout.Joined,
        };
    }

    private static string Describe(ComputePlan plan) => plan.Layout switch
    {
        WeightLayout.Rows => $"weights are read as they are stored, by kernels for {RowProduct.Lanes}: float32 results in the memory of the file",
        WeightLayout.Int8Rows => $"weights are rounded to bytes, read by kernels for {RowProduct.Lanes}",
        WeightLayout.Packed => "weights are copied into the layout of oneDNN",
        WeightLayout.Joined => "weights of the same input are joined",
        _ => "weights stay as they are",
    };

    /// <summary>The type that the configuration names, else the one most of the bytes have.</summary>
    private static ScalarType StoredType(ConfigReader config, WeightFiles files)
    {
        string? field = new[] { "dtype", "torch_dtype" }.FirstOrDefault(name => config.LevelOf(name).Has(name));
        return (field is null ? null : config.LevelOf(field).OptionalText(field)) switch
        {
            "bfloat16" => ScalarType.BFloat16,
            "float16" or "half" => ScalarType.Float16,
            "float32" or "float" => ScalarType.Float32,
            null => files.BytesByType.Where(entry => entry.Key is ScalarType.BFloat16 or ScalarType.Float16 or ScalarType.Float32)
                .OrderByDescending(entry => entry.Value).Select(entry => (ScalarType?)entry.Key).FirstOrDefault()
                ?? throw new UnsupportedCheckpointException(files.Source, "holds no weights in bfloat16, float16 or float32."),
            { } other => throw new UnsupportedCheckpointException(config.File, $"{field} = {other} is not supported. Supported: bfloat16, float16, float32."),
        };
    }
}
