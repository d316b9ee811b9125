using Sconce.Sampling;
using Sconce.Systems.Generation.Vqgan;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Vqgan;

public sealed class ClassDrawingTests
{
    [Fact]
    public void Codes_drawn_from_one_seed_follow_the_class_that_stands_before_them()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        TorchRuntime.ManualSeed(3);
        using var gpt = new Gpt(new GptConfig { Vocabulary = 28, Length = 40, Layers = 2, Heads = 2, Width = 16 });
        gpt.Eval();

        // With initial weights of 0.02 every logit is nearly the same, and the seed alone decides.
        foreach (var parameter in gpt.Parameters()) parameter.MulInPlace(8.0);
        var drawn = Enumerable.Range(0, 12).Select(number => Drawn(gpt, number)).ToList();
        Assert.True(drawn.Distinct().Count() > 9, string.Join('\n', drawn));
        Assert.Equal(drawn[0], Drawn(gpt, 0));
    }

    private static string Drawn(Gpt gpt, long number)
    {
        using var scope = new TensorScope();
        using var chance = new Generator(1);
        var tokens = Tensor.From(new[] { number }).View([1, 1]);
        for (int k = 0; k < 24; k++)
        {
            var next = new TokenSampler().Draw(gpt.Call(tokens).Select(1, -1), chance);
            tokens = Tensor.Cat([tokens, next], 1);
        }

        return string.Join(' ', tokens.Narrow(1, 1, 24).Flatten().ToArray<long>());
    }
}
