using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.TrainingMethods.Frost;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Frost;

[Collection(LiveTensors.Name)]
public class FrostTests
{
    [Fact]
    public void The_network_has_the_official_keys_and_number_of_parameters()
    {
        var variant = FrostVariants.All[0];
        using var skipped = Init.Skipped();
        using var network = variant.Create(ModelOptions.Official);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        StateHash.Verify(16688087529486651493UL, network);
        Assert.IsType<Linear>(network[variant.Find<IHasClasses>()!.Head]);
    }

    [Fact]
    public void The_contrastive_loss_of_projections_that_are_all_alike_is_the_logarithm_of_the_others()
    {
        using var scope = new TensorScope();
        var same = Tensor.Ones([6, 4]);
        Assert.Equal(Math.Log(11), FrostLosses.Contrastive(same, same).Item<double>(), 1e-5);
    }

    [Fact]
    public void The_contrastive_loss_asks_for_directions_only_and_does_not_mind_which_view_is_first()
    {
        using var scope = new TensorScope();
        var (first, second) = (Tensor.Randn([5, 8]), Tensor.Randn([5, 8]));
        double loss = FrostLosses.Contrastive(first, second).Item<double>();
        Assert.Equal(loss, FrostLosses.Contrastive(second * 3, first * 0.2).Item<double>(), 1e-5);
        Assert.True(FrostLosses.Contrastive(first, first).Item<double>() < loss);
        Assert.Throws<ArgumentOutOfRangeException>(() => FrostLosses.Contrastive(first, second, 0));
    }

    [Fact]
    public void Rare_classes_have_a_lower_threshold_and_frequent_ones_weigh_less()
    {
        using var scope = new TensorScope();
        // Four sure answers of class 0, one less sure of class 1.
        float[,] probabilities = { { 0.95f, 0.05f }, { 0.95f, 0.05f }, { 0.95f, 0.05f }, { 0.95f, 0.05f }, { 0.25f, 0.75f } };
        var logits = Tensor.From(probabilities.Cast<float>().ToArray()).Reshape([5, 2]).Log();
        Assert.Equal([0, 1, 2, 3], new LabelGuesser(0.9).Guess(logits).Places);
        Assert.Equal([0, 1, 2, 3, 4], new LabelGuesser(0.9, ClassBalance.LowerThresholds).Guess(logits).Places);
        var weighed = new LabelGuesser(0.7, ClassBalance.KeptWeights).Guess(logits);
        Assert.Equal(0.625, weighed.Weights[0], 1e-5);
        Assert.Equal(2.5, weighed.Weights[4], 1e-5);
        Assert.Equal(5, weighed.Weights.Sum(), 1e-4);
        Assert.Empty(new LabelGuesser(0.99).Guess(logits).Labels);
    }

    [Fact]
    public void Guessing_moves_no_running_statistics_and_leaves_the_mode()
    {
        using var scope = new TensorScope();
        using var network = new FrostPerceptron();
        network.Eval();
        float[][] Buffers() => [.. network.StateDict().Where(entry => entry.Tensor is not Parameter && entry.Tensor.DType == DType.Float32)
            .Select(entry => entry.Tensor.ToArray<float>())];
        var before = Buffers();
        new LabelGuesser(0.1).Guess(network, Tensor.Randn([16, 32]) + 3);
        Assert.Equal(before, Buffers());
        Assert.False(network.Training);
    }

    [Fact]
    public void The_bootstrap_gives_each_class_its_surest_examples_and_never_one_twice()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([60, 4]);
        var chosen = Bootstrap.Select(logits, 3);
        long[] all = [.. chosen.Places.SelectMany(places => places)];
        Assert.Equal(all.Length, all.Distinct().Count());
        long[] predicted = logits.Argmax(-1).ToArray<long>();
        for (int label = 0; label < 4; label++)
        {
            Assert.All(chosen.Places[label], place => Assert.Equal(label, predicted[place]));
            double least = chosen.Places[label].Min(place => chosen.Confidence[(int)place]);
            Assert.True(Enumerable.Range(0, 60).Where(k => predicted[k] == label && !chosen.Places[label].Contains(k))
                .All(k => chosen.Confidence[k] <= least));
        }
    }

    [Fact]
    public void Without_a_confident_answer_the_step_is_supervised_and_contrastive_only()
    {
        using var scope = new TensorScope();
        using var network = new FrostPerceptron();
        var batch = new FrostBatch(Tensor.Randn([4, 32]), Tensor.From(new long[] { 0, 1, 2, 3 }), Tensor.Randn([8, 32]),
            Tensor.Randn([8, 32]), Tensor.Randn([6, 32]), Tensor.Randn([6, 32]));
        var loss = new FrostStep(new LabelGuesser(1)).Compute(network, batch);
        Assert.Equal(0, loss.Unlabelled.Item<float>());
        Assert.Equal(loss.Supervised.Item<float>() + loss.Contrastive.Item<float>(), loss.Total.Item<float>(), 1e-4);
        loss.Total.Backward();
        Assert.All(network.Parameters(), parameter => Assert.NotNull(parameter.Grad));
    }

    [Fact]
    public void The_schedule_ends_at_a_fifth_and_the_bootstrap_quadruples_twice()
    {
        Assert.Equal(0.03 * Math.Cos(7 * Math.PI / 16), FrostTraining.Schedule(0.03, 2000).At(2000), 1e-12);
        Assert.Equal([(85, 4), (170, 16)], Bootstrap.Schedule(256));
    }

    [Fact]
    public void Pictures_of_another_size_are_refused_with_their_size()
    {
        using var scope = new TensorScope();
        using var network = new FrostWideResNet(depth: 10, widen: 1);
        Assert.Contains("28x28", Assert.Throws<ArgumentException>(() => network.Outputs(Tensor.Zeros([1, 3, 28, 28]))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new FrostWideResNet(depth: 27));
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Dictionary<string, List<double>> values = new()
        {
            ["supervised only"] = [0.5, 0.5],
            ["FixMatch, weight 0.25"] = [0.8, 0.7],
            ["FixMatch, weight 1"] = [0.88, 0.6],
            ["FROST, weight 0.25"] = [0.98, 0.97],
        };
        Assert.Equal(Verdict.Holds, FrostClaim.Judge(values).Verdict);
        values["FixMatch, weight 1"] = [0.95, 0.6];
        Assert.Equal(Verdict.Undecided, FrostClaim.Judge(values).Verdict);
        values["FROST, weight 0.25"] = [0.9, 0.9];
        Assert.Equal(Verdict.DoesNotHold, FrostClaim.Judge(values).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new FrostClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
