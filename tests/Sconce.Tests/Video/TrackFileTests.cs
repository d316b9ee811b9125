using FsCheck;
using FsCheck.Fluent;
using Sconce.Video;
using Xunit;

namespace Sconce.Tests.Video;

public sealed class TrackFileTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"sconce-tracks-{Guid.NewGuid():N}.txt");

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Boxes_come_back_as_they_were_written_in_both_formats() => Prop.ForAll(
        Gen.Choose(0, 10_000).ToArbitrary(),
        seed =>
        {
            var random = new Random(seed);
            List<TrackBox> boxes = [.. Enumerable.Range(0, 9)
                .Select(k => new TrackBox(1 + (k / 2), k - 1, random.NextDouble() * 1000, -random.NextDouble(), random.NextDouble() * 100,
                    0)
            {
                Confidence = random.NextDouble(), Label = k % 3 == 0 ? null : k,
            })];
            return Enum.GetValues<TrackFormat>().All(format =>
            {
                using (var writer = new StreamWriter(path))
                {
                    foreach (var box in boxes) TrackFile.Write(writer, box, format);
                }

                return TrackFile.Read(path).SequenceEqual(boxes);
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Detections_of_the_benchmark_have_no_identity_and_no_class()
    {
        File.WriteAllText(path,
            "\uFEFF2,-1,1359.1,413.27,120.26,362.77,2.3092,-1,-1,-1\r\n\n1,-1,571.03,402.13,104.56,315.68,1.5028,-1,-1,-1\r\n");
        var boxes = TrackFile.Read(path);
        Assert.Equal([1, 2], boxes.Select(box => box.Frame));
        Assert.All(boxes, box => Assert.Equal((-1, (int?)null), (box.Id, box.Label)));
        Assert.Equal(1.5028, boxes[0].Confidence);
    }

    [Theory]
    [InlineData("1,1,0,0,10", "5 fields")]
    [InlineData("1,1,0,0,10,ten", "height")]
    [InlineData("0,1,0,0,10,10", "count from 1")]
    [InlineData("1,1,0,0,-10,10", "is none")]
    [InlineData("1,1,NaN,0,10,10", "left")]
    [InlineData("1,1.5,0,0,10,10", "whole")]
    [InlineData("9,1,0,0,10,10", "the video has 5")]
    [InlineData("{\"frame\":1}", "box")]
    [InlineData("{\"frame\":1,\"box\":[0,0,10]}", "box")]
    [InlineData("{\"frame\":\"1\",\"box\":[0,0,10,10]}", "frame")]
    [InlineData("{\"frame\":1,\"box\":[0,0,1e999,10]}", "none")]
    [InlineData("{\"frame\":1,", "")]
    public void A_damaged_line_is_refused_with_its_number(string line, string fault)
    {
        File.WriteAllText(path, $"1,1,0,0,10,10\n{line}\n");
        var error = Assert.Throws<VideoException>(() => TrackFile.Read(path, 5));
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_saved_whole_is_read()
    {
        TrackBox[] boxes = [new(2, 1, 0, 0, 5, 5), new(1, 1, 1, 1, 5, 5)];
        TrackFile.Save(path, boxes, TrackFormat.JsonLines);
        Assert.Equal(boxes.OrderBy(box => box.Frame), TrackFile.Read(path));
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(path, Assert.Throws<VideoException>(() => TrackFile.Read(path)).Message, StringComparison.Ordinal);
}
