using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Perceptual;
using Sconce.Systems.Generation.CharacterGan;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.CharacterGan;

[Collection(LiveTensors.Name)]
public sealed class CharacterGanTests
{
    private static readonly CharacterConfig Small = new() { Width = 4, Halvings = 2, Blocks = 1 };

    [Fact]
    public void Keys_and_shapes_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var generator = new CharacterGenerator(new CharacterConfig());
        using var discriminator = new CharacterDiscriminator(12);
        using var vgg = new Vgg19Loss();
        Assert.Equal(0x83349f04942c150f, StateHash.Of(generator));
        Assert.Equal(0xe6c707e4c5730875, StateHash.Of(discriminator));
        Assert.Equal(0xca182d2b05bf4711, StateHash.Of(vgg));
    }

    [Fact]
    public void Both_variants_have_the_papers_number_of_parameters()
    {
        using var skipped = Init.Skipped();
        foreach (var variant in new CharacterGanSystem().Variants)
        {
            using var network = variant.Create(ModelOptions.Official);
            Assert.Equal(variant.Parameters, network.ParameterCount);
        }
    }

    [Fact]
    public void A_picture_whose_sides_do_not_divide_comes_out_at_its_own_size()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new CharacterGenerator(Small);
        Tensor[] layers = [.. Enumerable.Range(0, 3).Select(_ => Tensor.Rand([1, 3, 30, 26]))];
        Assert.Equal([1, 3, 30, 26], generator.Call(layers).Shape.ToArray());
        Assert.Throws<TorchException>(() => generator.Call([.. layers.Take(2)]));
    }

    [Theory]
    [InlineData(PaddingMode.Reflect, CharacterNorm.Instance)]
    [InlineData(PaddingMode.Replicate, CharacterNorm.Batch)]
    [InlineData(PaddingMode.Zeros, CharacterNorm.Instance)]
    public void Order_of_the_layers_counts_in_every_form(PaddingMode padding, CharacterNorm norm)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        TorchRuntime.ManualSeed(1);
        foreach (bool scaled in (bool[])[true, false])
        {
            using var generator = new CharacterGenerator(Small with { Padding = padding, Norm = norm, AdaptiveScaling = scaled });
            Tensor[] layers = [.. Enumerable.Range(0, 3).Select(_ => Tensor.Randn([1, 3, 16, 16]))];
            var drawn = generator.Call(layers);
            Assert.False(drawn.Equal(generator.Call([layers[2], layers[1], layers[0]])));
            Assert.Equal(scaled, generator.NamedParameters()
                .Any(named => named.Name.StartsWith("scale_features", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Discriminators_that_hand_out_no_features_judge_alike_under_other_keys()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using CharacterDiscriminator open = new(5, 4, 2), closed = new(5, 4, 2, features: false),
            bounded = new(5, 4, 2, features: false, sigmoid: true);
        foreach (var (from, to) in open.Parameters().Zip(closed.Parameters())) to.CopyInPlace(from);
        var picture = Tensor.Randn([2, 5, 32, 32]);
        ScaleJudgements first = open.Call(picture), second = closed.Call(picture);
        Assert.Equal([2, 2], (int[])[first.Scales.Count, second.Scales.Count]);
        Assert.All(first.Judgements.Zip(second.Judgements), pair => Assert.True(pair.First.Allclose(pair.Second, atol: 1e-6)));
        Assert.All(bounded.Call(picture).Judgements, judged => Assert.True(((judged > 0) & (judged < 1)).All().Item<bool>()));
        Assert.Contains("layer0.0.weight", closed.StateDict().Select(entry => entry.Name));
    }

    [Fact]
    public void Losses_of_a_perfect_drawing_leave_only_what_the_discriminator_says()
    {
        using var scope = new TensorScope();
        using var discriminator = new CharacterDiscriminator(5, 4, 2);
        var judged = discriminator.Call(Tensor.Randn([1, 5, 32, 32]));
        Assert.Equal(0, CharacterLosses.FeatureMatching(judged, judged).Item<double>());
        double real = judged.Judgements.Sum(judgement => (judgement - 1).Square().Mean().Item<double>());
        double fake = judged.Judgements.Sum(judgement => judgement.Square().Mean().Item<double>());
        Assert.Equal(real, CharacterLosses.Generator(judged).Item<double>(), 1e-4);
        Assert.Equal((real + fake) / 2, CharacterLosses.Discriminator(judged, judged).Item<double>(), 1e-4);
    }

    [Fact]
    public void Vggs_target_gets_no_gradient_and_its_weights_get_none()
    {
        using var scope = new TensorScope();
        using var loss = new Vgg19Loss();
        Tensor picture = Tensor.Rand([1, 3, 16, 16]), target = Tensor.Rand([1, 3, 16, 16]);
        picture.RequiresGrad = target.RequiresGrad = true;
        var gradients = Gradients.OfAny([loss.Call(picture, target)], [picture, target]);
        Assert.NotNull(gradients[0]);
        Assert.Null(gradients[1]);
        Assert.DoesNotContain(loss.Parameters(), parameter => parameter.RequiresGrad);
        Assert.Throws<ArgumentException>(() => new Vgg19Loss([1, 2]));
    }

    [Fact]
    public void Dots_peak_at_their_keypoints_and_lines_stay_inside_their_layer()
    {
        var maps = new KeypointMaps(60, 40);
        Keypoint[] points = [new(10, 10), new(30, 40), new(20, 50)];
        var dots = maps.Dots(points);
        foreach (var (point, dot) in points.Zip(dots)) Assert.InRange(dot[(point.Y * 40) + point.X], 0.9f, 1);
        float[] joined = maps.Layer(dots, points, [0, 1], [(0, 1), (0, 2)]), alone = maps.Layer(dots, points, [0, 1], [(0, 2)]);
        int middle = (25 * 40) + 20; // half way between the first two
        Assert.Equal(1, joined[middle]);
        Assert.Equal(-1, alone[middle]);
        Assert.Equal(-1, joined[(45 * 40) + 19]);
        Assert.Throws<ArgumentException>(() => maps.Layer(dots, points, [0, 1], [], [(1, 0, 0)]));
    }

    [Fact]
    public void A_keypoint_at_the_edge_is_drawn_as_far_as_it_is_inside()
    {
        var maps = new KeypointMaps(20, 20, 0.1, 0.05);
        Assert.True(maps.Dots([new(0, 0)])[0][0] > 0.9);
        Assert.All(maps.Dots([new(-30, 5)])[0], value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_warp_that_moves_nothing_changes_nothing()
    {
        using var scope = new TensorScope();
        var picture = Tensor.Rand([2, 17, 23]);
        var points = ThinPlateWarp.Grid(17, 23);
        Assert.True(new ThinPlateWarp(points, points, 17, 23, 1).Apply(picture).Allclose(picture, atol: 1e-4));
    }

    [Fact]
    public void A_warp_takes_a_point_where_it_is_told_and_bends_maps_alike()
    {
        using var scope = new TensorScope();
        var picture = Tensor.Zeros([1, 21, 21]);
        picture.FillInPlace(1, 0, 10, 10);
        var points = ThinPlateWarp.Grid(20, 20);
        PicturePoint[] moved = [.. points.Select(point => point is (10, 10) ? new(13, 8) : point)];
        var bent = new ThinPlateWarp(points, moved, 21, 21, 1).Apply(picture);
        Assert.Equal((13 * 21) + 8, bent.Argmax().Item<long>());
        Assert.Throws<ArgumentException>(() => new ThinPlateWarp(points, [.. moved.Skip(1)], 21, 21));
        Assert.Throws<ArgumentException>(() => new ThinPlateWarp(points, moved, 3, 21));
        Assert.Throws<TorchException>(() => new ThinPlateWarp(points, moved, 21, 21).Apply(Tensor.Zeros([1, 20, 21])));
    }
}
