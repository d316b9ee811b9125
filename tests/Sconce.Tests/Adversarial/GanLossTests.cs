using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Adversarial;

public sealed class GanLossTests
{
    public static TheoryData<string> Names => ["Saturating", "NonSaturating", "LeastSquares", "Hinge", "Wasserstein"];

    private static GanLoss Named(string name) => name switch
    {
        "Saturating" => GanLoss.Saturating,
        "NonSaturating" => GanLoss.NonSaturating,
        "LeastSquares" => GanLoss.LeastSquares,
        "Hinge" => GanLoss.Hinge,
        _ => GanLoss.Wasserstein,
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void The_discriminator_wants_real_above_fake_and_the_generator_wants_fakes_up(string name)
    {
        using var scope = new TensorScope();
        var loss = Named(name);
        Tensor low = Tensor.From([-0.4f, 0.1f]), high = Tensor.From([0.6f, 0.9f]);
        Assert.True(loss.OfDiscriminator(high, low).Item<double>() < loss.OfDiscriminator(low, high).Item<double>());
        Assert.True(loss.OfGenerator(high).Item<double>() < loss.OfGenerator(low).Item<double>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Terms_are_one_a_judgement_and_symmetric_games_have_opposite_ones(string name)
    {
        using var scope = new TensorScope();
        var loss = Named(name);
        var judgements = Tensor.From([-3f, -0.5f, 0f, 2f], [4, 1]);
        Assert.Equal([4, 1], loss.Fake(judgements).Shape.ToArray());
        Assert.Equal([4, 1], loss.Real(judgements).Shape.ToArray());
        Assert.Equal(loss.Symmetric, loss.Generator(judgements).Allclose(-loss.Fake(judgements), atol: 1e-6));
    }

    [Fact]
    public void Hinges_are_flat_beyond_their_margin()
    {
        using var scope = new TensorScope();
        Assert.Equal([0.5f, 0f], GanLoss.Hinge.Real(Tensor.From([0.5f, 3f])).ToArray<float>());
        Assert.Equal([1.5f, 0f], GanLoss.Hinge.Fake(Tensor.From([0.5f, -3f])).ToArray<float>());
    }

    [Fact]
    public void The_squared_gradient_of_a_linear_judge_is_its_squared_length_and_is_differentiated_again()
    {
        using var scope = new TensorScope();
        using var judge = new Linear(5, 1);
        var penalty = GradientPenalty.R1(judge.Call, Tensor.Randn([3, 5]));
        Assert.Equal(judge.Weight.Square().Sum().Item<double>(), penalty.Item<double>(), 1e-5);
        Gradients.Backward([penalty]);
        Assert.True(judge.Weight.Grad!.Allclose(judge.Weight * 2, atol: 1e-5));
        judge.ZeroGrad();
    }

    [Fact]
    public void The_interpolated_penalty_of_a_linear_judge_is_its_lengths_distance_from_the_target()
    {
        using var scope = new TensorScope();
        using var judge = new Linear(5, 1);
        var penalty = GradientPenalty.Interpolated(judge.Call, Tensor.Randn([3, 5]), Tensor.Randn([3, 5]), target: 2);
        double length = judge.Weight.Square().Sum().Sqrt().Item<double>();
        Assert.Equal((length - 2) * (length - 2), penalty.Item<double>(), 1e-4);
    }

    [Fact]
    public void Inputs_off_the_tape_are_refused()
    {
        using var scope = new TensorScope();
        using var judge = new Linear(5, 1);
        var inputs = Tensor.Randn([3, 5]);
        Assert.Throws<ArgumentException>(() => GradientPenalty.SquaredNorm(judge.Call(inputs), inputs));
        Assert.Throws<ArgumentException>(
            () => PathLengthRegularization.Penalty(Tensor.Zeros([1, 1, 2, 2]), Tensor.Zeros([1, 1, 2]), Tensor.Zeros([])));
    }

    [Fact]
    public void Path_lengths_of_a_linear_painter_are_its_rows_and_their_mean_moves_and_is_saved()
    {
        using var scope = new TensorScope();
        var latents = Tensor.Randn([2, 1, 4]);
        latents.RequiresGrad = true;
        var pictures = (latents * 3).Reshape([2, 1, 2, 2]); // the Jacobian is 3 on the diagonal
        var regularization = new PathLengthRegularization();
        var directions = Tensor.From([2f, 0, 0, 0, 0, 0, 4f, 0], [2, 1, 2, 2]);
        var (penalty, lengths) = regularization.Compute(pictures, latents, directions);
        Assert.Equal([3f, 6f], lengths.ToArray<float>()); // 3 · direction / √4
        Assert.Equal(0.045, regularization.Mean, 1e-6);
        Assert.Equal(((3 - 0.045) * (3 - 0.045) + (6 - 0.045) * (6 - 0.045)) / 2, penalty.Item<double>(), 1e-4);
        var again = new PathLengthRegularization();
        again.Load(regularization.State());
        Assert.Equal(regularization.Mean, again.Mean);
        Assert.Throws<ArgumentException>(
            () => again.Load(new AdaptiveProbability().State() with { Numbers = new Dictionary<string, double>() }));
    }

    [Fact]
    public void The_probability_rises_while_real_ones_are_recognised_falls_while_they_are_not_and_goes_on_after_a_stop()
    {
        using var scope = new TensorScope();
        var adaptive = new AdaptiveProbability { Examples = 80, Interval = 2 };
        Tensor sure = Tensor.Ones([8, 1]), unsure = Tensor.From([1f, -1f]);
        adaptive.Observe(sure);
        Assert.Equal(0, adaptive.Value);
        adaptive.Observe(sure);
        Assert.Equal(0.2, adaptive.Value, 1e-9);
        Assert.Equal(1, adaptive.Overfitting);
        adaptive.Observe(unsure);
        var resumed = new AdaptiveProbability { Examples = 80, Interval = 2 };
        resumed.Load(adaptive.State());
        foreach (var one in (AdaptiveProbability[])[adaptive, resumed]) one.Observe(unsure);
        Assert.Equal(0.15, adaptive.Value, 1e-9);
        Assert.Equal(adaptive.Value, resumed.Value);
        for (int k = 0; k < 40; k++) adaptive.Observe(sure);
        Assert.Equal(1, adaptive.Value);
    }

    [Fact]
    public void Old_weights_count_half_after_the_half_life()
    {
        using var scope = new TensorScope();
        using var generator = new Linear(1, 1, bias: false);
        Init.Constant(generator.Weight, 1);
        using var average = GeneratorAverage.Of(generator, batch: 10, halfLife: 100);
        Init.Constant(generator.Weight, 0);
        for (int step = 0; step < 10; step++) average.Update();
        Assert.Equal(0.5, average.Weights[0].Tensor.Item<double>(), 1e-5);
    }
}
