using Sconce.Systems.Detection.BrowserDetection;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.BrowserDetection;

[Collection(LiveTensors.Name)]
public sealed class CenterNetTests
{
    [Fact]
    public void The_network_has_the_sheets_number_of_parameters_and_its_keys()
    {
        using var network = new CenterNetLite();
        Assert.Equal(278_389, network.ParameterCount);
        var keys = network.StateDict().Select(entry => entry.Name).ToHashSet();
        HashSet<string> known =
            ["stages.1.0.conv.0.0.weight", "stages.1.0.conv.2.1.running_var", "smooth.1.1.0.weight", "heatmap.2.bias", "lateral.2.bias"];
        Assert.Superset(known, keys);
    }

    [Fact]
    public void Objects_are_rare_before_training()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var network = new CenterNetLite(new CenterNetConfig { Classes = 2 });
        network.Eval();
        var output = network.Call(Tensor.Randn([1, 3, 64, 96]));
        Assert.Equal([1, 2, 8, 12], output.Heatmap.Shape.ToArray());
        Assert.InRange(output.Heatmap.Sigmoid().Mean().Item<float>(), 0.05, 0.2);
    }

    [Fact]
    public void What_is_drawn_is_found_again()
    {
        using var scope = new TensorScope();
        CellBox[] boxes = [new(2, 3, 7.5f, 9, 0), new(12, 1, 15, 6, 1)];
        var targets = CenterNetTargets.Draw(boxes, 2, 16, 20);
        var output = new CenterNetOutput(
            targets.Heatmap.Unsqueeze(0).Clamp(1e-4, 1 - 1e-4).Logit(), targets.Size.Unsqueeze(0), targets.Offset.Unsqueeze(0));
        var found = CenterNetPeaks.Decode(output, 8, 2);
        Assert.True(found.Scores.Gt(0.99).All().Item<bool>());
        var wanted = boxes.Select(box => new[] { box.Left * 8, box.Top * 8, box.Right * 8, box.Bottom * 8 });
        long[] classes = found.Classes[0].ToArray<long>();
        float[] edges = found.Boxes[0].ToArray<float>();
        for (int k = 0; k < 2; k++)
        {
            Assert.Equal(wanted.ElementAt((int)classes[k]), edges[(4 * k)..((4 * k) + 4)]);
        }
    }

    [Fact]
    public void Right_answers_cost_nothing_and_wrong_ones_something()
    {
        using var scope = new TensorScope();
        var one = CenterNetTargets.Draw([new(2, 3, 7, 9, 0)], 1, 12, 12);
        var targets = new CenterNetTargets(one.Heatmap.Unsqueeze(0), one.Size.Unsqueeze(0), one.Offset.Unsqueeze(0), one.Mask.Unsqueeze(0));
        var sure = one.Heatmap.Eq(1).Float().Unsqueeze(0) * 40 - 20;
        var right = CenterNetLoss.Compute(new CenterNetOutput(sure, targets.Size, targets.Offset), targets);
        Assert.InRange(right.Total.Item<float>(), 0, 1e-3);
        var wrong = CenterNetLoss.Compute(new CenterNetOutput(-sure, targets.Size + 1, targets.Offset), targets);
        Assert.Equal(0.2, wrong.Size.Item<float>(), 1e-4);
        Assert.True(wrong.Heatmap.Item<float>() > 1);
    }

    [Fact]
    public void Boxes_without_an_area_or_outside_are_left_out_and_strange_classes_refused()
    {
        using var scope = new TensorScope();
        var targets = CenterNetTargets.Draw([new(2, 2, 2, 5, 0), new(30, 2, 40, 5, 0)], 1, 8, 8);
        Assert.Equal(0, targets.Mask.Sum().Item<float>());
        Assert.Throws<ArgumentException>(() => CenterNetTargets.Draw([new(1, 1, 3, 3, 4)], 1, 8, 8));
        using var network = new CenterNetLite();
        var error = Assert.Throws<TorchException>(() => network.Call(Tensor.Zeros([1, 3, 50, 64])));
        Assert.Contains("resize", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new CenterNetLite(new CenterNetConfig { Stages = [new(1, 16, 1, 1)] }));
    }
}
