using Sconce.Data;
using Sconce.Systems.Detection.Detr;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Detr;

[Collection(LiveTensors.Name)]
public class DetrLossTests
{
    private const int Classes = 4;

    [Fact]
    public void An_object_answered_exactly_costs_nothing_but_what_the_softmax_leaves()
    {
        using var scope = new TensorScope();
        var target = Target([1, 3], 0.3f, 0.3f, 0.2f, 0.2f, 0.7f, 0.6f, 0.4f, 0.2f);
        var logits = Tensor.Full([1, 3, Classes + 1], -20.0);
        logits.FillInPlace(20, 0, 0, 3);
        logits.FillInPlace(20, 0, 1, Classes);
        logits.FillInPlace(20, 0, 2, 1);
        var boxes = Tensor.Cat([target.Boxes[1..2], Tensor.Full([1, 4], 0.5), target.Boxes[..1]], 0).Unsqueeze(0);
        var losses = new SetCriterion(Classes, new HungarianMatcher()).Compute(new DetrOutput(logits, boxes), [target]);
        Assert.Equal(0, losses.Total.Item<float>(), 1e-5);
        Assert.Equal(0, losses.Parts["class_error"].Item<float>(), 1e-5);
        Assert.Equal(0, losses.Parts["cardinality_error"].Item<float>(), 1e-5);
    }

    [Fact]
    public void The_order_of_objects_does_not_matter()
    {
        using var scope = new TensorScope();
        var output = Random(2, 7, 1);
        DetectionTarget[] targets = [Target([0, 2, 1], 0.2f, 0.2f, 0.1f, 0.3f, 0.6f, 0.6f, 0.3f, 0.3f, 0.8f, 0.2f, 0.2f, 0.2f),
            Target([3], 0.5f, 0.5f, 0.4f, 0.4f)];
        var turned = Tensor.From([2L, 0, 1]);
        DetectionTarget[] others = [new(targets[0].Labels[turned], targets[0].Boxes[turned]), targets[1]];
        var criterion = new SetCriterion(Classes, new HungarianMatcher());
        Assert.Equal(criterion.Compute(output, targets).Total.Item<float>(), criterion.Compute(output, others).Total.Item<float>(), 1e-4);
    }

    [Fact]
    public void Pictures_without_objects_teach_no_object_alone()
    {
        using var scope = new TensorScope();
        var raw = Tensor.Randn([1, 5, Classes + 1]).WithGrad();
        var boxes = Tensor.Rand([1, 5, 4]).WithGrad();
        var losses = new SetCriterion(Classes, new HungarianMatcher()).Compute(new DetrOutput(raw, boxes), [Target([])]);
        losses.Total.Backward();
        Assert.Equal(losses.Parts["loss_ce"].Item<float>(), losses.Total.Item<float>());
        Assert.True(raw.Grad![.., .., Classes].Sum().Item<float>() < 0);
        Assert.Equal(0, boxes.Grad!.Abs().Sum().Item<float>());
        Assert.Equal(100, losses.Parts["class_error"].Item<float>());
    }

    [Fact]
    public void More_objects_than_queries_leave_some_unanswered()
    {
        using var scope = new TensorScope();
        var target = Target([0, 1, 2], 0.2f, 0.2f, 0.1f, 0.3f, 0.6f, 0.6f, 0.3f, 0.3f, 0.8f, 0.2f, 0.2f, 0.2f);
        var matching = new HungarianMatcher().Match(Random(1, 2, 5), [target])[0];
        Assert.Equal([0L, 1], matching.Queries);
        Assert.Equal(2, matching.Targets.Distinct().Count());
    }

    [Fact]
    public void The_baselines_matcher_gives_an_object_many_queries()
    {
        using var scope = new TensorScope();
        var matching = new NearestTargetMatcher().Match(Random(1, 8, 2), [Target([1], 0.5f, 0.5f, 0.2f, 0.2f)])[0];
        Assert.Equal([0L, 0, 0, 0], matching.Targets);
        Assert.Equal(4, matching.Queries.Distinct().Count());
    }

    [Fact]
    public void Answers_that_are_no_numbers_are_named()
    {
        using var scope = new TensorScope();
        var output = Random(1, 3, 2);
        output.Boxes.FillInPlace(double.NaN, 0, 1);
        Assert.Contains("picture 0", Assert.Throws<TorchException>(() =>
            new HungarianMatcher().Match(output, [Target([1], 0.5f, 0.5f, 0.2f, 0.2f)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_of_another_number_of_pictures_or_classes_are_refused()
    {
        using var scope = new TensorScope();
        Assert.Contains("2 targets for 1 pictures",
            Assert.Throws<TorchException>(() => new HungarianMatcher().Match(Random(1, 3, 2), [Target([]), Target([])])).Message,
            StringComparison.Ordinal);
        Assert.Throws<TorchException>(() => new SetCriterion(9, new HungarianMatcher()).Compute(Random(1, 3, 2), [Target([])]));
    }

    [Fact]
    public void Masks_that_are_right_cost_less_than_masks_that_are_wrong()
    {
        using var scope = new TensorScope();
        var outline = Tensor.Zeros([1, 8, 8]);
        outline.FillInPlace(1, 0, 2..6, 2..6);
        var target = Target([1], 0.5f, 0.5f, 0.5f, 0.5f) with { Masks = outline };
        var criterion = new SetCriterion(Classes, new HungarianMatcher());
        var output = Random(1, 3, 4);
        double Loss(Tensor masks) => criterion.Compute(output with { Masks = masks }, [target]).Total.Item<float>();
        var right = ((outline * 2) - 1).Unsqueeze(0).Expand([1, 3, 8, 8]) * 8;
        double without = criterion.Compute(output, [target]).Total.Item<float>();
        Assert.InRange(Loss(right) - without, 0, 0.05);
        Assert.True(Loss(-right) - without > 1);
        // A quarter of the size is what the network gives.
        Assert.True(criterion.Compute(output with { Masks = Tensor.Zeros([1, 3, 2, 2]) }, [target]).Parts.ContainsKey("loss_dice"));
    }

    [Fact]
    public void The_focal_loss_without_focus_and_weights_is_cross_entropy()
    {
        using var scope = new TensorScope();
        Tensor logits = Tensor.Randn([3, 20]), targets = Tensor.Rand([3, 20]).Gt(0.5).To(DType.Float32);
        var plain = logits.BinaryCrossEntropyWithLogits(targets, null, null, 0).Mean([1]).Sum() / 3;
        Assert.Equal(plain.Item<float>(), MaskLosses.Focal(logits, targets, 3, alpha: -1, gamma: 0).Item<float>(), 1e-5);
    }

    private static DetrOutput Random(int pictures, int queries, int seed)
    {
        using var generator = new Generator((ulong)seed);
        return new DetrOutput(Tensor.Randn([pictures, queries, Classes + 1], generator),
            Tensor.Rand([pictures, queries, 4], generator) * 0.5 + 0.2);
    }

    private static DetectionTarget Target(long[] labels, params float[] boxes) => labels.Length > 0
        ? new DetectionTarget(Tensor.From(labels), Tensor.From(boxes, [labels.Length, 4]))
        : new DetectionTarget(Tensor.Zeros([0], DType.Int64), Tensor.Zeros([0, 4]));
}
