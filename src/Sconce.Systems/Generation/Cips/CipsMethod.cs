using Sconce.Abilities;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Generation.Cips;

/// <summary><c>--method cips</c>: a generator of single pixels, on whole pictures or patches of several scales. 2011.13775 §3.3.</summary>
public sealed class CipsMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override string Name => "cips";

    /// <inheritdoc/>
    public override string Purpose => "a generator of single pixels learns from pictures without labels, or from patches of them";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<CipsSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("cips_skip_256 --data photos/ --size 64 --out run1", "from any pictures: the middle of each, at 64 px"),
        ("cips_skip_256 --data photos/ --size 256 --patch 64", "from patches of 64 px, at three scales"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<PixelGenerator>();

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup)
    {
        var variant = setup.Models.Get(setup.Configuration.Network);
        var pixels = variant.Find<PixelGenerator>()
            ?? throw new UsageException($"{variant.Name} is no generator of single pixels, which {Name} trains: cips_skip_256 is one");
        return new AdversarialRun(setup, new AdversarialPlan(this)
        {
            Opponent = (settings, generator) => pixels.Judge(SideOf((CipsSettings)settings, ((CipsGenerator)generator).Config.Size)),
            Settle = static (settings, _) => settings.With(settings.Game with { PathLength = 0, StyleMixing = 0 }),
            SlowsGenerator = true,
            Describe = static settings => ((CipsSettings)settings).Patches.Patch is { } patch ? $"patches of {patch} px" : "whole pictures",
            Program = static parts => parts.Configuration.Of<CipsSettings>().Patches.Patch is { } patch
                ? new CipsProgram(parts, patch) { Nearest = parts.Nearest }
                : new AdversarialProgram(parts.Generator, parts.Discriminator, parts.Rules, parts.Device) { Nearest = parts.Nearest },
        });
    }

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        AdversarialEvaluation.Run(network, data, batch, cancellation);

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Generate;

    private static int SideOf(CipsSettings settings, int side)
    {
        if (settings.Patches.Patch is not { } patch) return side;
        if (int.IsPow2(patch) && patch <= side) return patch;
        throw new SettingsException("patch", called =>
            $"{called} is {patch}: patches have a power of two as side, from 8 to that of the pictures ({side})");
    }
}
