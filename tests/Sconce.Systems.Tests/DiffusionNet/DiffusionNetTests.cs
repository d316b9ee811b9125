using Sconce.Systems.Science.DiffusionNet;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.DiffusionNet;

[Collection(LiveTensors.Name)]
public class DiffusionNetTests
{
    [Fact]
    public void The_network_has_the_official_size_and_the_cases_keys()
    {
        using var network = new HeatNetwork(HeatNetworkConfig.Official);
        Assert.Equal(3_567_761, network.ParameterCount);
        string[] keys = [.. network.StateDict().Select(entry => entry.Name)];
        Assert.Equal(133, keys.Length);
        foreach (string key in (string[])["stem.c.weight", "e3.layers.7.1.c.bias", "l2.recurrent.weight", "u1.c.weight", "out.c.bias"])
        {
            Assert.Contains(key, keys);
        }
    }

    [Fact]
    public void Frames_before_the_present_one_are_remembered_and_later_ones_are_not_seen()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new HeatNetwork(HeatNetworkConfig.Small);
        var frames = Tensor.Randn([1, 3, 1, 8, 8]);
        var other = Tensor.Cat([frames[.., 0..1] + 1, frames[.., 1..]], 1);
        Tensor first = network.Call(frames), second = network.Call(other);
        Assert.True((first[.., 2] - second[.., 2]).Abs().Max().Item<double>() > 1e-6);
        Assert.True((first[.., 0..2] - network.Call(frames[.., 0..2])).Abs().Max().Item<double>() < 1e-5);
    }

    [Theory]
    [InlineData(HeatScheme.Textbook)]
    [InlineData(HeatScheme.InPlace)]
    public void Both_schemes_end_in_the_same_steady_state(HeatScheme scheme)
    {
        var solver = HeatSolver.Of(new(0.5, 0, 100, 200, 300, 400), 6, scheme);
        solver.Step(400);
        double[] steady = solver.Field.ToArray();
        for (int row = 1; row < 5; row++)
        {
            for (int column = 1; column < 5; column++)
            {
                int at = (row * 6) + column;
                Assert.Equal((steady[at - 1] + steady[at + 1] + steady[at - 6] + steady[at + 6]) / 4, steady[at], 1e-6);
            }
        }
    }

    [Fact]
    public void A_plate_as_warm_as_its_walls_stays_so()
    {
        var solver = HeatSolver.Of(new(0.7, 300, 300, 300, 300, 300), 8);
        solver.Step(10);
        for (int row = 1; row < 7; row++)
        {
            for (int column = 1; column < 7; column++) Assert.Equal(300, solver.Field[(row * 8) + column], 1e-9);
        }
    }

    [Fact]
    public void Grids_that_do_not_halve_twice_and_fields_that_are_no_square_are_refused()
    {
        using var scope = new TensorScope();
        using var network = new HeatNetwork(HeatNetworkConfig.Small);
        Assert.Throws<ArgumentException>(() => network.Call(Tensor.Zeros([1, 1, 1, 10, 12])));
        Assert.Throws<ArgumentException>(() => network.Call(Tensor.Zeros([1, 1, 12, 12])));
        Assert.Throws<ArgumentException>(() => new HeatNetwork(HeatNetworkConfig.Small with { Layers = [1, 2] }));
        Assert.Throws<ArgumentException>(() => new HeatSolver(new double[10], 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HeatSolver(new double[16], 0));
    }
}
