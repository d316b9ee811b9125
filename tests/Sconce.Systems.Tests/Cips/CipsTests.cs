using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.Cips;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Cips;

[Collection(LiveTensors.Name)]
public sealed class CipsTests
{
    private static readonly CipsConfig Small = new(8)
    {
        Hidden = 6,
        StyleWidth = 5,
        MappingLayers = 2,
        Channels = [8, 8, 8, 8, 8, 8, 8, 8, 8],
    };

    public static TheoryData<CipsActivation, bool> Kinds
    {
        get
        {
            var kinds = new TheoryData<CipsActivation, bool>();
            foreach (var activation in Enum.GetValues<CipsActivation>())
            {
                kinds.Add(activation, true);
                kinds.Add(activation, false);
            }

            return kinds;
        }
    }

    private static CipsGenerator Create(CipsActivation activation, bool skip)
    {
        var config = Small with { Activation = activation };
        return skip ? new CipsSkip(config) : new CipsRes(config);
    }

    [Fact]
    public void Keys_and_shapes_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var skip = new CipsSkip(new CipsConfig());
        using var small = new CipsRes(
            new CipsConfig(64) { Hidden = 24, StyleWidth = 32, MappingLayers = 2, Channels = [32, 32, 32, 32, 16, 8, 4, 4, 2] });
        using var discriminator = new StyleGan2Discriminator(new StyleGanConfig(256));
        Assert.Equal(0xadaa3db8d0664156, StateHash.Of(skip));
        Assert.Equal(0xd78f7067329b19b8, StateHash.Of(small));
        Assert.Equal(0x60fdc2b17adea2f5u, StateHash.Of(discriminator));
    }

    [Fact]
    public void The_residual_kind_has_the_papers_number_of_parameters()
    {
        using var skipped = Init.Skipped();
        using var network = new CipsRes(new CipsConfig());
        Assert.Equal(43.03, network.ParameterCount / 1e6, 0.005);
    }

    [Fact]
    public void Coordinates_and_further_first_layers_go_into_the_discriminator()
    {
        using var scope = new TensorScope();
        using var discriminator = new StyleGan2Discriminator(
            new StyleGanConfig(8) { InputChannels = 5, FirstLayers = 2, Channels = new Dictionary<int, int> { [4] = 4, [8] = 4 } });
        Assert.Contains("convs.2.0.weight", discriminator.StateDict().Select(entry => entry.Name));
        Assert.Contains("convs.3.conv1.0.weight", discriminator.StateDict().Select(entry => entry.Name));
        Assert.Equal([2, 1], discriminator.Call(Tensor.Randn([2, 5, 8, 8])).Shape.ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Quarters_of_a_picture_are_the_whole_and_a_pixel_depends_on_its_own_place(CipsActivation activation, bool skip)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = Create(activation, skip);
        generator.Eval();
        var style = generator.Map(Tensor.Randn([2, 5]));
        var whole = generator.Render(CoordinateGrid.Whole((24, 20)), style, generator.NoNoise());
        var top = Tensor.Cat([Part(0, 0), Part(0, 10)], 3);
        var bottom = Tensor.Cat([Part(12, 0), Part(12, 10)], 3);
        Assert.True(whole.Allclose(Tensor.Cat([top, bottom], 2), atol: 1e-5));

        var moved = CoordinateGrid.Whole((24, 20));
        moved.FillInPlace(0.123, 0, 0, 3, 4);
        var changed = (generator.Render(moved, style, generator.NoNoise()) - whole).Abs().Amax([0, 1]) > 1e-5;
        Assert.Equal(1, changed.Sum().Item<long>());
        Assert.True(changed[3, 4].Item<bool>());

        Tensor Part(int row, int column) =>
            generator.Render(CoordinateGrid.Region((24, 20), row, column, (12, 10)), style, generator.NoNoise());
    }

    [Fact]
    public void In_training_the_own_grid_takes_the_embedding_as_it_is_and_in_evaluation_it_is_read_between_cells()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new CipsSkip(Small);
        var style = generator.Map(Tensor.Randn([1, 5]));
        var training = generator.Render(CoordinateGrid.Whole(8), style, generator.NoNoise());
        generator.Eval();
        Assert.False(training.Allclose(generator.Render(CoordinateGrid.Whole(8), style, generator.NoNoise()), atol: 1e-3));
    }

    [Fact]
    public void Fresh_noise_differs_and_noise_for_other_layers_is_refused()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new CipsSkip(Small);
        generator.Conv1.Noise.Weight.FillInPlace(1);
        var z = Tensor.Randn([1, 5]);
        Assert.Equal([1, 3, 8, 8], generator.Call(z).Shape.ToArray());
        Assert.False(generator.Call(z).Allclose(generator.Call(z)));
        Assert.Throws<ArgumentException>(() => generator.Render(CoordinateGrid.Whole(8), generator.Map(z), Tensor.Zeros([2, 1, 1, 1])));
    }

    [Fact]
    public void Coordinates_are_x_then_y_and_regions_outside_are_refused()
    {
        using var scope = new TensorScope();
        var grid = CoordinateGrid.Whole((3, 5));
        Assert.Equal([-1f, -0.5f, 0f, 0.5f, 1f], grid[0, 0, 2].ToArray<float>());
        Assert.Equal([-1f, 0f, 1f], grid[0, 1, .., 4].ToArray<float>());
        Assert.Equal([0f, 1f, 2f], CoordinateGrid.Integers((2, 3))[0, 0, 1].ToArray<float>());
        Assert.Throws<ArgumentException>(() => CoordinateGrid.Region((3, 5), 1, 0, (3, 5)));
        Assert.Throws<ArgumentException>(() => CoordinateGrid.Region((3, 5), -1, 0, (1, 1)));
        Assert.Throws<ArgumentException>(() => new CipsSkip(new CipsConfig(12)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    public void A_patch_takes_each_2_to_the_s_th_pixel_with_its_coordinates(int scale, int step)
    {
        using var scope = new TensorScope();
        var stack = CoordinateGrid.Integers((16, 16));
        var random = new Random(2);
        HashSet<float> starts = [];
        for (int k = 0; k < 60; k++)
        {
            var patch = CoordinateGrid.Patch(stack, 4, scale, random);
            Assert.Equal([1, 2, 4, 4], patch.Shape.ToArray());
            var row = patch[0, 0, 1].ToArray<float>();
            Assert.All(row.Zip(row.Skip(1)), pair => Assert.Equal(step, pair.Second - pair.First));
            starts.Add(row[0]);
        }

        Assert.Equal(16 - (3 * step), starts.Count);
        Assert.Throws<ArgumentException>(() => CoordinateGrid.Patch(stack, 4, 3, random));
    }
}
