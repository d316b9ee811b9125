using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Optim;

/// <summary>Adam takes a large tensor bit by bit.</summary>
[Collection(LiveTensors.Name)]
public sealed class LargeTensorTests
{
    private const int Whole = (3 * 32768) + 17;

    [Theory]
    [InlineData(false, 0.0, false)]
    [InlineData(false, 0.1, true)]
    [InlineData(true, 0.1, false)]
    public void A_large_tensor_moves_as_small_ones_of_its_numbers(bool decoupled, double decay, bool amsGrad)
    {
        using var scope = new TensorScope();
        var numbers = Tensor.Randn([Whole]);
        long[] sizes = [20000, 20000, 20000, 20000, Whole - 80000];
        Parameter[] large = [new Parameter(numbers.Clone().View([-1, 1]))],
            small = [.. numbers.Split(sizes).Select(part => new Parameter(part.Clone()))];
        using var one = Create(large);
        using var several = Create(small);
        for (int step = 0; step < 3; step++)
        {
            var gradient = Tensor.Randn([Whole]);
            large[0].Grad = gradient.View([-1, 1]);
            foreach (var (parameter, part) in small.Zip(gradient.Split(sizes))) parameter.Grad = part.Clone();
            one.Step();
            several.Step();
        }

        float[] expected = [.. small.SelectMany(parameter => parameter.ToArray<float>())], moved = large[0].ToArray<float>();
        Assert.NotEqual(numbers.ToArray<float>(), moved);
        for (int k = 0; k < Whole; k++) Assert.Equal(expected[k], moved[k], 1e-6f);

        Optimizer Create(Parameter[] parameters) => decoupled
            ? new AdamW(parameters, 1e-2, weightDecay: decay, amsGrad: amsGrad)
            : new Adam(parameters, 1e-2, weightDecay: decay, amsGrad: amsGrad);
    }
}
