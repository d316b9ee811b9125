using System.Text;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.DensePrediction.DepthSegmentation;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.DepthSegmentation;

/// <summary>Depth from frames, classes from few labels, and pictures chosen for labels.</summary>
[Collection(LiveTensors.Name)]
public sealed class DepthTrainingTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-depth-").FullName;
    private readonly SmallRuns runs;

    public DepthTrainingTests() => runs = new SmallRuns(root, new DepthSegmentationSystem());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Depth_that_was_stopped_goes_on_bit_for_bit_and_teaches_classes_and_choice()
    {
        var depth = runs.StopsAndGoesOn(runs.Asked("sde", "sde_r18", Drive(), 64));
        Assert.Equal("photometric", depth.Run.Watched);
        Assert.Equal("frames", runs.EvaluatesAsItTrained("whole", depth).Items);
        var target = runs.Target("whole", depth);
        using (var session = target.Open<Session<Picture, DepthAnswer, DepthSettings>>(Verb.EstimateDepth, new() { Device = Device.Cpu }))
        {
            Assert.Equal(96, session.Ask(Frame(0), cancellation: Cancellation).Colours.Picture.Width);
        }

        using (var session = target.Open<Session<PictureSet, SelectAnswer, SelectSettings>>(Verb.Select, new() { Device = Device.Cpu }))
        {
            var pool = PictureSet.Of([.. Enumerable.Range(0, 5).Select(k => Picture.Of(Frame(3 * k), $"{k}.png"))]);
            var answer = session.Ask(pool, new SelectSettings { Count = 3 }, cancellation: Cancellation);
            string[] chosen = Encoding.UTF8.GetString(answer.List.Bytes.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(3, chosen.Distinct().Count());
            Assert.ThrowsAny<UsageException>(() => session.Ask(pool, new SelectSettings { Count = 6 }, cancellation: Cancellation));
        }

        var asked = Classes();
        string weights = Path.Combine(root, "whole", "best.ckpt");
        var own = asked.Of<PixelTrainingSettings>() with { Depth = weights };
        var (_, settled) = runs.Train(asked with { Settings = own }, "joint");
        Assert.Equal(["ground", "thing"], settled.Classes);
        using var segment = runs.Target("joint", settled).Open<Session<Picture, StreetAnswer, StreetSettings>>(
            Verb.Segment, new() { Device = Device.Cpu });
        var told = segment.Ask(Frame(0), cancellation: Cancellation).Classes;
        Assert.Equal(["ground", "thing"], told.Names);
        Assert.Equal(96 * 64, told.Classes.Count);
        var report = new PixelMethod().Evaluate(runs.Trained("joint", settled), null, 1, null, Cancellation);
        Assert.Equal(1, report.Count);
    }

    [Fact]
    public void Classes_that_were_stopped_go_on_bit_for_bit_with_their_teacher()
    {
        var settled = runs.StopsAndGoesOn(Classes());
        Assert.Equal("mIoU", settled.Run.Watched);
    }

    [Fact]
    public void A_camera_that_stands_still_is_told_not_learned()
    {
        string folder = Path.Combine(root, "still");
        Directory.CreateDirectory(folder);
        for (int k = 0; k < 24; k++) Frame(0).Save(Path.Combine(folder, $"{k}.png"));
        var error = Assert.Throws<DataException>(() => runs.Open(runs.Asked("sde", "sde_r18", folder, 64)));
        Assert.Contains("stands still", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lens_is_scaled_with_its_frames_and_mirrored_with_them()
    {
        string folder = Drive();
        var sequence = FrameSequences.Open(folder, Path.Combine(root, "cache"), 64, cancellation: Cancellation)[0];
        var camera = CameraFile.Of(sequence, folder, 96, 64)!;
        float[] half = camera.Matrix(48, 32, isMirrored: false), mirrored = camera.Matrix(48, 32, isMirrored: true);
        Assert.Equal((40, 20), (half[0], half[2]));
        Assert.Equal(48 - 20, mirrored[2]);
        using var scope = new TensorScope();
        var product = Tensor.From(half, [4, 4]).Matmul(Tensor.From(camera.Inverse(48, 32, false), [4, 4]));
        Assert.True((product - Tensor.Eye(4)).Abs().Max().Item<float>() < 1e-5);
        File.WriteAllText(Path.Combine(folder, "intrinsics.txt"), "80 wide 40 30");
        Assert.Contains("wide", Assert.Throws<DataException>(() => CameraFile.Of(sequence, folder, 96, 64)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_are_in_the_order_of_their_numbers()
    {
        string folder = Drive();
        var files = FrameSequences.Open(folder, Path.Combine(root, "cache"), 64, cancellation: Cancellation)[0].Files;
        Assert.Equal([.. Enumerable.Range(0, 12).Select(k => $"{k}.png")], files.Select(Path.GetFileName));
    }

    /// <summary>Frames of a camera that moves sideways past a wall and a near post.</summary>
    private static Image Frame(int k)
    {
        var image = new Image(96, 64);
        for (int y = 0; y < 64; y++)
        {
            for (int x = 0; x < 96; x++)
            {
                bool isPost = Math.Abs(x - 70 + (4 * k)) < 8;
                int far = x + k, near = x + (4 * k);
                double value = isPost ? 128 + (100 * Math.Sin(near * 0.9)) : 128 + (60 * Math.Sin(far * 0.35)) + (50 * Math.Sin(y * 0.5));
                image.Row(y)[3 * x] = (byte)value;
                image.Row(y)[(3 * x) + 1] = (byte)(255 - value);
                image.Row(y)[(3 * x) + 2] = (byte)(isPost ? 200 : 60);
            }
        }

        return image;
    }

    private string Drive()
    {
        string folder = Path.Combine(root, "drive");
        Directory.CreateDirectory(folder);
        for (int k = 0; k < 12; k++) Frame(k).Save(Path.Combine(folder, $"{k}.png"));
        File.WriteAllText(Path.Combine(folder, "intrinsics.txt"), "80 80 40 32\n");
        return folder;
    }

    private RunConfiguration Classes()
    {
        string folder = Path.Combine(root, "classes");
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "labels"));
        for (int k = 0; k < 8; k++)
        {
            Frame(k).Save(Path.Combine(folder, "images", $"{k}.png"));
            if (k >= 5) continue;
            var labels = new Image(96, 64, 1);
            for (int y = 0; y < 64; y++)
            {
                for (int x = 0; x < 96; x++) labels.Row(y)[x] = (byte)(Math.Abs(x - 70 + (4 * k)) < 8 ? 1 : y == 0 ? 255 : 0);
            }

            labels.Save(Path.Combine(folder, "labels", $"{k}.png"));
        }

        File.WriteAllText(Path.Combine(folder, "classes.txt"), "ground\nthing\n");
        return runs.Asked("depthmix", "joint_r18", folder, 64);
    }
}
