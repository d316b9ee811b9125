using Sconce.Systems.Science.DiffusionNet;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>DiffusionNet: the network, both solvers, the textbook's on its lowest mode.</summary>
internal sealed class DiffusionNetAnswers : ParityAnswers
{
    internal override string System => "diffusionnet";

    internal override ParityAnswer? Answer(ParityCase question) => question.Model switch
    {
        "dfn" => ParityAnswer.Of(new HeatNetwork(Read(question.Config))),
        "adi_solver" => ParityAnswer.Of(inputs => inputs.Has("bc") ? Plates(question.Config, inputs) : Mode(question.Config, inputs)),
        _ => null,
    };

    private static HeatNetworkConfig Read(Config config)
    {
        int[] waist = config.Ints("l");
        return new(config.Int("f0"), config.Ints("f"), config.Ints("r"), (waist[0], waist[1]))
        {
            Kernel = config.Int("kernel", 3),
            Slope = config.Double("leaky_slope", 0.3),
        };
    }

    private static Dictionary<string, Tensor> Plates(Config config, ParityInputs inputs)
    {
        double[] diffusions = Doubles(inputs["lam"]), walls = Doubles(inputs["bc"]), initial = Doubles(inputs["ic"]);
        int size = config.Int("n");
        int[] steps = config.Ints("iters");
        Tensor Solved(HeatScheme scheme) => Tensor.From([.. Enumerable.Range(0, diffusions.Length).SelectMany(k =>
        {
            double[] wall = walls[(4 * k)..(4 * (k + 1))];
            var solver = HeatSolver.Of(new(diffusions[k], initial[k], wall[0], wall[1], wall[2], wall[3]), size, scheme);
            solver.Step(steps[k]);
            return solver.Field.ToArray();
        })], [diffusions.Length, size, size]);

        return new() { ["official"] = Solved(HeatScheme.InPlace), ["adi"] = Solved(HeatScheme.Textbook) };
    }

    private static Dictionary<string, Tensor> Mode(Config config, ParityInputs inputs)
    {
        int size = config.Int("n"), steps = config.Int("iters");
        double angle = Math.PI / (size - 1);
        double[] wave = [.. Enumerable.Range(0, size).Select(k => k % (size - 1) == 0 ? 0 : Math.Sin(angle * k))];
        double[] mode = [.. wave.SelectMany(row => wave.Select(column => row * column))];
        double[] diffusions = Doubles(inputs["lam"]);
        var fields = diffusions.SelectMany(diffusion =>
        {
            var solver = new HeatSolver(mode, diffusion);
            solver.Step(steps);
            return solver.Field.ToArray();
        });
        var factors = diffusions.Select(diffusion =>
        {
            double spread = diffusion * (1 - Math.Cos(angle));
            return Math.Pow((1 - spread) / (1 + spread), 2 * steps);
        });
        return new() { ["mode"] = Tensor.From([.. fields], [diffusions.Length, size, size]), ["factor"] = Tensor.From([.. factors]) };
    }

    private static double[] Doubles(Tensor values) => values.To(DType.Float64).Reshape([-1]).ToArray<double>();
}
