using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.Swagan;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Swagan;

[Collection(LiveTensors.Name)]
public sealed class SwaganTests
{
    private static readonly StyleGanConfig Small = new(16)
    {
        StyleWidth = 8,
        MappingLayers = 2,
        Channels = new Dictionary<int, int> { [4] = 8, [8] = 8, [16] = 4 },
    };

    [Fact]
    public void Keys_and_shapes_are_the_official_ones_with_the_fixed_noise_beside()
    {
        using var skipped = Init.Skipped();
        using var generator = new SwaganGenerator(new StyleGanConfig(256));
        using var discriminator = new SwaganDiscriminator(new StyleGanConfig(256));
        Assert.Equal(
            0xc671b3771547a280,
            StateHash.Of(generator.StateDict().Where(entry => !entry.Name.StartsWith("noises.", StringComparison.Ordinal))));
        Assert.Equal(0x89c6ee8790c6ba91, StateHash.Of(discriminator));
        Assert.Equal(11, generator.Noises.All.Count);
        Assert.Equal([1, 1, 128, 128], generator.StateDict().Single(entry => entry.Name == "noises.noise_10").Tensor.Shape.ToArray());
    }

    [Fact]
    public void A_style_less_a_level_and_a_picture_of_full_size()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var wavelets = new SwaganGenerator(Small);
        using var pixels = new StyleGan2Generator(Small);
        using var discriminator = new SwaganDiscriminator(Small);
        Assert.Equal(4, wavelets.StyleCount);
        Assert.Equal(6, pixels.StyleCount);
        var pictures = wavelets.Call(Tensor.Randn([4, 8]));
        Assert.Equal([4, 3, 16, 16], pictures.Shape.ToArray());
        Assert.Equal([4, 1], discriminator.Call(pictures).Shape.ToArray());
    }

    [Fact]
    public void The_finest_pattern_of_pixels_comes_from_features_at_half_the_size()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new SwaganGenerator(Small);
        foreach (var parameter in generator.Parameters()) parameter.ZeroInPlace();
        ((ToBands)generator.ToRgbs[0]).Bias.FillInPlace(1, 0, 9..12); // HH of all colours: a checkerboard
        var picture = generator.Call(Tensor.Randn([1, 8]))[0, 0];
        var rows = Tensor.Arange(16, dtype: DType.Float32);
        var board = (((rows.Unsqueeze(1) + rows) % 2) * -2 + 1) * 0.5;
        Assert.True(picture.Allclose(board, atol: 1e-6));
    }

    [Fact]
    public void A_picture_of_two_halves_of_bands_is_judged_from_its_bands_at_every_level()
    {
        using var scope = new TensorScope();
        using var discriminator = new SwaganDiscriminator(Small);
        var picture = Tensor.Randn([2, 3, 16, 16]);
        picture.RequiresGrad = true;
        var gradient = Gradients.Of([discriminator.Call(picture).Sum()], [picture])[0];
        Assert.True(gradient.Ne(0).All().Item<bool>());
        Assert.Equal(discriminator.FromRgbs.Count, discriminator.Convs.Count + 1);
    }
}
