using Sconce.Data;
using Sconce.Training;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>What a run of CenterNet on a person's pictures is made of.</summary>
internal static class CenterNetRun
{
    internal static RunPlan<DetectionBatch> Plan(TrainingSetup setup, CenterNetMethod method, OwnedParts owned)
    {
        int side = CenterNetPictures.Rounded(setup.Configuration.ImageSize ?? CenterNetPictures.Side);
        var run = new DetectionRun(setup, new DetectionPlan(method, side, new CenterNetAugmentation(side))
        {
            Mean = CenterNetPictures.Means,
            Std = CenterNetPictures.Deviations,
            Watched = "AP50",
        });
        var network = run.Created<CenterNetLite>("CenterNet", owned);
        ConfiguredParts.Ready(network, run.Variant, run.Configuration, run.Device);
        return run.Plan(new CenterNetProgram(network, run.Learner(network, owned), run.Device));
    }
}
