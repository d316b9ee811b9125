using FsCheck;
using FsCheck.Fluent;
using Sconce.Data;
using Sconce.Metrics;
using Xunit;

namespace Sconce.Tests.Metrics;

/// <summary>Cases worked by hand after pycocotools' COCOeval.</summary>
public class CocoEvaluationTests
{
    private static BoxAnnotation Truth(float left, float top, float right, float bottom, int label = 0) =>
        new(left, top, right, bottom, label);

    private static DetectedBox Found(double left, double top, double right, double bottom, double score, int label = 0) =>
        new(left, top, right, bottom, label, score);

    [Fact]
    public void A_perfect_answer_has_one_everywhere_where_there_is_something()
    {
        var evaluation = new CocoEvaluation(2);
        evaluation.Add([Truth(0, 0, 20, 20), Truth(0, 0, 100, 100, 1)], [Found(0, 0, 20, 20, 0.9), Found(0, 0, 100, 100, 0.3, 1)]);
        var figures = evaluation.Summarize();
        Assert.Equal(1, figures.AveragePrecision, 1e-12);
        Assert.Equal(1, figures.Small, 1e-12);
        Assert.True(double.IsNaN(figures.Medium));
        Assert.Equal(1, figures.Large, 1e-12);
        Assert.Equal(1, figures.Recall1, 1e-12);
        Assert.Equal([1.0, 1.0], evaluation.ByClass().Select(value => Math.Round(value, 12)));
    }

    [Fact]
    public void A_false_answer_above_a_right_one_halves_the_precision()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 10, 10)], [Found(50, 50, 60, 60, 0.9), Found(0, 0, 10, 10, 0.8)]);
        Assert.Equal(0.5, evaluation.Summarize().At50, 1e-12);
    }

    [Fact]
    public void A_false_answer_below_all_right_ones_costs_nothing()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 10, 10)], [Found(50, 50, 60, 60, 0.1), Found(0, 0, 10, 10, 0.8)]);
        Assert.Equal(1, evaluation.Summarize().At50, 1e-12);
    }

    [Fact]
    public void Half_the_objects_found_is_precision_one_at_51_of_101_recalls()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 10, 10), Truth(50, 0, 60, 10)], [Found(0, 0, 10, 10, 0.8)]);
        var figures = evaluation.Summarize();
        Assert.Equal(51 / 101.0, figures.At50, 1e-12);
        Assert.Equal(0.5, figures.Recall100, 1e-12);
    }

    [Fact]
    public void An_overlap_of_two_thirds_counts_at_the_four_thresholds_below_it()
    {
        // 10 x 10 and the same moved by 2: 80 shared of 120.
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 10, 10)], [Found(2, 0, 12, 10, 0.8)]);
        var figures = evaluation.Summarize();
        Assert.Equal(0.4, figures.AveragePrecision, 1e-12);
        Assert.Equal(1, figures.At50, 1e-12);
        Assert.Equal(0, figures.At75, 1e-12);
    }

    [Fact]
    public void A_second_answer_for_one_object_is_wrong()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 10, 10), Truth(50, 0, 60, 10)],
            [Found(0, 0, 10, 10, 0.9), Found(0, 0, 10, 10, 0.8), Found(50, 0, 60, 10, 0.7)]);
        // Precision 1 up to recall 0.5 (51 points), then 2/3 (50 points).
        Assert.Equal((51 + (50 * 2 / 3.0)) / 101, evaluation.Summarize().At50, 1e-12);
    }

    [Fact]
    public void A_crowd_swallows_any_number_of_answers_and_is_not_missed()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 10, 10), Truth(100, 100, 200, 200) with { IsCrowd = true }],
            [Found(110, 110, 120, 120, 0.95), Found(130, 130, 140, 140, 0.9), Found(0, 0, 10, 10, 0.8)]);
        Assert.Equal(1, evaluation.Summarize().AveragePrecision, 1e-12);
    }

    [Fact]
    public void Answers_larger_than_the_range_are_not_counted_against_it()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 20, 20)], [Found(200, 0, 400, 200, 0.9), Found(0, 0, 20, 20, 0.8)]);
        var figures = evaluation.Summarize();
        Assert.Equal(1, figures.Small, 1e-12);
        Assert.Equal(0.5, figures.At50, 1e-12);
    }

    [Fact]
    public void The_outlines_area_not_the_boxs_says_how_large_an_object_is()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 100, 100) with { OutlineArea = 500 }], [Found(0, 0, 100, 100, 0.8)]);
        var figures = evaluation.Summarize();
        Assert.Equal(1, figures.Small, 1e-12);
        Assert.True(double.IsNaN(figures.Large));
    }

    [Fact]
    public void One_box_a_picture_recalls_one_object_a_picture()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 10, 10), Truth(50, 0, 60, 10)], [Found(0, 0, 10, 10, 0.9), Found(50, 0, 60, 10, 0.8)]);
        var figures = evaluation.Summarize();
        Assert.Equal(0.5, figures.Recall1, 1e-12);
        Assert.Equal(1, figures.Recall10, 1e-12);
    }

    [Fact]
    public void The_hundred_and_first_answer_of_a_picture_does_not_count()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([Truth(0, 0, 10, 10)],
            [.. Enumerable.Range(0, 100).Select(k => Found(500, 500, 510, 510, 0.9)), Found(0, 0, 10, 10, 0.1)]);
        Assert.Equal(0, evaluation.Summarize().At50, 1e-12);
    }

    [Fact]
    public void Without_objects_there_are_no_figures()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add([], [Found(0, 0, 10, 10, 0.9)]);
        Assert.True(double.IsNaN(evaluation.Summarize().AveragePrecision));
    }

    [Fact]
    public void Scores_matter_by_their_order_alone() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        CocoEvaluation plain = new(2), squared = new(2);
        for (int picture = 0; picture < 4; picture++)
        {
            BoxAnnotation[] truths = [.. Enumerable.Range(0, random.Next(1, 4))
                .Select(_ => Truth(random.Next(40), random.Next(40), 41 + random.Next(40), 41 + random.Next(40), random.Next(2)))];
            DetectedBox[] boxes = [.. Enumerable.Range(0, random.Next(6))
                .Select(_ => Found(random.Next(40), random.Next(40), 41 + random.Next(40), 41 + random.Next(40), random.NextDouble(),
                    random.Next(2)))];
            plain.Add(truths, boxes);
            squared.Add(truths, [.. boxes.Select(box => box with { Score = box.Score * box.Score })]);
        }

        return plain.Summarize() == squared.Summarize();
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void A_label_outside_the_classes_is_refused()
    {
        var evaluation = new CocoEvaluation(2);
        Assert.Throws<ArgumentException>(() => evaluation.Add([], [Found(0, 0, 1, 1, 0.5, 2)]));
        Assert.Throws<ArgumentException>(() => evaluation.Add([Truth(0, 0, 1, 1, -1)], []));
        Assert.Throws<ArgumentException>(() => evaluation.Add([], [Found(0, 0, 1, 1, double.NaN)]));
    }

    /// <summary>40 pictures of 137 objects, crowds among them, with 196 answers; the figures are those of COCOeval (cocodataset/cocoapi
    /// PythonAPI, its bounding box overlap in numpy).</summary>
    [Fact]
    public void Random_scenes_have_the_figures_of_the_official_code()
    {
        uint state = 12345;
        int Next(int below)
        {
            state = unchecked((state * 1103515245) + 12345) & 0x7FFFFFFF;
            return (int)((state >> 16) % (uint)below);
        }

        var evaluation = new CocoEvaluation(3);
        for (int picture = 0; picture < 40; picture++)
        {
            List<BoxAnnotation> truths = [];
            List<DetectedBox> found = [];
            for (int objects = Next(7); objects > 0; objects--)
            {
                int size = new[] { 20, 60, 200 }[Next(3)];
                int left = Next(300), top = Next(250), width = 5 + Next(size), height = 5 + Next(size), label = Next(3);
                bool crowd = Next(10) == 0;
                truths.Add(Truth(left, top, left + width, top + height, label) with
                { IsCrowd = crowd, OutlineArea = width * height * 3 / 4 });
                for (int answers = Next(3); answers > 0; answers--)
                {
                    int margin = 1 + (size / 10);
                    int x = left + Next(margin), y = top + Next(margin), wide = Math.Max(1, width + Next(margin) - (margin / 2)),
                        high = Math.Max(1, height + Next(margin) - (margin / 2));
                    int named = Next(6) != 0 ? label : Next(3);
                    found.Add(Found(x, y, x + wide, y + high, Next(1000) / 1000.0, named));
                }
            }

            for (int wrong = Next(4); wrong > 0; wrong--)
            {
                int label = Next(3), left = Next(300), top = Next(250), width = 5 + Next(200), height = 5 + Next(200);
                found.Add(Found(left, top, left + width, top + height, Next(1000) / 1000.0, label));
            }

            evaluation.Add(truths, found);
        }

        var figures = evaluation.Summarize();
        double[] official =
        [
            0.0825749853496606, 0.191776328440173, 0.0727024172553218, 0.119065540290254, 0.0730387233798823, 0.0947609376322248,
            0.104273823350478, 0.233047582176502, 0.233047582176502, 0.218524712002973, 0.219444444444444, 0.408333333333333,
        ];
        double[] actual =
        [
            figures.AveragePrecision, figures.At50, figures.At75, figures.Small, figures.Medium, figures.Large,
            figures.Recall1, figures.Recall10, figures.Recall100, figures.RecallSmall, figures.RecallMedium, figures.RecallLarge,
        ];
        for (int k = 0; k < official.Length; k++) Assert.Equal(official[k], actual[k], 1e-12);
    }
}
