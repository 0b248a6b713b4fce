using System.Diagnostics.CodeAnalysis;
using RecursiveMas.Caching;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Settings of the families whose block is norm, softmax attention, norm, gated MLP.</summary>
internal sealed record SoftmaxConfiguration : DecoderConfiguration
{
    /// <summary>Reads what these families have in common; every window is open.</summary>
    [SetsRequiredMembers]
    public SoftmaxConfiguration(ConfigReader config, FamilyDefaults absent)
        : base(config, absent)
    {
        config.Require(config.Text("hidden_act", "silu") is "silu" or "swish", "hidden_act", "silu");
        Rope = RopeReader.ReadOne(config, Attention.HeadSize);
        Windows = new ValueList<int?>(new int?[LayerCount]);
    }

    public RopeSettings Rope { get; init; }

    /// <summary>Norms of queries and keys, per head, before the rotation.</summary>
    public bool QkNorm { get; init; }

    /// <summary>Sliding window of each layer, itself included; null for full attention.</summary>
    public ValueList<int?> Windows { get; init; }

    public override DecoderParts Build(ModelBuilder builder) => SoftmaxDecoder.Build(this, builder);

    public override IReadOnlyList<LayerCacheShape> Caches() => [.. Windows.Select(window => new KeyValueCacheShape(Attention, window))];
}
