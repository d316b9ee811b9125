using Sconce.Maths;
using Sconce.Systems.Science.Aphynity;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Science;

/// <summary>
/// Trajectories of aphynity's forecasters, a law with its learned correction, by steps of the 3/8 rule: solved, and with gradients of
/// every weight; bench/peer/odes.py has the same steps.
/// </summary>
internal sealed class OdesGroup : BenchGroup
{
    private const int Times = 20;

    private static readonly (string Name, Func<Forecaster> Create, long[] Start, double Interval)[] Problems =
    [
        ("pendulum", () => AphynityVariants.OfPendulum(complete: true), [64, 2], 0.5),
        ("reaction-diffusion", () => AphynityVariants.OfReactionDiffusion(complete: true), [4, 2, 32, 32], 0.1),
    ];

    internal override string Name => "odes";

    internal override string About => "a pendulum and a reaction-diffusion field solved, with a learned part, against PyTorch";

    internal override void Measure(BenchTable table)
    {
        foreach (var (problem, _, start, _) in Problems)
        {
            BenchTable.Own(Name, "prepare", problem, table.Folder);
            foreach (string what in (string[])["forward", "gradients"])
            {
                table.Row($"{problem}, batch {start[0]}, {Times - 1} steps of the 3/8 rule, {what}",
                    () => BenchTable.Own(Name, what, problem, table.Folder),
                    () => BenchTable.Peer("odes.py", what, problem, table.Folder), 1.3);
            }
        }
    }

    internal override Measured Work(string[] task)
    {
        using var scope = new TensorScope();
        var (name, create, shape, interval) = Problems.First(problem => problem.Name == task[1]);
        using var network = create();
        string weights = Path.Combine(task[2], name + ".pth"), begin = Path.Combine(task[2], name + ".npy");
        if (task[0] == "prepare")
        {
            ModelWeights.Save(network, weights);
            Worker.Save(begin, Tensor.Rand(shape));
            return new Measured { Seconds = 1e-9 };
        }

        ModelWeights.Load(network, weights);
        var start = Worker.Load(begin);
        double[] times = [.. Enumerable.Range(0, Times).Select(k => k * interval)];
        var solver = new ThreeEighthsSolver();
        double[] found = [];
        if (task[0] == "forward")
        {
            using var inference = Gradients.Inference();
            double seconds = Worker.Timed(() =>
            {
                using var inner = new TensorScope();
                found = [network.Forecast(start, times, solver).Square().Mean().Item<double>()];
            }, 3, 5);
            return new Measured { Seconds = seconds, Losses = found };
        }

        Tensor[] parameters = [.. network.Parameters()];
        double both = Worker.Timed(() =>
        {
            using var inner = new TensorScope();
            foreach (var parameter in parameters) parameter.Grad = null;
            var loss = network.Forecast(start, times, solver).Square().Mean();
            loss.Backward();
            found = [loss.Item<double>()];
        }, 3, 5);
        double squares = parameters.Where(parameter => parameter.Grad is not null)
            .Sum(parameter => parameter.Grad!.Square().Sum().Item<double>());
        return new Measured { Seconds = both, Losses = [.. found, Math.Log(squares)] };
    }
}
