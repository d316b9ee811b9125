using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Training;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>A run of either network on a person's pictures.</summary>
internal sealed class TspRun : DetectionRun
{
    internal TspRun(TrainingSetup setup, TspMethod method)
        : base(setup, Plan(setup, method))
    {
        var network = Created<Module>("detector");
        Program = Built<TrainingProgram<DetectionBatch>>(() =>
        {
            ConfiguredParts.Ready(network, Variant, Configuration, Device);
            var player = Learner("detector", network, Groups(network));
            return network switch
            {
                TspFcos fcos => new TspFcosProgram(fcos, player, new TspFcosLoss { Matching = Settings.Matching }, Device),
                TspRcnn rcnn => new TspRcnnProgram(rcnn, player, Device),
                _ => throw new UsageException(
                    $"{Variant.Name} is no TSP: the method {method.Name} trains "
                    + string.Join(", ", TspVariants.All.Select(known => known.Name))),
            };
        });
    }

    /// <inheritdoc/>
    protected override TrainingProgram<DetectionBatch> Program { get; }

    /// <inheritdoc/>
    protected override string Advice => Configuration.Run.Pretrained is null && !TspVariants.IsSmall(Variant)
        ? "; its trunk's norms are constants, so from random numbers it learns little: begin with pretrained weights, or take the small "
            + $"{TspVariants.SmallFcos} or {TspVariants.SmallRcnn}"
        : "";

    private TspSettings Settings => Configuration.Of<TspSettings>();

    private static DetectionPlan Plan(TrainingSetup setup, TspMethod method)
    {
        int side = setup.Configuration.ImageSize ?? TspVariants.ShortSide(setup.Models.Get(setup.Configuration.Network));
        return new DetectionPlan(method, side, new TspAugmentation(side)) { Mean = [0, 0, 0], Std = [1, 1, 1], Watched = "AP50" };
    }

    private IEnumerable<ParameterGroup> Groups(Module network)
    {
        var parts = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Name.Contains("transformer", StringComparison.Ordinal), named => (Torch.Tensor)named.Parameter);
        return
        [
            new ParameterGroup(parts[false], "convolutions"),
            new ParameterGroup(parts[true], "encoder") { RateFactor = Settings.EncoderRate },
        ];
    }
}
