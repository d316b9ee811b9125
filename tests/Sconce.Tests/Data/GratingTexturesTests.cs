using Sconce.Data.Procedural;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>The noisy gratings.</summary>
public class GratingTexturesTests
{
    [Fact]
    public void Equal_seeds_give_equal_pictures_and_other_seeds_others()
    {
        using var scope = new TensorScope();
        var (first, labels) = Sample(new GratingTextures(), 40, 1);
        Assert.True(first.EqualTo(Sample(new GratingTextures(), 40, 1).Pictures));
        Assert.False(first.EqualTo(Sample(new GratingTextures(), 40, 2).Pictures));
        Assert.Equal([40, 3, 16, 16], first.Shape.ToArray());
        Assert.All(Enumerable.Range(0, 10), label => Assert.Equal(4, labels.ToArray<long>().Count(value => value == label)));
    }

    [Theory]
    [InlineData(0, 0, 2)] // along x
    [InlineData(5, 0, 4)]
    public void Without_noise_the_spectrum_peaks_at_the_class_s_frequency(int label, int row, int column)
    {
        using var scope = new TensorScope();
        var (pictures, _) = Sample(new GratingTextures { Noise = 0, Cycles = (2, 4) }, 10, 3);
        var power = pictures[label].FftRfft2(null).Abs().Sum([0]); // (16, 9)
        Assert.Equal((row * 9) + column, power.Argmax().Item<long>());
    }

    [Fact]
    public void A_grating_has_the_amplitude_stated_and_noise_its_deviation()
    {
        using var scope = new TensorScope();
        var (gratings, _) = Sample(new GratingTextures { Noise = 0, Cycles = (2, 4) }, 1000, 4);
        Assert.Equal(1.7 * 1.7 / 2 / 2, (gratings * gratings).Sum([1]).Mean().Item<float>(), 0.02); // over the colours: A² sin² / √2²
        var (noise, _) = Sample(new GratingTextures { Amplitude = 0 }, 1000, 5);
        Assert.Equal(0.5, noise.Var().Item<float>(), 0.01);
    }

    private static (Tensor Pictures, Tensor Labels) Sample(GratingTextures textures, int count, ulong seed)
    {
        using var generator = new Generator(seed);
        return textures.Sample(count, generator);
    }
}
