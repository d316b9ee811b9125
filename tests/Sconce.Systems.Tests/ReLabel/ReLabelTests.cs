using Sconce.Claims;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Systems.TrainingMethods.ReLabel;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.ReLabel;

[Collection(LiveTensors.Name)]
public sealed class ReLabelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-relabel-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Class 0 in the left half, class 1 in the right half.</summary>
    private static Tensor Halves()
    {
        var map = Tensor.Zeros([1, 3, 8, 8]);
        map.Select(1, 0).Narrow(2, 0, 4).FillInPlace(10);
        map.Select(1, 1).Narrow(2, 4, 4).FillInPlace(10);
        return map;
    }

    [Fact]
    public void A_crop_has_the_labels_of_what_it_shows()
    {
        using var scope = new TensorScope();
        float[] Pool(params float[] box) => LabelPooling.Pool(Halves(), Tensor.From(box, [1, 4])).ToArray<float>();
        Assert.True(Pool(0, 0.2f, 0.4f, 0.6f)[0] > 0.99);
        Assert.True(Pool(0.6f, 0.2f, 1, 0.6f)[1] > 0.99);
        float[] both = Pool(0, 0, 1, 1);
        Assert.Equal(both[0], both[1], 1e-4);
        Assert.Equal(1, both.Sum(), 1e-5);
    }

    [Fact]
    public void The_whole_pictures_label_is_that_of_the_maps_mean_and_a_mirrored_crop_of_a_mirrored_map_has_its_label()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(6);
        var map = Tensor.Randn([1, 5, 9, 9]);
        Assert.True(LabelPooling.Pool(map, Tensor.From([0f, 0, 1, 1], [1, 4])).Allclose(map.Mean([2, 3]).Softmax(1), atol: 1e-5));
        var label = LabelPooling.Pool(map, Tensor.From([0.1f, 0.3f, 0.45f, 0.9f], [1, 4]));
        Assert.True(label.Allclose(LabelPooling.Pool(map.Flip([3]), Tensor.From([0.55f, 0.3f, 0.9f, 0.9f], [1, 4])), atol: 1e-4));
        Assert.False(label.Allclose(LabelPooling.Pool(map, Tensor.From([0.3f, 0.1f, 0.9f, 0.45f], [1, 4])), atol: 1e-2)); // axes swapped
    }

    [Fact]
    public void Classes_outside_the_kept_ones_have_logit_zero()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(7);
        var map = Tensor.Randn([2, 10, 4, 4]) + 5;
        var (scores, classes) = LabelMaps.Top(map, 3);
        var dense = LabelMaps.Dense(scores, classes, 10);
        Assert.Equal(2 * 16 * 7, dense.Eq(0).Sum().Item<long>());
        Assert.True(dense.Amax([1]).Allclose(map.Amax([1])));
        Assert.True(LabelMaps.Dense(scores, classes, 12).Narrow(1, 10, 2).Eq(0).All().Item<bool>());
    }

    [Fact]
    public void The_annotators_map_has_the_ordinary_logit_as_its_mean()
    {
        using var scope = new TensorScope();
        using var classifier = new Linear(6, 4);
        using var off = Gradients.Off();
        var features = Tensor.Randn([2, 6, 5, 5]);
        var map = LabelMaps.Annotate(features, classifier.Weight, classifier.Bias);
        Assert.True(map.Mean([2, 3]).Allclose(classifier.Call(features.Mean([2, 3])), atol: 1e-5));
    }

    [Theory]
    [InlineData(0, 0, 40, 30)]
    [InlineData(3, 5, 17, 29)]
    [InlineData(20, 11, 21, 12)]
    [InlineData(0, 10, 40, 13)]
    public void A_stored_map_pools_without_tensors_as_with_them(int left, int top, int right, int bottom)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(8);
        var (scores, classes) = LabelMaps.Top(Tensor.Randn([1, 9, 15, 15]) * 3, 5);
        string path = Path.Combine(folder, "map.safetensors");
        using (var holder = new Holder(Tensor.Cat([scores, classes.Float()], 0))) ModelWeights.Save(holder, path);
        var stored = StoredLabelMap.Read(path);
        var box = new PixelBox(left, top, right, bottom);
        float[] plain = stored.Pool(box, 40, 30, 9);
        float[] expected = LabelPooling.Pool(LabelMaps.Dense(scores, classes, 9), Tensor.From(LabelPooling.Shares(box, 40, 30), [1, 4]))
            .ToArray<float>();
        for (int k = 0; k < 9; k++) Assert.Equal(expected[k], plain[k], 1e-5);
    }

    [Fact]
    public void A_labelled_crop_is_the_crop_whose_box_was_pooled_and_brings_soft_targets()
    {
        Directory.CreateDirectory(Path.Combine(folder, "n01"));
        using (new TensorScope())
        {
            var (scores, classes) = LabelMaps.Top(Halves(), 2);
            using var holder = new Holder(Tensor.Cat([scores, classes.Float()], 0));
            ModelWeights.Save(holder, Path.Combine(folder, "n01", "a_1.safetensors"));
        }

        // A picture whose brightness says which half a pixel is of.
        var picture = Image.FromFloats(64, 64, 3, [.. Enumerable.Range(0, 64 * 64 * 3).Select(k => k % 64 < 32 ? 0f : 1f)]);
        var example = new ImageExample(picture) { Name = Path.Combine("train", "n01", "a_1.JPEG"), Label = 0 };
        var crop = new ReLabelCrop(new RandomResizedCrop(16) { MaximumArea = 0.2 }, new LabelMapFolder(folder), 3);
        int agree = 0, decided = 0;
        for (int k = 0; k < 40; k++)
        {
            var random = new AugmentationRandom(1, 0, k);
            var result = crop.Apply(example, ref random);
            Assert.Equal(16, result.Image.Width);
            Assert.Equal(1, result.Targets!.Sum(), 1e-4);
            float bright = 0;
            for (int row = 0; row < 16; row++)
            {
                foreach (byte sample in result.Image.Row(row)) bright += sample / 255f / (16 * 16 * 3);
            }

            if (bright is > 0.2f and < 0.8f) continue;
            decided++;
            if ((result.Targets![1] > result.Targets[0]) == (bright > 0.5f)) agree++;
        }

        Assert.True(decided > 10, $"{decided}");
        Assert.Equal(decided, agree);
        var missing = Assert.Throws<DataException>(() => new LabelMapFolder(folder).Of(example with { Name = "train/n01/b.JPEG" }));
        Assert.Contains("b", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_that_cannot_be_are_refused_with_what_is_wrong()
    {
        using var scope = new TensorScope();
        Assert.Contains("outside 0 to 4",
            Assert.Throws<ArgumentException>(() => LabelMaps.Dense(Tensor.Ones([1, 2, 3, 3]), Tensor.Full([1, 2, 3, 3], 5), 5)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LabelMaps.Top(Tensor.Ones([1, 2, 3, 3]), 3));
        Assert.Contains("(N, C, S, S)",
            Assert.Throws<ArgumentException>(() => LabelPooling.Pool(Tensor.Ones([1, 2, 3, 4]), Tensor.Ones([1, 4]))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SoftTargetCrossEntropy.Compute(Tensor.Ones([2, 3]), Tensor.Ones([3, 2])));
        Assert.Throws<ArgumentException>(() => new StoredLabelMap(new float[9], new int[8], 1, 3));
        Assert.Throws<DataException>(() =>
            new StoredLabelMap(new float[9], [.. Enumerable.Repeat(7, 9)], 1, 3).Pool(new PixelBox(0, 0, 4, 4), 4, 4, 5));
        string path = Path.Combine(folder, "bad.safetensors");
        using (var holder = new Holder(Tensor.Ones([3, 2, 4, 4]))) ModelWeights.Save(holder, path);
        Assert.Contains("bad.safetensors", Assert.Throws<DataException>(() => StoredLabelMap.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_loss_of_hard_labels_is_ordinary_cross_entropy_and_no_gradient_reaches_the_target()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([4, 3]);
        var labels = Tensor.From([0L, 2, 1, 1]);
        Assert.Equal(Functional.CrossEntropy(logits, labels).Item<double>(),
            SoftTargetCrossEntropy.Compute(logits, Tensor.Eye(3)[labels]).Item<double>(), 1e-5);
        var maps = Tensor.Randn([4, 3, 5, 5]);
        maps.RequiresGrad = true;
        Assert.False(LabelPooling.Pool(maps, Tensor.From([0f, 0, 1, 1], [1, 4]).Expand([4, 4])).RequiresGrad);
    }

    [Fact]
    public void A_box_that_keeps_all_or_nothing_mixes_all_or_nothing()
    {
        using var scope = new TensorScope();
        var pictures = Tensor.Randn([2, 3, 8, 6]);
        var targets = Tensor.Eye(2);
        var partners = Tensor.From([1L, 0]);
        var (same, kept) = SoftCutMix.Apply(pictures, targets, partners, CutMixBox.Of(8, 6, 1, 4, 3));
        Assert.True(same.Allclose(pictures) && kept.Allclose(targets));
        var whole = CutMixBox.Of(8, 6, 0, 4, 3);
        Assert.Equal(0, whole.Kept);
        var (swapped, taken) = SoftCutMix.Apply(pictures, targets, partners, whole);
        Assert.True(swapped.Allclose(pictures.Flip([0])) && taken.Allclose(targets.Flip([0])));
        Assert.Equal(new CutMixBox(0, 0, 2, 2, 1 - 4.0 / 48), CutMixBox.Of(8, 6, 0.5, 0, 0)); // sides of 5 and 4, clipped
        Assert.Throws<ArgumentException>(() => CutMixBox.Of(8, 6, 1.5, 0, 0));
    }

    [Theory]
    [InlineData(ReLabelDecay.Cosine)]
    [InlineData(ReLabelDecay.Linear)]
    public void The_rate_rises_from_zero_and_falls_to_zero(ReLabelDecay decay)
    {
        var schedule = ReLabelTraining.Schedule(10, epochs: 20, decay: decay);
        Assert.Equal(0, schedule.At(0));
        Assert.Equal(0.1, schedule.At(50), 1e-12);
        Assert.Equal(0.05, schedule.At(125), 1e-12);
        Assert.Equal(0, schedule.At(200), 1e-12);
        Assert.Equal(0.01, ReLabelTraining.Schedule(10, decay: ReLabelDecay.Steps).At(300), 1e-12);
    }

    [Fact]
    public void A_claims_crop_of_the_whole_picture_is_the_picture_made_smaller()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(9);
        var left = ReLabelClaim.Cut(Tensor.Arange(32, dtype: DType.Float32).Reshape([1, 1, 1, 32]).Expand([1, 3, 32, 32]),
            Tensor.From([0f, 0, 0.5f, 1], [1, 4]));
        Assert.Equal([1, 3, 20, 20], left.Shape.ToArray());
        Assert.InRange(left.Mean().Item<double>(), 7.49, 7.52); // the mean of columns 0 to 15, and a little of the repeated edge
        var boxes = ReLabelClaim.Boxes(500);
        Assert.True(((boxes >= 0) & (boxes <= 1.000001)).All().Item<bool>());
        var area = (boxes.Narrow(1, 2, 2) - boxes.Narrow(1, 0, 2)).Prod(1);
        Assert.InRange(area.Min().Item<double>(), 0.149, 0.2);
        Assert.InRange(area.Max().Item<double>(), 0.65, 0.751);
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Assert.Equal(Verdict.Holds, ReLabelClaim.Judge([0.42, 0.44], [0.23, 0.25], [0.27, 0.27]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, ReLabelClaim.Judge([0.25, 0.26], [0.23, 0.25], [0.1, 0.1]).Verdict);
        Assert.Equal(Verdict.DoesNotHold, ReLabelClaim.Judge([0.42, 0.44], [0.23, 0.25], [0.42, 0.42]).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new ReLabelClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}

/// <summary>One array as a module, to be saved.</summary>
internal sealed partial class Holder(Tensor array) : Module
{
    public Nn.Buffer Array { get; } = new(array.Contiguous());
}
