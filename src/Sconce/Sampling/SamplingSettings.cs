namespace Sconce.Sampling;

/// <summary>How each token is drawn.</summary>
[Settings]
public sealed partial record SamplingSettings
{
    /// <summary>What logits are divided by: below 1 for likelier pictures, above for rarer ones.</summary>
    [Within(0, 100, Above = true)]
    public double Temperature { get; init; } = 1;

    /// <summary>Only so many of the likeliest tokens are drawn; none for all.</summary>
    [Within(1)]
    public int? TopK { get; init; }

    /// <summary>Only the likeliest tokens are drawn that have this probability together.</summary>
    [Within(0, 1, Above = true)]
    public double TopP { get; init; } = 1;

    /// <summary>What draws so.</summary>
    public TokenSampler Sampler => new() { Temperature = Temperature, TopK = TopK, TopP = TopP };
}
