namespace RecursiveMas;

/// <summary>How positions are counted where a batch is padded on the left.</summary>
public enum PositionRule
{
    /// <summary>0 … T−1 over the padded row; the mask does not shift positions. The rule of the latent rollout.</summary>
    RowIndex,

    /// <summary>The cumulative sum of the mask minus one, so that padding does not count. The rule of text generation.</summary>
    MaskCount,
}
