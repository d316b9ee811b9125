using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>A run of Faster R-CNN on a person's pictures, stylised or not.</summary>
internal sealed class FasterRcnnRun : DetectionRun
{
    internal FasterRcnnRun(TrainingSetup setup, FasterRcnnMethod method)
        : base(setup, Plan(setup, method))
    {
        var network = Created<FasterRcnn>("Faster R-CNN");
        Program = Built(() =>
        {
            if (Trunk is { } file) LoadTrunk(network, file);
            ConfiguredParts.Ready(network, Variant, Configuration, Device);
            return new FasterRcnnProgram(network, Learner("detector", network), Device);
        });
    }

    /// <inheritdoc/>
    protected override TrainingProgram<DetectionBatch> Program { get; }

    /// <inheritdoc/>
    protected override string Advice => Configuration.Run.Pretrained is null && Trunk is null && !ArtDetectors.IsSmall(Variant)
        ? $"; its trunk is untrained and half of it is held, so it will learn little: begin with a trunk, or take {ArtDetectors.Small}"
        : "";

    private string? Trunk => Configuration.Of<FasterRcnnSettings>().Trunk;

    /// <summary>Pictures come as they are, mirrored every other time; the network scales and normalises them itself.</summary>
    private static DetectionPlan Plan(TrainingSetup setup, FasterRcnnMethod method)
    {
        int side = setup.Configuration.ImageSize ?? ArtDetectors.ShortSide(setup.Models.Get(setup.Configuration.Network));
        return new DetectionPlan(method, side, new RandomHorizontalFlip()) { Mean = [0, 0, 0], Std = [1, 1, 1], Watched = "AP50" };
    }

    private static void LoadTrunk(FasterRcnn network, string file) =>
        ModelWeights.Load(network.Backbone.Body, file, new LoadOptions
        {
            Rename = static key => key.StartsWith("fc.", StringComparison.Ordinal) ? null : key,
        });
}
