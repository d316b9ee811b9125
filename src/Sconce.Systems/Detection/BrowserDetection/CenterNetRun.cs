using Sconce.Data;
using Sconce.Training;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>A run of CenterNet on a person's pictures.</summary>
internal sealed class CenterNetRun : DetectionRun
{
    internal CenterNetRun(TrainingSetup setup, CenterNetMethod method)
        : base(setup, Plan(CenterNetPictures.Rounded(setup.Configuration.ImageSize ?? CenterNetPictures.Side), method))
    {
        var network = Created<CenterNetLite>("CenterNet");
        Program = Built(() =>
        {
            ConfiguredParts.Ready(network, Variant, Configuration, Device);
            return new CenterNetProgram(network, Learner("detector", network), Device);
        });
    }

    /// <inheritdoc/>
    protected override TrainingProgram<DetectionBatch> Program { get; }

    private static DetectionPlan Plan(int side, CenterNetMethod method) => new(method, side, new CenterNetAugmentation(side))
    {
        Mean = CenterNetPictures.Means,
        Std = CenterNetPictures.Deviations,
        Watched = "AP50",
    };
}
