using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>What a run of Faster R-CNN on a person's pictures, stylised or not, is made of.</summary>
internal static class FasterRcnnRun
{
    internal static RunPlan<DetectionBatch> Plan(TrainingSetup setup, FasterRcnnMethod method, OwnedParts owned)
    {
        // Pictures come as they are, mirrored every other time; the network scales and normalises them itself.
        int side = setup.Configuration.ImageSize ?? ArtDetectors.ShortSide(setup.Models.Get(setup.Configuration.Network));
        var run = new DetectionRun(setup, new DetectionPlan(method, side, new RandomHorizontalFlip())
        {
            Mean = [0, 0, 0],
            Std = [1, 1, 1],
            Watched = "AP50",
        });
        var network = run.Created<FasterRcnn>("Faster R-CNN", owned);
        string? trunk = run.Configuration.Of<FasterRcnnSettings>().Trunk;
        if (trunk is not null) LoadTrunk(network, trunk);
        ConfiguredParts.Ready(network, run.Variant, run.Configuration, run.Device);
        bool isRandom = run.Configuration.Run.Pretrained is null && trunk is null && !ArtDetectors.IsSmall(run.Variant);
        return run.Plan(
            new FasterRcnnProgram(network, run.Learner(network, owned), run.Device),
            advice: isRandom
                ? "; its trunk is untrained and half of it is held, so it will learn little: begin with a trunk, or take "
                    + ArtDetectors.Small
                : "");
    }

    private static void LoadTrunk(FasterRcnn network, string file) =>
        ModelWeights.Load(network.Backbone.Body, file, new LoadOptions
        {
            Rename = static key => key.StartsWith("fc.", StringComparison.Ordinal) ? null : key,
        });
}
