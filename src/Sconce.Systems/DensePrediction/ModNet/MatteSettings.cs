using Sconce.Abilities;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>How people are cut out.</summary>
[Settings]
public sealed partial record MatteSettings : ISettingsRule
{
    /// <summary>What is put behind them; none leaves the rest transparent.</summary>
    public Backdrop? Background { get; init; }

    /// <summary>Write the opacity itself, as grey from black to white, in place of the person.</summary>
    public bool MatteOnly { get; init; }

    /// <summary>
    /// How sure the network has to be that there is a person, or nothing is cut out: the mean of the surest hundredth of its coarse map.
    /// </summary>
    [Within(0, 1)]
    public double Presence { get; init; } = 0.5;

    /// <summary>A rough box about the person, left, top, right, bottom in pixels; only there is looked. None looks everywhere.</summary>
    [Within(0)]
    public IReadOnlyList<int> Box { get; init; } = [];

    /// <summary>Continue the picture at its edges by this share of its short side, where a face fills it all.</summary>
    [Within(0, 1)]
    public double Margin { get; init; }

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => Box switch
    {
        [] => null,
        [var left, var top, var right, var bottom] when left < right && top < bottom => null,
        _ => ("box", "takes four numbers: left, top, right, bottom, with left before right and top above bottom"),
    };
}

/// <summary>How people are cut out of clips.</summary>
[Settings]
public sealed partial record ClipMatteSettings
{
    /// <summary>As in pictures.</summary>
    public MatteSettings Picture { get; init; } = new();

    /// <summary>
    /// One-frame delay: where the frames before and after agree to within this, and both differ by more from the one between, it becomes
    /// their mean. 0 leaves every frame as it is seen.
    /// </summary>
    [Within(0, 1, Below = true)]
    public double Flicker { get; init; } = 0.1;
}
