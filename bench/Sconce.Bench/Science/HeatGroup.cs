using System.Globalization;
using Sconce.Systems.Science.DiffusionNet;
using Sconce.Torch;

namespace Sconce.Bench.Science;

/// <summary>
/// A jump of 100 steps by the heat surrogate and by the ADI solver, at sides and batches: where one overtakes the other. The time of a
/// network does not depend on what it has learnt, so it is measured untrained; the solver's grows with the steps, so that each row says
/// from how many a jump pays.
/// </summary>
internal sealed class HeatGroup : BenchGroup
{
    private const int Steps = 100;

    internal override string Name => "heat";

    internal override string About => "100 steps of heat by the surrogates and by our ADI solver, by side and batch";

    internal override void Measure(BenchTable table)
    {
        foreach (int side in (int[])[32, 64, 128, 256])
        {
            // One plate after another: the solver's time is a plate's times the batch.
            double plate = Median(() => BenchTable.Own(Name, "solver", $"{side}", "1").Seconds);
            foreach (int batch in side == 64 ? (int[])[1, 16] : [1])
            {
                foreach (string network in (string[])["small", "official"])
                {
                    double solver = plate * batch, surrogate = Median(() => BenchTable.Own(Name, network, $"{side}", $"{batch}").Seconds);
                    table.Figure(
                        $"heat, {side} x {side}, {Steps} steps, batch {batch}: ADI solver / {network} surrogate",
                        string.Create(CultureInfo.InvariantCulture,
                            $"{BenchTable.Time(solver)} / {BenchTable.Time(surrogate)}: {solver / surrogate:0.00}; ")
                            + $"level at jumps of {Math.Ceiling(Steps * surrogate / solver):N0} steps",
                        "either way");
                }
            }
        }
    }

    internal override Measured Work(string[] task)
    {
        int side = int.Parse(task[1], CultureInfo.InvariantCulture), batch = int.Parse(task[2], CultureInfo.InvariantCulture);
        var problem = new HeatProblem(0.5, 300, 100, 400, 900, 0);
        if (task[0] == "solver")
        {
            var solver = HeatSolver.Of(problem, side);
            return new Measured { Seconds = Worker.Timed(() => solver.Step(Steps), 1, 5) };
        }

        using var scope = new TensorScope();
        using var network = new HeatNetwork(task[0] == "small" ? HeatNetworkConfig.Small : HeatNetworkConfig.Official);
        network.Eval();
        using var inference = Gradients.Inference();
        var fields = Tensor.Randn([batch, 1, 1, side, side]);
        return new Measured { Seconds = Worker.Timed(() => network.Call(fields).Dispose(), 1, 3) };
    }

    private static double Median(Func<double> seconds) => Enumerable.Range(0, 3).Select(_ => seconds()).Order().ElementAt(1);
}
