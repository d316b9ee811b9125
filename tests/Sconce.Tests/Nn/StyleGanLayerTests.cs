using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Tests.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

[Collection(LiveTensors.Name)]
public sealed class StyleGanLayerTests
{
    private static readonly StyleGanConfig Small = new(16)
    {
        StyleWidth = 8,
        MappingLayers = 2,
        Channels = new Dictionary<int, int> { [4] = 8, [8] = 8, [16] = 4 },
    };

    [Theory]
    [InlineData(1, 1, 0, 0, 0, 0)]
    [InlineData(2, 1, 2, 1, 2, 1)]
    [InlineData(1, 2, 1, 1, 1, 1)]
    [InlineData(3, 2, -1, 4, 0, -2)]
    [InlineData(2, 3, 5, 5, 1, 6)]
    [InlineData(1, 1, -2, 3, 1, -1)]
    public void Upfirdn_is_zeros_between_a_flipped_kernel_and_every_nth_pixel(int up, int down, int left, int right, int top, int bottom)
    {
        using var scope = new TensorScope();
        var x = Tensor.Randn([2, 3, 6, 7], DType.Float64);
        var kernel = Tensor.Randn([3, 4], DType.Float64);
        var spread = Tensor.Zeros([2, 3, 6 * up, 7 * up], DType.Float64);
        spread.Slice(2, 0, null, up).Slice(3, 0, null, up).CopyInPlace(x);
        var padded = spread.Pad([left, right, top, bottom], "constant", 0.0);
        var filtered = Functional.Conv2d(padded.Reshape([6, 1, padded.Size(2), padded.Size(3)]), kernel.Flip([0, 1]).Reshape([1, 1, 3, 4]));
        var expected = filtered.Slice(2, 0, null, down).Slice(3, 0, null, down);
        var actual = UpFirDn.Apply(x, kernel, up, down, (left, right, top, bottom));
        Assert.True(actual.Allclose(expected.Reshape(actual.Shape), rtol: 1e-9, atol: 1e-12));
    }

    [Fact]
    public void A_map_smaller_than_the_kernel_is_refused()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => UpFirDn.Apply(Tensor.Zeros([1, 1, 2, 2]), Tensor.Ones([4, 4])));
        Assert.Contains("2 x 2", error.Message);
    }

    [Theory]
    [InlineData(MapResize.None, true)]
    [InlineData(MapResize.None, false)]
    [InlineData(MapResize.Double, true)]
    [InlineData(MapResize.Halve, true)]
    public void A_modulated_convolution_is_each_examples_own_convolution(MapResize resize, bool demodulate)
    {
        using var scope = new TensorScope();
        using var layer = new ModulatedConv2d(3, 4, 3, 5, demodulate, resize);
        layer.To(DType.Float64);
        var x = Tensor.Randn([2, 3, 6, 6], DType.Float64);
        var style = Tensor.Randn([2, 5], DType.Float64);
        var together = layer.Call(x, style);
        for (int k = 0; k < 2; k++)
        {
            var factors = layer.Modulation.Call(style[k..(k + 1)]);
            var weight = layer.Weight[0] / Math.Sqrt(27) * factors.Reshape([1, 3, 1, 1]);
            if (demodulate) weight = weight * (weight.Square().Sum([1, 2, 3], keepdim: true) + 1e-8).Rsqrt();
            var one = x[k..(k + 1)];
            var expected = resize switch
            {
                MapResize.Double => layer.Blur!.Call(Functional.ConvTranspose2d(one, weight.Transpose(0, 1), null, [2, 2])),
                MapResize.Halve => Functional.Conv2d(layer.Blur!.Call(one), weight, null, [2, 2]),
                _ => Functional.Conv2d(one, weight, null, [1, 1], [1, 1]),
            };
            Assert.True(together[k..(k + 1)].Allclose(expected, rtol: 1e-9, atol: 1e-12));
        }
    }

    [Fact]
    public void Haar_keeps_energy_and_its_inverse_gives_the_picture_back()
    {
        using var scope = new TensorScope();
        using var transform = new HaarTransform();
        using var inverse = new InverseHaarTransform();
        var x = Tensor.Randn([2, 3, 6, 8]);
        var bands = transform.Call(x);
        Assert.True(inverse.Call(bands).Allclose(x, atol: 1e-5));
        Assert.Equal(x.Square().Sum().Item<double>(), bands.Square().Sum().Item<double>(), 1e-3);
    }

    [Fact]
    public void Haar_bands_say_which_rows_and_columns_are_brighter()
    {
        using var scope = new TensorScope();
        using var transform = new HaarTransform();
        double[] Bands(float a, float b, float c, float d) =>
            transform.Call(Tensor.From([a, b, c, d], [1, 1, 2, 2])).Reshape([-1]).To(DType.Float64).ToArray<double>();
        Assert.Equal([2, 0, 0, 0], Bands(1, 1, 1, 1).Select(value => Math.Round(value, 5)));
        Assert.Equal([1, 1, 0, 0], Bands(1, 1, 0, 0).Select(value => Math.Round(value, 5)));
        Assert.Equal([1, 0, 1, 0], Bands(1, 0, 1, 0).Select(value => Math.Round(value, 5)));
        Assert.Equal([1, 0, 0, 1], Bands(1, 0, 0, 1).Select(value => Math.Round(value, 5)));
        Assert.Throws<TorchException>(() => transform.Call(Tensor.Zeros([1, 1, 3, 2])));
        using var inverse = new InverseHaarTransform();
        Assert.Throws<TorchException>(() => inverse.Call(Tensor.Zeros([1, 6, 3, 2])));
    }

    [Fact]
    public void The_deviation_of_a_batch_of_one_picture_is_nothing_and_odd_batches_are_refused()
    {
        using var scope = new TensorScope();
        using var deviation = new MinibatchStdDev();
        var same = Tensor.Randn([1, 2, 3, 3]).Repeat([8, 1, 1, 1]);
        Assert.True((deviation.Call(same)[.., 2] < 2e-4).All().Item<bool>());
        Assert.True((deviation.Call(Tensor.Randn([8, 2, 3, 3]))[.., 2] > 0.1).All().Item<bool>());
        var error = Assert.Throws<TorchException>(() => deviation.Call(Tensor.Zeros([6, 2, 3, 3])));
        Assert.Contains("batch of 6", error.Message);
    }

    [Fact]
    public void A_generator_repeats_itself_with_fixed_noise_and_truncation_to_nothing_gives_one_picture()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new StyleGan2Generator(Small);
        foreach (var layer in generator.Convs) layer.Noise.Weight.FillInPlace(1);
        var styles = generator.Map(Tensor.Randn([3, 8]));
        var latents = generator.Latents(styles);
        Assert.Equal([3, 6, 8], latents.Shape.ToArray());
        var once = generator.Synthesize(latents, generator.Noises.All);
        Assert.Equal([3, 3, 16, 16], once.Shape.ToArray());
        Assert.True(once.Allclose(generator.Synthesize(latents, generator.Noises.All)));
        Assert.False(once.Allclose(generator.Synthesize(latents), atol: 1e-3));
        var mean = generator.Latents(StyleGenerator.Truncate(styles, generator.MeanStyle(64), 0));
        var pictures = generator.Synthesize(mean, generator.Noises.All);
        Assert.True(pictures[0].Allclose(pictures[2], atol: 1e-5));
        Assert.False(once[0].Allclose(once[2], atol: 1e-2));
    }

    [Fact]
    public void Mixed_styles_are_the_first_ones_before_the_place_and_the_second_ones_from_it_on()
    {
        using var scope = new TensorScope();
        using var generator = new StyleGan2Generator(Small);
        Tensor first = Tensor.Zeros([2, 8]), second = Tensor.Ones([2, 8]);
        Assert.Equal([0, 0, 1, 1, 1, 1], generator.Mix(first, second, 2)[0, .., 0].ToArray<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => generator.Mix(first, second, 7));
        Assert.Throws<ArgumentException>(() => generator.Synthesize(generator.Latents(first), []));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(4)]
    public void A_side_that_is_no_power_of_two_is_refused(int size) =>
        Assert.Throws<ArgumentException>(() => new StyleGan2Discriminator(new StyleGanConfig(size)));

    [Fact]
    public void The_official_table_of_channels_halves_from_64_on()
    {
        var config = new StyleGanConfig(1024);
        Assert.Equal([512, 512, 512, 512, 512, 256, 128, 64, 32], Enumerable.Range(2, 9).Select(level => config.ChannelsAt(1 << level)));
        Assert.Equal(256, (config with { ChannelMultiplier = 1 }).ChannelsAt(64));
    }

    [Fact]
    public void A_training_step_with_second_derivatives_leaves_nothing_behind()
    {
        using var generator = new StyleGan2Generator(Small);
        using var discriminator = new StyleGan2Discriminator(Small);
        Step();
        long live = TensorDiagnostics.Unfreed;
        Step();
        Assert.Equal(live, TensorDiagnostics.Unfreed);

        void Step()
        {
            using var scope = new TensorScope();
            var latents = generator.Latents(generator.Map(Tensor.Randn([4, 8])));
            var pictures = generator.Synthesize(latents);
            var penalty = Sconce.Adversarial.GradientPenalty.SquaredNorm(discriminator.Call(pictures), pictures);
            var (length, _) = new Sconce.Adversarial.PathLengthRegularization().Compute(pictures, latents);
            Gradients.Backward([penalty + length]);
            generator.ZeroGrad();
            discriminator.ZeroGrad();
        }
    }

    [Fact]
    public void Second_derivatives_at_a_trainings_size_are_those_of_double_precision()
    {
        // In single precision large 3x3 convolutions and their gradients have kernels of their own; in double precision they have
        // libtorch's.
        using var scope = new TensorScope();
        using var network = new Sequential(EqualConv2d.Layer(64, 64, 3), EqualConv2d.Layer(64, 64, 3, halved: true));
        var examples = Tensor.Randn([4, 64, 48, 48]);
        var single = Slopes(examples);
        network.To(DType.Float64);
        foreach (var (got, wanted) in single.Zip(Slopes(examples.To(DType.Float64))))
        {
            double error = (got.To(DType.Float64) - wanted).Square().Mean().Sqrt().Item<double>();
            Assert.InRange(error / wanted.Square().Mean().Sqrt().Item<double>(), 0, 2e-3);
        }

        List<Tensor> Slopes(Tensor inputs)
        {
            var penalty = Sconce.Adversarial.GradientPenalty.R1(x => network.Call(x).Square().Mean([1, 2, 3]), inputs);
            var weights = network.NamedParameters().Where(named => named.Name.EndsWith("weight", StringComparison.Ordinal));
            return [.. Gradients.Of([penalty], [.. weights.Select(named => (Tensor)named.Parameter)])];
        }
    }

    [Fact]
    public void A_dcgan_judges_one_picture_by_one_number_and_refuses_other_sizes()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new DcGanGenerator(latent: 6, channels: 1, width: 4);
        using var discriminator = new DcGanDiscriminator(1, 16, DcGanNorm.Group);
        var pictures = generator.Call(Tensor.Randn([1, 6]));
        Assert.Equal([1, 1, 64, 64], pictures.Shape.ToArray());
        Assert.Equal([1], discriminator.Call(pictures).Shape.ToArray());
        Assert.Throws<TorchException>(() => generator.Call(Tensor.Randn([1, 5])));
        Assert.Throws<TorchException>(() => discriminator.Call(Tensor.Zeros([1, 1, 32, 32])));
    }
}
