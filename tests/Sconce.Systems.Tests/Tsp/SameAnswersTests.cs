using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Systems.Detection;
using Xunit;

namespace Sconce.Systems.Tests.Tsp;

public sealed class SameAnswersTests
{
    private readonly List<string> said = [];

    [Fact]
    public void One_box_for_every_picture_is_told_at_the_second_evaluation_and_once()
    {
        var watch = new SameAnswers(said.Add);
        for (int evaluation = 0; evaluation < 4; evaluation++)
        {
            Evaluate(watch, looks: false, moves: true);
            Assert.Equal(evaluation == 0 ? 0 : 1, said.Count);
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)] // objects that all stand in one place are answered in one place
    [InlineData(true, false)]
    public void A_detector_that_looks_is_not_told_of(bool looks, bool moves)
    {
        var watch = new SameAnswers(said.Add);
        for (int evaluation = 0; evaluation < 3; evaluation++) Evaluate(watch, looks, moves);
        Assert.Empty(said);
    }

    [Fact]
    public void Pictures_without_objects_or_answers_say_nothing()
    {
        var watch = new SameAnswers(said.Add);
        for (int evaluation = 0; evaluation < 3; evaluation++)
        {
            for (int k = 0; k < 8; k++)
            {
                watch.Add(Example(k, true) with { Boxes = [] }, [new DetectedBox(0, 0, 10, 10, 0, 1)]);
                watch.Add(Example(k, true), []);
            }

            watch.End();
        }

        Assert.Empty(said);
    }

    [Fact]
    public void Pictures_with_more_objects_than_are_answered_are_counted()
    {
        string folder = Directory.CreateTempSubdirectory("sconce-crowded-").FullName;
        try
        {
            ImageExample Of(int boxes) => Example(0, true) with
            {
                Boxes = [.. Enumerable.Range(0, boxes).Select(k => new BoxAnnotation(k % 10, k / 10, (k % 10) + 5, (k / 10) + 5, 0))],
            };
            DetectionPictures.Write(folder, "train", Datasets.InMemory<ImageExample>([Of(100), Of(101), Of(0)]), "thing");
            Assert.Equal(1, DetectionRun.Crowded(DetectionDataset.OpenCoco(Path.Combine(folder, "train.json"))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Evaluate(SameAnswers watch, bool looks, bool moves)
    {
        for (int k = 0; k < 6; k++)
        {
            var example = Example(k, moves);
            var own = looks ? DetectedBox.Of(example.Boxes[0]) : new DetectedBox(30 + k, 30, 60 + k, 60, 0, 0.9);
            watch.Add(example, [own with { Score = 0.3 }, own with { Left = 0, Right = 3, Score = 0.1 }]);
        }

        watch.End();
    }

    private static ImageExample Example(int k, bool moves)
    {
        int left = moves ? 15 * k : 30;
        return new ImageExample(new Image(100, 100)) { Boxes = [new BoxAnnotation(left, 30, left + 25, 60, 0)] };
    }
}
