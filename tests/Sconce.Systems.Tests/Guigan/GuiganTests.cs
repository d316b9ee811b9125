using Sconce.Nn;
using Sconce.Systems.Generation.Guigan;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Guigan;

[Collection(LiveTensors.Name)]
public sealed class GuiganTests
{
    [Fact]
    public void Keys_and_shapes_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var generator = new SubtreeGenerator(8000);
        using var discriminator = new ScreenDiscriminator(8000);
        using var style = new StyleEmbedding();
        Assert.Equal(0xd5e1b7accdec07c8, StateHash.Of(generator));
        Assert.Equal(0x5827b6e5975e906bu, StateHash.Of(discriminator));
        Assert.Equal(0x52041e9427a5e6d1u, StateHash.Of(style));
        Assert.Equal([528_448, 4_277_282, 22_802_722], ((Module[])[generator, discriminator, style])
            .Select(module => module.ParameterCount));
    }

    [Fact]
    public void A_screen_written_token_by_token_has_the_probabilities_of_the_whole()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = Wide(new SubtreeGenerator(7, 5, 6));
        var steps = new List<Tensor>();
        var screens = generator.Sample(3, 4, probabilities =>
        {
            steps.Add(probabilities.Log().Hold());
            return probabilities.Argmax(1);
        });
        Assert.Equal([3, 4], screens.Shape.ToArray());
        var shifted = Tensor.Cat([Tensor.Zeros([3, 1], DType.Int64), screens[.., ..3]], 1);
        Assert.True(generator.Call(shifted).Reshape([3, 4, 7]).Allclose(Tensor.Stack([.. steps], 1), atol: 1e-5));
        foreach (var step in steps) step.Dispose();
    }

    [Fact]
    public void A_completed_screen_begins_as_it_was_given()
    {
        using var scope = new TensorScope();
        using var generator = new SubtreeGenerator(7, 5, 6);
        var beginning = Tensor.From([1L, 2, 3, 4, 5, 6], [2, 3]);
        var whole = generator.Complete(beginning, 5);
        Assert.Equal([2, 5], whole.Shape.ToArray());
        Assert.True(whole[.., ..3].Equal(beginning));
        Assert.True(generator.Complete(beginning, 3).Equal(beginning));
        Assert.Throws<ArgumentException>(() => generator.Complete(beginning, 2));
        Assert.Throws<ArgumentException>(() => generator.Complete(beginning[.., ..0], 2));
    }

    [Fact]
    public void A_token_is_rewarded_for_what_the_discriminator_likes_after_it()
    {
        using var scope = new TensorScope();
        using var generator = new SubtreeGenerator(4, 5, 6);
        using var rollout = new Rollout(generator);
        // Real are screens whose second token is 3, whatever follows.
        Tensor Judge(Tensor tokens)
        {
            var likes = tokens[.., 1].Eq(3).Float();
            return Tensor.Stack([-1 - likes, likes - 2], 1);
        }

        var rewards = rollout.LogRewards(Tensor.From([0L, 3, 1, 0, 2, 1], [2, 3]), 40, Judge);
        Assert.Equal([2, 3], rewards.Shape.ToArray());
        Assert.True(rewards[0, 1].Item<double>() == -1 && rewards[0, 2].Item<double>() == -1 && rewards[1, 1].Item<double>() == -2);
        Assert.InRange(rewards[0, 0].Item<double>(), -1.99, -1.01); // the second token is still open
        Assert.Throws<ArgumentOutOfRangeException>(() => rollout.LogRewards(Tensor.Zeros([1, 2], DType.Int64), 0, Judge));
    }

    [Fact]
    public void The_copy_follows_slowly_but_for_its_vectors()
    {
        using var scope = new TensorScope();
        using var generator = new SubtreeGenerator(4, 5, 6);
        using var rollout = new Rollout(generator, 0.75);
        var before = rollout.Copy.Lin.Bias!.Detach().Clone();
        using (Gradients.Off())
        {
            generator.Lin.Bias!.AddInPlace(4);
            generator.Emb.Weight.AddInPlace(4);
        }

        rollout.Update();
        Assert.True((rollout.Copy.Lin.Bias! - before).Allclose(Tensor.Ones([4]), atol: 1e-5));
        Assert.True(rollout.Copy.Emb.Weight.Equal(generator.Emb.Weight));
    }

    [Fact]
    public void No_gradient_reaches_rewards_and_pairs_of_one_app_are_drawn_together()
    {
        using var scope = new TensorScope();
        Tensor logits = Tensor.Randn([5, 3]), rewards = Tensor.Rand([5]), tokens = Tensor.From([0L, 1, 2, 1, 0]);
        logits.RequiresGrad = rewards.RequiresGrad = true;
        var gradients = Gradients.OfAny([GuiganLosses.PolicyGradient(logits.LogSoftmax(1), tokens, rewards)], [logits, rewards]);
        Assert.NotNull(gradients[0]);
        Assert.Null(gradients[1]);
        Tensor first = Tensor.Zeros([1, 2]), second = Tensor.From([3f, 4], [1, 2]);
        Assert.Equal(12.5, GuiganLosses.Contrastive(first, second, Tensor.Ones([1])).Item<double>(), 1e-5);
        Assert.Equal(0, GuiganLosses.Contrastive(first, second, Tensor.Zeros([1])).Item<double>(), 1e-5);
    }

    [Fact]
    public void Trees_are_as_far_apart_as_the_changes_that_make_one_of_the_other()
    {
        OrderedTree<string> screen = Tree((0, "f"), (1, "d"), (2, "a"), (2, "c"), (3, "b"), (1, "e"));
        OrderedTree<string> other = Tree((0, "f"), (1, "c"), (2, "d"), (3, "a"), (3, "b"), (1, "e"));
        Assert.Equal(2, screen.DistanceTo(other)); // Zhang and Shasha's own example
        Assert.Equal(0, screen.DistanceTo(screen));
        Assert.Equal(screen.DistanceTo(other), other.DistanceTo(screen));
        Assert.Equal(6, screen.DistanceTo(Tree()));
        Assert.Equal(1, Tree((0, "a"), (0, "b")).DistanceTo(Tree((0, "a"))));
        Assert.Equal(2, Tree((0, "a"), (0, "b"), (1, "c")).DistanceTo(Tree((0, "a"), (0, "d"))));
        Assert.Throws<ArgumentException>(() => Tree((0, "a"), (2, "b")));

        static OrderedTree<string> Tree(params (int, string)[] nodes) => new(nodes);
    }

    [Fact]
    public void One_app_is_the_best_style_and_clusters_that_say_nothing_the_worst()
    {
        Assert.Equal(0, StyleScore.Of([3, 3, 3], [0, 1, 0]));
        Assert.Equal(1, StyleScore.Of([3], [0]));
        Assert.Equal(Math.Exp(-1), StyleScore.Of([0, 0, 1, 1], [5, 5, 2, 2]), 1e-12);
        Assert.Equal(1, StyleScore.Of([0, 0, 1, 1], [0, 1, 0, 1]), 1e-12);
        Assert.Throws<ArgumentException>(() => StyleScore.Homogeneity([0, 1], [0]));
    }

    [Fact]
    public void Styles_that_lie_apart_are_told_apart_by_their_places()
    {
        float[][] places = [[0, 0], [0.1f, 0], [5, 5], [5, 5.1f], [0, 0.1f]];
        int[] clusters = StyleScore.Clusters(places, 2, new Random(1));
        Assert.True(clusters[0] == clusters[1] && clusters[0] == clusters[4] && clusters[2] == clusters[3] && clusters[0] != clusters[2]);
        Assert.Equal(Math.Exp(-1), StyleScore.Of([7, 7, 9, 9, 7], places, new Random(2)), 1e-9);
        Assert.Throws<ArgumentOutOfRangeException>(() => StyleScore.Clusters(places, 6, new Random(1)));
    }

    [Fact]
    public void Shaped_rewards_have_no_mean_and_raise_screens_of_one_style()
    {
        using var scope = new TensorScope();
        var shaped = GuiganLosses.Shaped(Tensor.Rand([4, 3]) * 0.01, Tensor.From([1f, 0, 0, 0]), Tensor.Zeros([4]), styleWeight: 2);
        Assert.True(shaped.Mean([0]).Abs().Max().Item<double>() < 1e-5);
        Assert.True(shaped[0].Min().Item<double>() > 1.4);
    }

    [Fact]
    public void A_tidy_screen_has_one_beginning_one_end_and_fits()
    {
        var vocabulary = new ScreenVocabulary(
            [new(500, 0, Begins: true), new(900, 0), new(600, 1, Begins: true), new(100, 0, Ends: true), new(1500, 2)]);
        Assert.Equal(16, vocabulary.Count);
        // No filler, no second beginning, nothing after the end.
        Assert.Equal([11, 12, 14, 0, 0, 0], vocabulary.Tidied([11, 0, 12, 13, 14, 12]));
        Assert.Equal([11, 12, 5, 0], vocabulary.Tidied([11, 12, 5, 15])); // below the screen
        Assert.Equal([1, 1, 2, 8, 9, 10], ((int[])[1, 5, 6, 200, 201, 301]).Select(ScreenVocabulary.StripOf));
        Assert.Equal(300, vocabulary[10].Height);
        Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary[16]);
    }

    [Fact]
    public void Screens_shorter_than_the_longest_filter_and_pictures_of_another_size_are_refused()
    {
        using var scope = new TensorScope();
        using var discriminator = new ScreenDiscriminator(9, 4, [1, 3], [2, 2]);
        Assert.Contains("3", Assert.Throws<TorchException>(() => discriminator.Call(Tensor.Zeros([1, 2], DType.Int64))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ScreenDiscriminator(9, 4, [1, 3], [2]));
        Assert.Throws<ArgumentException>(() => new StyleEmbedding(32, 32));
        using var style = new StyleEmbedding(80, 96);
        Assert.Equal([2, 2], style.Call(Tensor.Rand([2, 3, 80, 96])).Shape.ToArray());
        Assert.Throws<TorchException>(() => style.Call(Tensor.Rand([2, 3, 96, 80])));
    }

    [Fact]
    public void Coefficients_rise_where_their_losses_are_large()
    {
        using var scope = new TensorScope();
        using var weighed = new WeighedLosses();
        Tensor policy = Tensor.From([100f]), small = Tensor.From([0.1f]);
        policy.RequiresGrad = true;
        var gradients = Gradients.Of([weighed.Call(policy, small, small)], [weighed.Cf1, weighed.Cf2, policy]);
        Assert.True(gradients[0].Item<double>() < 0 && gradients[1].Item<double>() > 0);
        Assert.Equal(200 * Math.Exp(-1.55), gradients[2].Item<double>(), 1e-3);
    }

    private static SubtreeGenerator Wide(SubtreeGenerator generator)
    {
        foreach (var parameter in generator.Parameters()) Init.Normal(parameter, 0.5);
        return generator;
    }
}
