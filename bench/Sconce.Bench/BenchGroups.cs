using Sconce.Bench.Basics;
using Sconce.Bench.Generation;
using Sconce.Bench.Science;
using Sconce.Bench.Serving;
using Sconce.Bench.Tools;
using Sconce.Bench.Vision;

namespace Sconce.Bench;

/// <summary>All that <c>bench/run</c> measures, in the table's order.</summary>
internal static class BenchGroups
{
    internal static readonly IReadOnlyList<BenchGroup> All =
    [
        new OverheadGroup(),
        new ColdStartGroup(),
        new TorchSharpGroup(),
        new ForwardGroup(),
        new LoaderGroup(),
        new TrackingGroup(),
        new TreesGroup(),
        new CommandGroup(),
        new ServingGroup(),
        new TrainingStepGroup(),
        new PatchCoreGroup(),
        new PadimGroup(),
        new DetectorsGroup(),
        new FacesGroup(),
        new PageGroup(),
        new GanGroup(),
        new GptGroup(),
        new VqganGroup(),
        new PaintingGroup(),
        new ModNetGroup(),
        new DistancesGroup(),
        new GraphsGroup(),
        new OdesGroup(),
        new HeatGroup(),
        new MonitorGroup(),
        new Int8Group(),
        new IndexGroup(),
        new TourGroup(),
        new BalloonsGroup(),
    ];

    internal static BenchGroup Get(string name) => All.FirstOrDefault(group => group.Name == name)
        ?? throw new ArgumentException($"no group '{name}': {string.Join(", ", All.Select(group => group.Name))} or families");
}
