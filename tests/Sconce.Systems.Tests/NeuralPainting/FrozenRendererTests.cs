using Sconce.Nn;
using Sconce.Systems.Generation.NeuralPainting;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.NeuralPainting;

/// <summary>The form of a renderer that a descent of strokes calls.</summary>
[Collection(LiveTensors.Name)]
public sealed class FrozenRendererTests
{
    [Theory]
    [InlineData(true, "oilpaintbrush")]
    [InlineData(true, "rectangle")]
    [InlineData(false, "oilpaintbrush")]
    public void A_frozen_renderer_draws_as_the_renderer_does_and_so_do_its_gradients(bool light, string name)
    {
        using var scope = new TensorScope();
        var brush = Brush.Named(name);
        using var network = new FusionRenderer(brush, light);
        Unfamiliar(network);
        network.Eval();
        network.RequireGrad(false);
        using var frozen = network.Frozen();
        var strokes = Tensor.Rand([3, brush.Width]);
        var expected = Answer(network.Call, strokes);
        var answer = Answer(frozen.Draw, strokes);
        foreach (var (one, other) in expected.Zip(answer))
        {
            Assert.Equal(one.Shape.ToArray(), other.Shape.ToArray());
            Assert.True(one.Abs().Max().Item<double>() > 0);
            Assert.InRange((one - other).Abs().Max().Item<double>() / one.Abs().Max().Item<double>(), 0, 1e-4);
        }
    }

    [Fact]
    public void A_renderer_that_learns_is_frozen_as_it_is()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = new FusionRenderer(Brush.Oil, light: true);
        network.Train();
        using var frozen = network.Frozen();
        var strokes = Tensor.Rand([4, Brush.Oil.Width]);
        Assert.True(network.Call(strokes).Foreground.Equal(frozen.Draw(strokes).Foreground)); // the batch's own statistics
    }

    private static Tensor[] Answer(Func<Tensor, StrokeImages> draw, Tensor strokes)
    {
        var x = strokes.Clone();
        x.RequiresGrad = true;
        var drawn = draw(x);
        var gradient = Gradients.Of([(drawn.Foreground.Square() + drawn.Alpha.Square()).Sum()], [x])[0];
        return [drawn.Foreground.Detach(), drawn.Alpha.Detach(), gradient!];
    }

    // Norms of new networks do next to nothing.
    private static void Unfamiliar(FusionRenderer network)
    {
        using var noGrad = Gradients.Off();
        foreach (var (_, module) in network.NamedModules())
        {
            if (module is not BatchNorm norm) continue;
            norm.RunningMean!.CopyInPlace(Tensor.Randn(norm.RunningMean.Shape) * 0.1);
            norm.RunningVar!.CopyInPlace(Tensor.Rand(norm.RunningVar.Shape) + 0.2);
            norm.Bias!.CopyInPlace(Tensor.Randn(norm.Bias.Shape) * 0.1);
        }
    }
}
