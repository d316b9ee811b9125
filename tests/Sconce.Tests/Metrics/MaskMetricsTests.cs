using System.Text.Json.Nodes;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Tests.Data;
using Xunit;

namespace Sconce.Tests.Metrics;

/// <summary>Mask average precision and panoptic quality: official figures (Data/Figures/make_masks.py), and cases worked by hand.</summary>
public sealed class MaskMetricsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-metrics-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Scenes_have_the_mask_precision_of_the_official_code()
    {
        var scenes = MaskTests.Figures()["scenes"]!;
        string path = Path.Combine(root, "truth.json");
        File.WriteAllText(path, scenes["truth"]!.ToJsonString());
        var data = DetectionDataset.OpenCoco(path, masks: true);
        var evaluation = new CocoEvaluation(2, CocoOverlap.Masks);
        for (int k = 0; k < data.Count; k++)
        {
            var answers = scenes["answers"]!.AsArray().Where(answer => (long)answer!["image_id"]! == data.IdOf(k))
                .Select(answer => new DetectedBox(0, 0, 1, 1, (int)answer!["category_id"]! == 1 ? 0 : 1, (double)answer["score"]!)
                { Mask = RunLengthMask.Parse(160, 120, (string)answer["segmentation"]!["counts"]!) });
            evaluation.Add(data.BoxesOf(k), [.. answers]);
        }

        var figures = evaluation.Summarize();
        double[] actual =
        [
            figures.AveragePrecision, figures.At50, figures.At75, figures.Small, figures.Medium, figures.Large,
            figures.Recall1, figures.Recall10, figures.Recall100, figures.RecallSmall, figures.RecallMedium, figures.RecallLarge,
        ];
        for (int k = 0; k < actual.Length; k++) Assert.Equal((double)scenes["figures"]![k]!, actual[k], 1e-12);
    }

    [Fact]
    public void Right_boxes_with_wrong_masks_are_found_as_boxes_alone()
    {
        var left = RunLengthMask.FromPolygons(10, 10, [[0, 0, 4, 0, 4, 10, 0, 10]]);
        var right = RunLengthMask.FromPolygons(10, 10, [[5, 0, 10, 0, 10, 10, 5, 10]]);
        BoxAnnotation truth = new(0, 0, 10, 10, 0) { Mask = left };
        DetectedBox answer = new(0, 0, 10, 10, 0, 0.9) { Mask = right };
        CocoEvaluation boxes = new(1), masks = new(1, CocoOverlap.Masks);
        boxes.Add([truth], [answer]);
        masks.Add([truth], [answer]);
        Assert.Equal(1, boxes.Summarize().AveragePrecision, 1e-12);
        Assert.Equal(0, masks.Summarize().AveragePrecision, 1e-12);
    }

    [Fact]
    public void A_missing_mask_or_one_of_another_size_is_named()
    {
        var evaluation = new CocoEvaluation(1, CocoOverlap.Masks);
        var some = RunLengthMask.Empty(4, 4);
        Assert.Contains("annotation has no mask",
            Assert.Throws<ArgumentException>(() => evaluation.Add([new BoxAnnotation(0, 0, 1, 1, 0)], [])).Message);
        Assert.Contains("detection has no mask",
            Assert.Throws<ArgumentException>(() => evaluation.Add([], [new DetectedBox(0, 0, 1, 1, 0, 1)])).Message);
        Assert.Contains("several sizes",
            Assert.Throws<ArgumentException>(() => evaluation.Add([new BoxAnnotation(0, 0, 1, 1, 0) { Mask = some }],
                [new DetectedBox(0, 0, 1, 1, 0, 1) { Mask = RunLengthMask.Empty(4, 5) }])).Message);
        Assert.Equal(0, evaluation.Pictures);
    }

    [Fact]
    public void Segments_have_the_panoptic_quality_of_the_official_code()
    {
        var figures = MaskTests.Figures()["panoptic"]!;
        var quality = new PanopticQuality([true, true, false]);
        foreach (var pair in figures["pictures"]!.AsArray()) quality.Add(Map(pair![0]!), Map(pair[1]!));
        foreach (var (name, kind) in new (string, bool?)[] { ("all", null), ("things", true), ("stuff", false) })
        {
            var actual = quality.Summarize(kind);
            double[] official = [.. figures[name]!.AsArray().Select(number => (double)number!)];
            Assert.Equal(official[0], actual.Quality, 1e-12);
            Assert.Equal(official[1], actual.Segmentation, 1e-12);
            Assert.Equal(official[2], actual.Recognition, 1e-12);
            Assert.Equal(official[3], actual.Classes);
        }
    }

    [Fact]
    public void A_perfect_answer_has_quality_one_and_another_class_none()
    {
        var truth = new PanopticMap(4, 1, [1, 1, 2, 0], [new(1, 0), new(2, 1)]);
        var same = new PanopticQuality([true, false]);
        same.Add(truth, new PanopticMap(4, 1, [9, 9, 5, 5], [new(9, 0), new(5, 1)])); // void pixels count for nobody
        Assert.Equal(new PanopticFigures(1, 1, 1, 2), same.Summarize());
        var other = new PanopticQuality([true, false]);
        other.Add(truth, new PanopticMap(4, 1, [9, 9, 5, 0], [new(9, 1), new(5, 0)]));
        Assert.Equal(new PanopticFigures(0, 0, 0, 2), other.Summarize());
    }

    [Fact]
    public void Half_of_the_union_is_not_enough()
    {
        var quality = new PanopticQuality([true]);
        quality.Add(new PanopticMap(3, 1, [1, 1, 0], [new(1, 0)]), new PanopticMap(3, 1, [1, 0, 0], [new(1, 0)]));
        Assert.Equal(0, quality.Summarize().Quality); // 1 of 2
        quality.Add(new PanopticMap(3, 1, [1, 1, 1], [new(1, 0)]), new PanopticMap(3, 1, [1, 1, 0], [new(1, 0)]));
        Assert.Equal((2.0 / 3) / (1 + 0.5 + 0.5), quality.Summarize().Quality, 1e-12);
        Assert.Equal(2.0 / 3, quality.Summarize().Segmentation, 1e-12);
        Assert.Equal(0.5, quality.Summarize().Recognition, 1e-12);
    }

    [Fact]
    public void An_answer_in_a_crowd_or_in_the_void_is_not_wrong()
    {
        var quality = new PanopticQuality([true, true]);
        quality.Add(new PanopticMap(6, 1, [1, 1, 1, 2, 0, 0], [new(1, 0, IsCrowd: true), new(2, 1)]),
            new PanopticMap(6, 1, [4, 4, 3, 3, 5, 5], [new(4, 0), new(3, 1), new(5, 0)]));
        // 4 lies in its class's crowd, 5 in the void; 3 shares 1 of 2 with segment 2: half of it in another class's crowd excuses nothing.
        Assert.Equal(0, quality.Summarize().Quality);
        Assert.Equal(1, quality.Summarize().Classes);
        Assert.True(double.IsNaN(quality.ByClass()[0]));
    }

    [Fact]
    public void Without_classes_there_are_no_figures_and_what_does_not_fit_is_refused()
    {
        var quality = new PanopticQuality([true]);
        Assert.True(double.IsNaN(quality.Summarize().Quality));
        Assert.Throws<ArgumentException>(() => quality.Add(new PanopticMap(2, 1, [0, 0], []), new PanopticMap(1, 2, [0, 0], [])));
        Assert.Throws<ArgumentException>(() => quality.Add(new PanopticMap(1, 1, [1], [new(1, 1)]), new PanopticMap(1, 1, [0], [])));
    }

    private static PanopticMap Map(JsonNode node) => new(
        24, 18, [.. node["ids"]!.AsArray().Select(id => (int)id!)],
        [.. node["segments"]!.AsArray()
            .Select(segment => new PanopticSegmentLabel((int)segment![0]!, (int)segment[1]!, (int)segment[2]! == 1))]);
}
