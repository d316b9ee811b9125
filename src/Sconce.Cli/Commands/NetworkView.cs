using System.Globalization;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Networks;
using Sconce.Torch;

namespace Sconce.Cli.Commands;

/// <summary>Writes a network's figures.</summary>
internal static class NetworkView
{
    private const int MostOperators = 12;

    public static void Write(CommandContext context, CatalogueSystem system, NetworkMeasurement asked, bool json)
    {
        var variant = asked.Variant;
        NetworkCost cost;
        using (var progress = new ProgressDisplay(context.Terminal, variant.Name))
        {
            cost = NetworkCost.Measure(asked, progress, context.Cancellation);
        }

        if (json) WriteJson(context.Terminal, system, variant, asked.Batch, cost);
        else WriteText(context.Terminal, system, variant, asked.Batch, cost);
    }

    private static void WriteJson(Terminal terminal, CatalogueSystem system, ModelVariant variant, int batch, NetworkCost cost)
    {
        var forward = cost.Forward is { } counted
            ? new CostJson(counted.MultiplyAdds, counted.Flops, counted.Activations, cost.PeakBytes, counted.ByOperator)
            : null;
        var model = ModelJson.Of(system, variant);
        terminal.WriteJson(
            new NetworkJson(model, cost.Parameters, cost.StateBytes, batch, forward, cost.Compiled), CliJson.Readable.NetworkJson);
    }

    private static void WriteText(Terminal terminal, CatalogueSystem system, ModelVariant variant, int batch, NetworkCost cost)
    {
        terminal.Write(Columns.Heading(variant.Name));
        terminal.Write(Columns.Line(variant.Description));
        terminal.Write(Columns.Facts(
        [
            ("system", system.Card.Name),
            ("input", Figures.Shape(variant)),
            ("classes", $"{variant.Find<IHasClasses>()?.Classes}"),
            ("parameters", $"{Exact(cost.Parameters)} ({Figures.Count(cost.Parameters)})"),
            ("weights in memory", Figures.Bytes(cost.StateBytes)),
            ("compiled", cost.Compiled ?? ""),
            ("official weights", string.Join(", ", variant.Weights.Select(weights => weights.Address.ToString()))),
        ]));
        if (cost.Forward is not { } forward)
        {
            terminal.Write(Columns.Line("It takes more than one tensor, and its card does not say how to run it: no operations "
                + "were counted."));
            return;
        }

        terminal.Write(Columns.Line());
        terminal.Write(Columns.Heading($"One forward pass of {batch} {(batch == 1 ? "input" : "inputs")}"));
        terminal.Write(Columns.Facts(
        [
            ("multiply-adds", $"{Figures.Count(forward.MultiplyAdds)} (what papers print as FLOPs)"),
            ("FLOPs", $"{Figures.Count(forward.Flops)} (two a multiply-add, and the elementwise ones)"),
            ("activations", $"{Figures.Count(forward.Activations)} (results of convolutions and matrix products)"),
            ("peak memory", $"{Figures.Bytes(cost.PeakBytes)} beside the weights"),
        ]));
        terminal.Write(Columns.Line());
        Operators(terminal, forward.ByOperator);
    }

    private static void Operators(Terminal terminal, IReadOnlyList<OperatorCost> costs)
    {
        var table = Columns.Of("operator", ">calls", ">multiply-adds", ">FLOPs", ">result bytes");
        foreach (var cost in costs.Take(MostOperators))
        {
            table.Add(cost.Operator, Exact(cost.Calls), Figures.Count(cost.MultiplyAdds), Figures.Count(cost.Flops),
                Figures.Bytes(cost.ResultBytes));
        }

        terminal.Write(table);
        if (costs.Count > MostOperators)
            terminal.Write(Columns.Line($"and {costs.Count - MostOperators} more operators (--json has them all)"));
    }

    private static string Exact(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
