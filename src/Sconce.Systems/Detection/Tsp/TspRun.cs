using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Training;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>What a run of either network on a person's pictures is made of.</summary>
internal static class TspRun
{
    internal static RunPlan<DetectionBatch> Plan(TrainingSetup setup, TspMethod method, OwnedParts owned)
    {
        int side = setup.Configuration.ImageSize ?? TspVariants.ShortSide(setup.Models.Get(setup.Configuration.Network));
        var run = new DetectionRun(setup, new DetectionPlan(method, side, new TspAugmentation(side))
        {
            Mean = [0, 0, 0],
            Std = [1, 1, 1],
            Watched = "AP50",
        });
        var network = run.Created<Module>("detector", owned);
        ConfiguredParts.Ready(network, run.Variant, run.Configuration, run.Device);
        var settings = run.Configuration.Of<TspSettings>();
        var schedule = ConfiguredParts.Schedule(run.Configuration, run.StepsPerEpoch);
        var player = owned.Own(ConfiguredParts.Learner("detector", network, Groups(network, settings), run.Configuration, schedule));
        bool isRandom = run.Configuration.Run.Pretrained is null && !TspVariants.IsSmall(run.Variant);
        return run.Plan(
            network switch
            {
                TspFcos fcos => new TspFcosProgram(fcos, player, new TspFcosLoss { Matching = settings.Matching }, run.Device),
                TspRcnn rcnn => new TspRcnnProgram(rcnn, player, run.Device),
                _ => throw new UsageException(
                    $"{run.Variant.Name} is no TSP: the method {method.Name} trains "
                    + string.Join(", ", TspVariants.All.Select(known => known.Name))),
            },
            advice: isRandom
                ? "; its trunk's norms are constants, so from random numbers it learns little: begin with pretrained weights, or take the "
                    + $"small {TspVariants.SmallFcos} or {TspVariants.SmallRcnn}"
                : "");
    }

    private static IEnumerable<ParameterGroup> Groups(Module network, TspSettings settings)
    {
        var parts = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Name.Contains("transformer", StringComparison.Ordinal), named => (Torch.Tensor)named.Parameter);
        return
        [
            new ParameterGroup(parts[false], "convolutions"),
            new ParameterGroup(parts[true], "encoder") { RateFactor = settings.EncoderRate },
        ];
    }
}
