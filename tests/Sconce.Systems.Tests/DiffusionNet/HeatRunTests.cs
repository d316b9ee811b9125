using Sconce.Abilities;
using Sconce.Data;
using Sconce.Systems.Science.DiffusionNet;
using Xunit;

namespace Sconce.Systems.Tests.DiffusionNet;

[Collection(LiveTensors.Name)]
public sealed class HeatRunTests : IDisposable
{
    private const string Plate =
        """{ "lambda": 0.4, "initial": 300, "bottom": 900, "right": 100, "top": 500, "left": 700 }""";

    private static readonly HeatSettings Settings = new()
    {
        Run = new() { Epochs = 2, Batch = 4, Threads = 1 },
        Optimization = new HeatSettings().Optimization,
        Updates = 4,
        LastStart = 20,
    };

    private readonly RunFixture runs = new(new DiffusionNetSystem());

    public void Dispose() => runs.Dispose();

    [Fact]
    public void A_surrogate_is_learnt_resumed_judged_and_solves_beside_the_solver()
    {
        var whole = runs.Train("whole", "diffusionnet_small", Settings);
        runs.Stop("stopped", "diffusionnet_small", Settings, 5);
        runs.Train("stopped", "diffusionnet_small", Settings);
        Assert.Equal(runs.Best("whole"), runs.Best("stopped"));
        var report = runs.MethodOf("diffusionnet_small").Evaluate(
            runs.Trained("whole", "diffusionnet_small", Settings), null, 1, null, default);
        Assert.Equal(whole.Best!.Figures["error, K"], report.Figures["error, K"], 1e-3);
        Assert.Equal("step 100 from the start", report.Rows[^1].Name);

        var problem = HeatFile.Of(runs.Write("heat.json", Plate));
        using var session = new SolveHeat().Open(runs.Request("whole", "diffusionnet_small", Settings));
        var answer = session.Ask(problem, new SolveSettings { Steps = 35 });
        Assert.Equal(["the solver", "the network"], answer.Times.Items.Select(row => row[0]));
        Assert.Equal([10L, 20L, 30L], answer.Errors!.Items.Select(row => (long)row[0]!));
        var frames = answer.Heat.Frames.ToList();
        Assert.Equal(4, frames.Count);
        Assert.True(frames[0].Width > 3 * frames[0].Height);
        var fault = Assert.Throws<SettingsException>(() => session.Ask(problem, new SolveSettings { Steps = 5 }));
        Assert.Contains("one jump of the network is 10 steps", fault.Message, StringComparison.Ordinal);
        var other = HeatFile.Of(runs.Write("other.json", Plate.Replace("{ ", "{ \"size\": 24, ", StringComparison.Ordinal)));
        Assert.Contains("learnt 12 x 12", Assert.Throws<UsageException>(() => session.Ask(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_run_the_solver_answers_alone()
    {
        var request = new NoWeights();
        using var session = new SolveHeat().Open(request);
        var answer = session.Ask(HeatFile.Of(runs.Write("heat.json", Plate)), new SolveSettings { Steps = 40 });
        Assert.Equal("the solver", Assert.Single(answer.Times.Items)[0]);
        Assert.Equal(5, answer.Heat.Frames.Count());
    }

    [Theory]
    [InlineData("{", "it is no problem of heat")]
    [InlineData("""{ "lambda": 0.4, "initial": 1, "bottom": 2, "right": 3, "top": 4 }""", "'left' is missing")]
    [InlineData("""{ "initial": 1, "bottom": 2, "right": 3, "top": 4, "left": 5 }""", "how far heat goes")]
    [InlineData("""{ "lambda": -1, "initial": 1, "bottom": 2, "right": 3, "top": 4, "left": 5 }""", "it is more than 0")]
    [InlineData("""{ "lambda": 1, "walls": 3 }""", "it is no problem of heat")]
    public void What_no_problem_can_be_is_told(string text, string said) => Assert.Contains(
        said, Assert.Throws<DataException>(() => HeatFile.Of(runs.Write("bad.json", text)).Read()).Message, StringComparison.Ordinal);

    [Fact]
    public void Physical_units_give_lambda() => Assert.Equal(0.5, HeatFile.Of(runs.Write(
        "units.json", """{ "alpha": 1e-4, "dt": 0.5, "dx": 0.01, "initial": 1, "bottom": 2, "right": 3, "top": 4, "left": 5 }""")).Read()
        .Problem.Diffusion, 1e-9);

    private sealed class NoWeights : OpenRequest
    {
        public override string Name => "diffusionnet";

        public override string NetworkName => "";

        public override string Weights => throw new UsageException("none");

        public override bool HasWeights => false;

        public override IReadOnlyList<Capability> Capabilities => [];

        public override IReadOnlyList<string>? Classes => null;

        public override int Outputs => 0;

        public override T Network<T>() => throw new UsageException("none");

        public override Nn.Module<Torch.Tensor, Torch.Tensor> Features() => throw new UsageException("none");
    }
}
