using Sconce.Nn;
using Sconce.Sampling;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Vqgan;

[Collection(LiveTensors.Name)]
public sealed class CodeTransformerTests
{
    private static readonly GptConfig Small = new() { Vocabulary = 12, Length = 80, Layers = 2, Heads = 2, Width = 8 };

    public static TheoryData<CodeOrder> Orders => [.. Enum.GetValues<CodeOrder>()];

    [Fact]
    public void Keys_and_shapes_are_the_official_ones()
    {
        using var skipped = Init.Skipped();
        using var network = new Net2Net(new Net2NetConfig
        {
            FirstStage = VqModelTests.Small,
            ConditionStage = VqModelTests.Small,
            Condition = CodeCondition.Picture,
            Transformer = Small,
        });
        Assert.Equal(2813019819051836909UL, StateHash.Of(network));
    }

    [Fact]
    public void A_later_token_changes_no_earlier_logits_but_among_those_that_are_not_masked()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var gpt = Lively(Small with { Unmasked = 3 });
        var tokens = Tensor.From<long>([1, 2, 3, 4, 5, 6], [1, 6]);
        Assert.Equal([4, 5], Changed(4)); // from the changed token on
        Assert.Equal([0, 1, 2, 3, 4, 5], Changed(2));

        int[] Changed(int place)
        {
            var other = tokens.Clone();
            other[0, place] = Tensor.FromScalar(9L);
            var difference = (gpt.Call(tokens) - gpt.Call(other)).Abs().Amax([2])[0].ToArray<float>();
            return [.. Enumerable.Range(0, 6).Where(k => difference[k] > 1e-6)];
        }
    }

    [Fact]
    public void Tokens_read_one_by_one_give_the_logits_of_all_at_once()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var gpt = Lively(Small);
        var tokens = Tensor.Randint(12, [2, 7], DType.Int64);
        using var cache = gpt.Cache();
        Tensor[] parts = [Read(0, 3), Read(3, 1), Read(4, 3)];
        Assert.True(Tensor.Cat(parts, 1).Allclose(gpt.Call(tokens), rtol: 1e-4, atol: 1e-5));

        Tensor Read(int start, int count) => gpt.Continue(tokens.Narrow(1, start, count), cache);
    }

    [Fact]
    public void A_sequence_that_is_too_long_is_refused_with_both_lengths()
    {
        using var scope = new TensorScope();
        using var gpt = new Gpt(Small);
        var error = Assert.Throws<TorchException>(() => gpt.Call(Tensor.Zeros([1, 81], DType.Int64)));
        Assert.Contains("81 tokens, but it was built for 80", error.Message);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void Every_order_is_a_permutation_and_its_inverse_undoes_it(CodeOrder order)
    {
        long[] places = Permuter.Order(order, 8, 8), inverse = Permuter.Inverse(places);
        Assert.Equal(Enumerable.Range(0, 64).Select(k => (long)k), places.Order());
        Assert.All(Enumerable.Range(0, 64), k => Assert.Equal(k, inverse[places[k]]));
    }

    [Fact]
    public void The_random_order_is_the_released_ones() =>
        Assert.Equal([2, 9, 6, 4, 0, 3, 1, 7, 8, 5], Permuter.Order(CodeOrder.Random, 2, 5)); // numpy.random.RandomState(1).permutation(10)

    [Fact]
    public void Orders_of_some_grids_refuse_others_and_take_oblong_ones_where_they_can()
    {
        var error = Assert.Throws<ArgumentException>(() => Permuter.Order(CodeOrder.SpiralOut, 8, 6));
        Assert.Contains("a square of even side, not a grid of 8 by 6", error.Message);
        Assert.Throws<ArgumentException>(() => Permuter.Order(CodeOrder.Subsample, 6, 6));
        Assert.Equal([0, 2, 1, 3, 4, 6, 5, 7], Permuter.Order(CodeOrder.Subsample, 2, 4));
        Assert.Equal([0, 1, 4, 5, 2, 3, 6, 7], Permuter.Order(CodeOrder.ZCurve, 2, 4));
    }

    [Fact]
    public void Ties_with_the_last_kept_token_stay_and_the_nucleus_keeps_the_token_that_crosses_its_mass()
    {
        using var scope = new TensorScope();
        var logits = Tensor.From<float>([2, 1, 1, 0], [1, 4]);
        Assert.Equal([2, 1, 1, float.NegativeInfinity], LogitFilter.TopK(logits, 2).ToArray<float>());
        var halves = Tensor.From<float>([0.5f, 0.3f, 0.15f, 0.05f], [1, 4]).Log();
        Assert.Equal([true, true, false, false], LogitFilter.Nucleus(halves, 0.6).Isfinite().ToArray<bool>());
        Assert.Equal([true, false, false, false], LogitFilter.Nucleus(halves, 0.4).Isfinite().ToArray<bool>());
        Assert.True(LogitFilter.Nucleus(halves, 1).Equal(halves));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogitFilter.Nucleus(halves, 0));
    }

    [Fact]
    public void Equal_seeds_draw_equal_codes()
    {
        using var scope = new TensorScope();
        using var gpt = new Gpt(Small);
        var start = Tensor.Zeros([2, 1], DType.Int64);
        var sampler = new TokenSampler { Temperature = 0.9, TopK = 8, TopP = 0.95 };
        Assert.True(Draw(1).Equal(Draw(1)));
        Assert.False(Draw(1).Equal(Draw(2)));

        Tensor Draw(ulong seed)
        {
            using var generator = new Generator(seed);
            return CodeSampling.Continue(gpt, start, 20, sampler, [generator]);
        }
    }

    [Fact]
    public void A_window_of_the_whole_grid_draws_what_the_sequence_draws_and_known_codes_stay()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var gpt = Lively(Small);
        var start = Tensor.Zeros([1, 1], DType.Int64);
        var sequence = CodeSampling.Continue(gpt, start, 64, TokenSampler.Greedy);
        var grid = CodeSampling.SlidingWindow(gpt, start, Tensor.Full([1, 8, 8], -1, DType.Int64), 8, TokenSampler.Greedy);
        Assert.True(grid.Flatten(1).Equal(sequence));
        var half = Tensor.Full([1, 10, 12], -1, DType.Int64);
        half.Narrow(1, 0, 5).FillInPlace(5);
        var whole = CodeSampling.SlidingWindow(gpt, start, half, 8, TokenSampler.Greedy);
        Assert.True(whole.Narrow(1, 0, 5).Eq(5).All().Item<bool>() && whole.Ge(0).All().Item<bool>());
        Assert.Throws<ArgumentException>(() => CodeSampling.SlidingWindow(gpt, start, half.Narrow(1, 0, 7), 8, TokenSampler.Greedy));
    }

    [Fact]
    public void Only_the_transformer_learns_and_in_training_some_codes_are_hidden_from_it()
    {
        using var scope = new TensorScope();
        var longer = Small with { Length = 300 };
        using var network = new Net2Net(new Net2NetConfig { FirstStage = VqModelTests.Small, Transformer = longer, Keep = 0 });
        Assert.All(network.FirstStageModel.Parameters(), parameter => Assert.False(parameter.RequiresGrad));
        Assert.All(network.Transformer.Parameters(), parameter => Assert.True(parameter.RequiresGrad));
        var pictures = Tensor.Randn([1, 3, 32, 32]);
        network.Train();
        Assert.False(network.FirstStageModel.Training);
        Lively(network.Transformer);
        Assert.False(network.Predict(pictures, null).Logits.Allclose(network.Predict(pictures, null).Logits));
        network.Eval();
        var prediction = network.Predict(pictures, null);
        Assert.Equal([1, 256, 12], prediction.Logits.Shape.ToArray());
        Assert.True(prediction.Logits.Allclose(network.Predict(pictures, null).Logits));
        Assert.True(network.Decode(prediction.Targets, 16, 16).Allclose(network.FirstStageModel.Call(pictures), rtol: 1e-3, atol: 1e-3));
    }

    private static Gpt Lively(GptConfig config)
    {
        var gpt = new Gpt(config);
        Lively(gpt);
        return gpt;
    }

    /// <summary>Larger weights, so that differences show.</summary>
    private static void Lively(Gpt gpt)
    {
        TorchRuntime.ManualSeed(4);
        foreach (var parameter in gpt.Parameters()) Init.Normal(parameter, 0.5);
    }
}
